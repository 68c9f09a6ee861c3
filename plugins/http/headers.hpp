// Header fields of a message, in their order; names are compared without regard to case.
//
// A value.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cavra::http {

struct Header {
  std::string name;
  std::string value;
  friend bool operator==(const Header&, const Header&) = default;
};

class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> headers) : headers_(headers) {}

  void add(std::string name, std::string value);
  // Replaces all of that name.
  void set(std::string_view name, std::string value);
  // The first of that name: its value, lent until the next change.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  // The same, or "".
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] const std::vector<Header>& all() const noexcept { return headers_; }

 private:
  std::vector<Header> headers_;
};

// Lower-case ASCII of a header's name.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace cavra::http
