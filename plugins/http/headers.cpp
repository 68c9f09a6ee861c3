#include "headers.hpp"

#include <algorithm>

namespace cavra::http {
namespace {

// ASCII alone: names have nothing else (RFC 9110, section 5.1), and no locale has a say.
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_named(const Header& header, std::string_view name) {
  return std::ranges::equal(header.name, name, {}, lower, lower);
}

}  // namespace

void Headers::add(std::string name, std::string value) {
  headers_.push_back({std::move(name), std::move(value)});
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(headers_, [&](const Header& header) { return is_named(header, name); });
  add(std::string(name), std::move(value));
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers_, [&](const Header& header) { return is_named(header, name); });
  if (found == headers_.end()) return std::nullopt;
  return found->value;
}

std::string_view Headers::get(std::string_view name) const {
  return find(name).value_or("");
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

}  // namespace cavra::http
