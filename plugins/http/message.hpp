// One HTTP request and what comes back of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "cavra/support/result.hpp"
#include "http/headers.hpp"

namespace cavra::http {

inline constexpr std::size_t kMaxErrorBytes = std::size_t{1} << 20;

// The bytes of a request. One thread, that of the call.
class RequestBody {
 public:
  virtual ~RequestBody() = default;
  [[nodiscard]] virtual std::uint64_t length() const = 0;
  // Before each attempt. Errors: what the source returns.
  [[nodiscard]] virtual Result<void> rewind() = 0;
  // 0 at the end alone. Errors: what the source returns; the attempt ends with it.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<std::byte> buffer) = 0;
};

class TextBody final : public RequestBody {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] std::uint64_t length() const override { return text_.size(); }
  [[nodiscard]] Result<void> rewind() override;
  [[nodiscard]] Result<std::size_t> read(std::span<std::byte> buffer) override;

 private:
  std::string text_;
  std::size_t at_ = 0;
};

// Takes the body of an answer with a status of 2xx. An error ends the attempt.
using BodySink = std::function<Result<void>(std::span<const std::byte>)>;

struct Response {
  int status = 0;
  Headers headers;
  std::string body;

  [[nodiscard]] bool is_success() const noexcept { return status >= 200 && status < 300; }
};

struct Request {
  std::string method;
  std::string url;  // exactly what was signed
  Headers headers;
  RequestBody* body = nullptr;  // lent
  // Asked once, before the first byte of an answer of 2xx goes to the sink. An error ends the
  // attempt. Empty: all are taken.
  std::function<Result<void>(const Response& head)> accept;
  BodySink sink;                                // empty: into Response::body
  std::size_t max_body_bytes = kMaxErrorBytes;  // of Response::body
};

// Why there is no answer.
struct TransportFailure {
  std::string message;        // for a person: "connection refused"
  bool may_be_sent = true;    // the service may have got the request
  bool is_permanent = false;  // the same again would fail again: a certificate, a URL
  // The error of the body or of the sink, or an answer beyond its limits: it is what counts then.
  std::optional<Error> own;
};

// What became of one attempt: one of both.
struct Answer {
  std::optional<Response> response;
  std::optional<TransportFailure> failure;
};

}  // namespace cavra::http
