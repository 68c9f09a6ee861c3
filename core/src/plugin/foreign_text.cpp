#include "plugin/foreign_text.hpp"

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"

namespace cavra::plugin {

namespace {

Error rubbish(std::string_view field, std::string_view what) {
  return {ErrorCode::internal, std::string(field) + ' ' + std::string(what)};
}

// What printable() would change has no place in an answer. Each byte grows to at most 10.
bool is_printable(std::string_view text) {
  return printable(text, text.size() * 10 + 16) == text;
}

}  // namespace

Result<std::string> checked_text(cavra_str text, std::string_view field, std::size_t most) {
  if (text.len == 0) return std::string();
  if (text.data == nullptr) return rubbish(field, "has a length and no text");
  if (text.len > most)
    return rubbish(field,
                   "has " + std::to_string(text.len) + " bytes, more than " + std::to_string(most));
  const std::string_view view{text.data, text.len};
  if (!is_utf8(view)) return rubbish(field, "is not UTF-8: " + quoted(view, 100));
  if (!is_printable(view))
    return rubbish(field, "has characters that cannot be seen: " + quoted(view, 100));
  return std::string(view);
}

Result<std::string> required_text(cavra_str text, std::string_view field, std::size_t most) {
  if (text.len == 0) return rubbish(field, "is empty");
  return checked_text(text, field, most);
}

Result<std::string> array_text(const char* array, std::size_t capacity, std::uint32_t length,
                               std::string_view field) {
  if (length > capacity)
    return rubbish(field, "says that it has " + std::to_string(length) + " bytes, where " +
                              std::to_string(capacity) + " are");
  return checked_text({array, length}, field, capacity);
}

Result<bool> checked_flag(std::uint32_t value, std::string_view field) {
  if (value > 1) return rubbish(field, "is " + std::to_string(value) + ", neither 0 nor 1");
  return value == 1;
}

Result<LockMode> checked_mode(std::uint32_t value) {
  switch (value) {
    case CAVRA_MODE_NONE:
    case CAVRA_MODE_ADVISORY:
    case CAVRA_MODE_GOVERNANCE:
    case CAVRA_MODE_COMPLIANCE:
      return LockMode{value};
    default:
      return rubbish("mode", std::to_string(value) + " does not exist");
  }
}

Result<std::optional<std::int64_t>> checked_date(std::int64_t unix_s, std::string_view field) {
  if (unix_s == CAVRA_NO_DATE) return std::optional<std::int64_t>();
  if (unix_s < kMinUnixSeconds || unix_s > kMaxUnixSeconds)
    return rubbish(field, "is @" + std::to_string(unix_s) + ", outside of the years 1 to 9999");
  return std::optional(unix_s);
}

Result<void> check_key(std::string_view key) {
  const auto unusable = [&](std::string_view why) {
    return Error{ErrorCode::usage, "the key " + quoted(key, 200) + ' ' + std::string(why)};
  };
  if (!is_listable_key(key)) return unusable("is empty, too long or not UTF-8");
  for (std::string_view rest = key;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return unusable("has an unusable part");
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

bool is_listable_key(std::string_view key) {
  return !key.empty() && key.size() <= CAVRA_MAX_KEY_BYTES && is_utf8(key) &&
         key.find('\0') == std::string_view::npos;
}

}  // namespace cavra::plugin
