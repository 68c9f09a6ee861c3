#include "lock_attribute.hpp"

#include <algorithm>
#include <charconv>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"

namespace cavra::local_worm {
namespace {

// Takes "name=value" and the space after it from the front of `text`.
std::optional<std::string_view> take(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name) || !text.substr(name.size()).starts_with('=')) return std::nullopt;
  text.remove_prefix(name.size() + 1);
  const std::string_view value = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(value.size() + 1, text.size()));
  return value;
}

}  // namespace

std::string format_lock_attribute(const LockAttribute& attribute) {
  const std::string until =
      attribute.retain_until_unix_s ? format_utc({.unix_s = *attribute.retain_until_unix_s}) : "-";
  return "v1 retain_until=" + until + " size=" + std::to_string(attribute.size) +
         " sha256=" + to_hex(attribute.sha256);
}

std::optional<LockAttribute> parse_lock_attribute(std::string_view text) {
  constexpr std::string_view kVersion = "v1 ";
  std::string_view rest = text;
  if (text.size() > kMaxLockAttributeBytes || !rest.starts_with(kVersion)) return std::nullopt;
  rest.remove_prefix(kVersion.size());
  const auto until = take(rest, "retain_until");
  if (!until) return std::nullopt;
  const auto size = take(rest, "size");
  if (!size) return std::nullopt;
  const auto sha256 = take(rest, "sha256");
  if (!sha256) return std::nullopt;

  LockAttribute attribute;
  if (*until != "-") {
    const auto date = parse_rfc3339(*until);
    if (!date) return std::nullopt;
    attribute.retain_until_unix_s = date->at.unix_s;
  }
  if (std::from_chars(size->data(), size->data() + size->size(), attribute.size).ec != std::errc{})
    return std::nullopt;
  const auto digest = from_hex(*sha256);
  if (!digest || digest->size() != attribute.sha256.size()) return std::nullopt;
  std::ranges::copy(*digest, attribute.sha256.begin());
  // One text for one value: surplus, other spellings and fractions fall here.
  if (format_lock_attribute(attribute) != text) return std::nullopt;
  return attribute;
}

}  // namespace cavra::local_worm
