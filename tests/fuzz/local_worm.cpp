// What the local store reads back from its disk, and the keys that it is given.
#include "documents.hpp"
#include "fuzz.hpp"
#include "lock_attribute.hpp"
#include "object_key.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

using namespace cavra::local_worm;

void check_key(std::string_view text) {
  const auto key = ObjectKey::parse(text);
  if (!key) return require_fine(key.error());
  std::string joined;
  for (const std::string& folder : key->folders())
    joined += folder + '/';
  require(joined + key->name() == text && key->text() == text, "a key's path is the key");
  require(!text.starts_with(kStoreFolder), "no key is in the store's own folder");
  for (const std::string& part : key->folders())
    require(!part.empty() && part != "." && part != ".." && part.size() <= kMaxKeyPartBytes,
            "a part is a name");
  const std::string folded = fold_case(text);
  require(is_utf8(folded) && fold_case(folded) == folded, "folding is done in one go");
  if (!joined.empty()) {
    const auto folders = parse_folder_prefix(joined);
    require(folders && *folders == key->folders(), "a key's folders are a prefix");
  }
}

}  // namespace

void fuzz_local_worm(std::string_view bytes) {
  check_key(bytes);
  if (const auto prefix = parse_folder_prefix(bytes); !prefix) require_fine(prefix.error());
  if (const auto attribute = parse_lock_attribute(bytes))
    require(format_lock_attribute(*attribute) == bytes, "a lock attribute has one text");
  if (const auto marker = parse_marker(bytes))
    require(format_marker(*marker) == bytes, "a marker has one text");
  if (const auto record = parse_record(bytes))
    require(format_record(*record) == bytes, "a record has one text");
}

}  // namespace cavra::fuzz
