#include "cavra/support/result.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <type_traits>

namespace cavra {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{ErrorCode::usage, "odd: " + std::to_string(number), true};
  return number / 2;
}

Result<std::unique_ptr<int>> boxed_half(int number) {
  CAVRA_TRY(const int result, half(number));
  return std::make_unique<int>(result);
}

Result<void> require_even(int number) {
  CAVRA_TRY([[maybe_unused]] const int ignored, half(number));
  return {};
}

// Several of both in one function, in types that can only be moved, and one after a comma.
Result<std::unique_ptr<int>> sum_of_halves(int a, int b, int checked) {
  CAVRA_TRY(auto first, boxed_half(a));
  CAVRA_TRY(const auto second, boxed_half(b));
  CAVRA_CHECK(require_even(checked));
  CAVRA_CHECK([](int x, int y) { return require_even(x + y); }(checked, 2));
  *first += *second;
  return first;
}

TEST_CASE("a Result is its value or its error") {
  const Result<int> good = half(8);
  REQUIRE(good);
  CHECK(good.has_value());
  CHECK(*good == 4);
  CHECK(good.value() == 4);

  const Result<int> bad = half(7);
  REQUIRE_FALSE(bad);
  CHECK_FALSE(bad.has_value());
  CHECK(bad.error().code == ErrorCode::usage);
  CHECK(bad.error().message == "odd: 7");
  CHECK(bad.error().retryable);
}

TEST_CASE("a Result<void> is nothing or its error") {
  CHECK(Result<void>());
  CHECK(require_even(2));
  const Result<void> bad = require_even(3);
  REQUIRE_FALSE(bad);
  CHECK_FALSE(bad.has_value());
  CHECK(bad.error().message == "odd: 3");
}

TEST_CASE("a Result gives up what can only be moved") {
  static_assert(!std::is_copy_constructible_v<Result<std::unique_ptr<int>>>);
  Result<std::unique_ptr<int>> result = boxed_half(6);
  REQUIRE(result);
  CHECK(**result == 3);
  CHECK(*result->get() == 3);

  Result<std::unique_ptr<int>> moved = std::move(result);
  const std::unique_ptr<int> taken = *std::move(moved);
  REQUIRE(taken);
  CHECK(*taken == 3);

  Result<std::unique_ptr<int>> failed = boxed_half(5);
  const Error error = std::move(failed).error();
  CHECK(error.message == "odd: 5");
}

TEST_CASE("an Error as such keeps a Result<std::string> apart from its value") {
  const Result<std::string> text = std::string("odd: 7");
  const Result<std::string> error = Error{ErrorCode::corrupt, "odd: 7"};
  CHECK(text);
  CHECK_FALSE(error);
}

TEST_CASE("CAVRA_TRY and CAVRA_CHECK leave with the first error, and go on without one") {
  struct Row {
    int a, b, checked;
    std::string_view error;  // none where empty
  };
  for (const auto& [a, b, checked, error] : {
           Row{2, 4, 6, ""},
           Row{1, 3, 5, "odd: 1"},
           Row{2, 3, 5, "odd: 3"},
           Row{2, 4, 5, "odd: 5"},
       }) {
    CAPTURE(a);
    CAPTURE(b);
    CAPTURE(checked);
    const auto result = sum_of_halves(a, b, checked);
    REQUIRE(result.has_value() == error.empty());
    if (result) {
      CHECK(**result == 3);
    } else {
      CHECK(result.error().message == error);
      CHECK(result.error().code == ErrorCode::usage);
      CHECK(result.error().retryable);
    }
  }
}

TEST_CASE("CAVRA_TRY can assign to what is there") {
  const auto twice = [](int number) -> Result<int> {
    int result = 0;
    CAVRA_TRY(result, half(number));
    CAVRA_TRY(result, half(result));
    return result;
  };
  CHECK(*twice(8) == 2);
  CHECK(twice(6).error().message == "odd: 3");
}

TEST_CASE("each code has its number and its word, which never change") {
  struct Row {
    ErrorCode code;
    int number;
    std::string_view word;
  };
  for (const auto& [code, number, word] : {
           Row{ErrorCode::corrupt, 10, "corrupt"},
           Row{ErrorCode::usage, 20, "usage"},
           Row{ErrorCode::unsupported, 21, "unsupported"},
           Row{ErrorCode::io, 30, "io"},
           Row{ErrorCode::timeout, 31, "timeout"},
           Row{ErrorCode::unavailable, 32, "unavailable"},
           Row{ErrorCode::internal, 33, "internal"},
           Row{ErrorCode::refused, 40, "refused"},
           Row{ErrorCode::conflict, 41, "conflict"},
           Row{ErrorCode::forbidden, 42, "forbidden"},
           Row{ErrorCode::unproven, 50, "unproven"},
           Row{ErrorCode::cancelled, 60, "cancelled"},
           Row{ErrorCode::not_found, 70, "not_found"},
       }) {
    CAPTURE(word);
    CHECK(static_cast<int>(code) == number);
    CHECK(std::string_view(to_string(code)) == word);
  }
  CHECK(std::string_view(to_string(static_cast<ErrorCode>(999))) == "unknown");
}

}  // namespace
}  // namespace cavra
