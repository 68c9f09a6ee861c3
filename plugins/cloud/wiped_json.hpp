// A JSON object that has secrets in it: what was read of it lies in memory that is wiped.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace cavra::cloud {

class WipedJson {
 public:
  explicit WipedJson(std::string_view json);
  ~WipedJson();
  WipedJson(const WipedJson&) = delete;
  WipedJson& operator=(const WipedJson&) = delete;

  [[nodiscard]] bool is_object() const;
  // "", where it is missing or null. None: it is no text. Lent until this goes.
  [[nodiscard]] std::optional<std::string_view> text(const char* name) const;
  // None: it is missing, or no whole number.
  [[nodiscard]] std::optional<std::int64_t> number(const char* name) const;
  // The same, and a text of a number, as some send it.
  [[nodiscard]] std::optional<std::int64_t> number_or_text(const char* name) const;
  // The whole numbers of an array; none, where it is missing or something else.
  [[nodiscard]] std::vector<std::int64_t> numbers(const char* name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cavra::cloud
