#include "trust_root_file.hpp"

#include <algorithm>

#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"

namespace cavra::cli {

namespace {

// What a replacement takes away, in words; empty where nothing. Errors: refused.
Result<std::string> dropped_roots(const std::string& file, std::span<const TrustRoot> roots) {
  const auto earlier = FileTrustRoots::load(file);
  if (!earlier && earlier.error().code == ErrorCode::usage)
    return Error{ErrorCode::refused, quoted(file) +
                                         " is there, and is no trust-root file: it is not "
                                         "replaced; name another file"};
  if (!earlier) return "note: what was there did not hold: " + earlier.error().message;
  std::string dropped;
  for (const TrustRoot& root : earlier->all()) {
    const bool stays = std::ranges::any_of(roots, [&](const TrustRoot& other) {
      return other.key_id == root.key_id && other.key == root.key;
    });
    if (!stays) dropped += (dropped.empty() ? "" : ", ") + quoted(root.key_id);
  }
  if (dropped.empty()) return dropped;
  return "note: no longer in " + quoted(file) + ": " + dropped +
         "; what those keys signed does not verify with it";
}

}  // namespace

Option replace_option() {
  return {"replace", Option::Kind::flag, "",
          "Replace a trust-root file that is there; roots that go with it are named", ""};
}

Result<void> write_trust_root_file(const Arguments& arguments, const JsonValue& document,
                                   std::span<const TrustRoot> roots, Output& output) {
  const std::string file = arguments.text("output");
  const bool may_replace = arguments.flag("replace");
  std::error_code problem;
  const bool is_there = std::filesystem::exists(std::filesystem::symlink_status(file, problem));
  if (is_there && !may_replace)
    return Error{ErrorCode::refused, quoted(file) +
                                         " is there already and is not overwritten; name another "
                                         "file, or say --replace"};
  std::string note;
  if (is_there) {
    CAVRA_TRY(note, dropped_roots(file, roots));
  }
  const std::string text = pretty_json(document) + "\n";
  CAVRA_CHECK(write_file(file, as_bytes(text), 0644, may_replace ? Overwrite::yes : Overwrite::no));
  if (!note.empty()) output.note(note);
  return {};
}

}  // namespace cavra::cli
