// What a plugin answers, one struct at a time, as it comes.
#include "plugin/answers.hpp"

#include <deque>

#include "cavra/abi_struct.hpp"
#include "fuzz.hpp"
#include "plugin/foreign_text.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

using namespace cavra::plugin;

// A struct of any bytes. Its pointers are set afterwards; its size is at most the true one, which a
// plugin cannot lie about without lying about its own memory.
template <class Struct>
Struct any(Input& input) {
  Struct made{};
  const std::string bytes = input.text(sizeof(Struct));
  std::memcpy(&made, bytes.data(), std::min(bytes.size(), sizeof(Struct)));
  made.size = static_cast<std::uint32_t>(made.size % (sizeof(Struct) + 1));
  return made;
}

class Texts {
 public:
  explicit Texts(Input& input) : input_(input) {}
  // Lent as long as this lives; at times nothing, or nothing with a length.
  cavra_str operator()() {
    const std::size_t kind = input_.below(16);
    if (kind == 15) return {nullptr, 5};
    if (kind == 14) return {nullptr, 0};
    return abi::str(kept_.emplace_back(input_.text(5000)));
  }

 private:
  Input& input_;
  std::deque<std::string> kept_;
};

// A text that was taken is UTF-8 without what a terminal obeys.
void require_text(std::string_view text) {
  require_printable(text);
  require(text.size() <= CAVRA_MAX_TEXT_BYTES, "a text has its limit");
}

void require_date(const std::optional<std::int64_t>& unix_s) {
  require(!unix_s || (*unix_s >= -62135596800 && *unix_s <= 253402300799),
          "a date has four digits");
}

template <class Value>
bool is_taken(const Result<Value>& read) {
  if (read) return true;
  require(read.error().code == ErrorCode::internal, "rubbish is the plugin's bug");
  require_fine(read.error());
  return false;
}

void check_info(Input& input) {
  Texts text(input);
  auto info = any<cavra_store_info>(input);
  info.size = sizeof(info);
  info.location = text();
  info.identity = text();
  info.key_prefix = text();
  info.strength = text();
  auto right = any<cavra_right>(input);
  right.name = text();
  right.needed_for = text();
  right.reason = text();
  const std::array<const cavra_right*, 3> rights{&right, input.flag() ? nullptr : &right, &right};
  info.rights = input.flag() ? rights.data() : nullptr;
  if (info.rights_count > 3 && info.rights_count <= 256) info.rights_count %= 4;
  const auto read = read_store_info(info);
  if (!is_taken(read)) return;
  require_text(read->location);
  require_text(read->strength);
  require(read->max_key_bytes <= CAVRA_MAX_KEY_BYTES, "keys have their limit");
  require(read->key_prefix.empty() || check_key(read->key_prefix), "a prefix begins a key");
  require_date(read->last_retain_until_unix_s);
}

void check_results(Input& input) {
  if (const auto read = read_put_result(any<cavra_put_result>(input)); is_taken(read))
    require_text(read->version);
  const auto read = read_object_info(any<cavra_object_info>(input));
  if (!is_taken(read)) return;
  require_text(read->version);
  require_date(read->lock.retain_until_unix_s);
  require_date(read->stored_at_unix_s);
}

void check_told(Input& input) {
  Texts text(input);
  auto entry = any<cavra_list_entry>(input);
  entry.key = text();
  entry.version = text();
  if (const auto read = read_list_entry(&entry); is_taken(read)) {
    require(is_listable_key(read->key) && is_utf8(read->key), "a key is text");
    require_text(read->version);
  }
  auto item = any<cavra_probe_item>(input);
  item.name = text();
  item.message = text();
  if (const auto read = read_probe_item(&item); is_taken(read)) {
    require_text(read->name);
    require_text(read->message);
    require(read->least_retention_s >= 0 && read->least_retention_s <= 253402300799,
            "a period has its limit");
  }
}

}  // namespace

void fuzz_plugin_answers(std::string_view bytes) {
  Input input(bytes);
  while (!input.empty()) {
    switch (input.below(4)) {
      case 0:
        check_info(input);
        break;
      case 1:
        check_results(input);
        break;
      case 2:
        check_told(input);
        break;
      default:
        require_fine(read_failure(input.number<cavra_status>(), any<cavra_error>(input)));
    }
  }
}

}  // namespace cavra::fuzz
