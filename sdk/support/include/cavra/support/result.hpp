// Result<T> is either a T or an Error: the one way in which functions here tell of failure.
//
// Its interface is that of std::expected, so that it can be replaced by it one day. Exceptions
// are for bugs and exhausted memory only. A Result may be moved to another thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace cavra {

// What went wrong, as far as a program needs to know. The numbers are those of cavra_status in
// cavra/plugin.h and never change; gaps are left for more of the same class.
enum class ErrorCode : std::int32_t {
  corrupt = 10,      // checked, and wrong
  usage = 20,        // the caller's words, or the configuration
  unsupported = 21,  // this program or plugin cannot do it
  io = 30,           // the machine, the network or the store failed
  timeout = 31,
  unavailable = 32,  // the store says: later
  internal = 33,     // a bug
  refused = 40,      // policy says no
  conflict = 41,     // other bytes are there under this name
  forbidden = 42,    // a right is missing
  unproven = 50,     // the store took it, and the lock could not be shown
  cancelled = 60,
  not_found = 70,  // storage only: no such object or version
};

// The word for a code in messages and JSON: "corrupt", "usage", …
[[nodiscard]] constexpr const char* to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::io:
      return "io";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::internal:
      return "internal";
    case ErrorCode::refused:
      return "refused";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::unproven:
      return "unproven";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::not_found:
      return "not_found";
  }
  return "unknown";
}

// Programs branch on the code, people read the message: what was tried, on what, what came back,
// what to do. The message never holds a secret and is one line of UTF-8.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  bool retryable = false;
};

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] explicit operator bool() const noexcept { return state_.index() == 0; }
  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  [[nodiscard]] Error& error() & { return std::get<1>(state_); }
  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
  [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  [[nodiscard]] explicit operator bool() const noexcept { return !failed_; }
  [[nodiscard]] bool has_value() const noexcept { return !failed_; }
  [[nodiscard]] Error& error() & { return error_; }
  [[nodiscard]] const Error& error() const& { return error_; }
  [[nodiscard]] Error&& error() && { return std::move(error_); }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace cavra

#define CAVRA_CONCAT_(a, b) a##b
#define CAVRA_CONCAT(a, b) CAVRA_CONCAT_(a, b)
#define CAVRA_TRY_(name, declaration, expression)            \
  auto name = (expression);                                  \
  if (!name) return ::cavra::Error(std::move(name).error()); \
  declaration = *std::move(name)

// CAVRA_TRY(auto x, f()): x is what f() gave, or this function returns f()'s error at once.
// CAVRA_CHECK(g()): the same where there is no value. Each is a whole line of its own.
#define CAVRA_TRY(declaration, ...) \
  CAVRA_TRY_(CAVRA_CONCAT(cavra_try_, __COUNTER__), declaration, (__VA_ARGS__))
#define CAVRA_CHECK(...)                                       \
  do {                                                         \
    if (auto cavra_checked = (__VA_ARGS__); !cavra_checked)    \
      return ::cavra::Error(std::move(cavra_checked).error()); \
  } while (false)
