#include "http/transfer.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cavra/support/encoding.hpp"

namespace cavra::http {

namespace {

// Of one answer, with the 1xx before it. libcurl itself takes 100 KB a line.
constexpr std::size_t kMaxHeaderBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxHeaders = 1000;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

bool is_success(int status) {
  return status >= 200 && status < 300;
}

int status_of(const Transfer& transfer) {
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

// libcurl's callbacks: nothing is thrown across, and a failure is kept in the transfer.

// A connection is there, and the request goes out. A second time it is libcurl that repeats, as an
// old connection was dead. That is for Exchanges to decide, but where it can do no harm. After 417
// it goes without "Expect": RFC 9110, section 10.1.1.
int begin_sending(void* context, char*, char*, int, int) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  const bool is_safe = transfer.request.method == "GET" || transfer.request.method == "HEAD" ||
                       (status_of(transfer) == 417 && transfer.given_bytes == 0);
  if (transfer.has_begun && !is_safe) return CURL_PREREQFUNC_ABORT;
  transfer.has_begun = true;
  return CURL_PREREQFUNC_OK;
}

Result<void> take_line(Transfer& transfer, std::string_view line) {
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > kMaxHeaderBytes ||
      transfer.response.headers.all().size() >= kMaxHeaders)
    return Error{ErrorCode::io, "the answer's headers do not end", true};
  if (line.starts_with("HTTP/")) {  // the answer begins, after any 100 Continue
    transfer.response = {};
    transfer.part = Transfer::Part::headers;
    return {};
  }
  if (trimmed(line).empty()) transfer.part = Transfer::Part::body;
  // What comes after the body is no header: RFC 9110, section 6.5.1.
  if (transfer.part != Transfer::Part::headers) return {};
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos)
    transfer.response.headers.add(std::string(line.substr(0, colon)),
                                  std::string(trimmed(line.substr(colon + 1))));
  return {};
}

std::size_t take_header(char* data, std::size_t, std::size_t length, void* context) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  try {
    auto taken = take_line(transfer, {data, length});
    if (taken) return length;
    transfer.own = std::move(taken).error();
  } catch (...) {
    transfer.own = Error{ErrorCode::internal, "the answer's headers could not be taken"};
  }
  return 0;
}

Result<void> take(Transfer& transfer, std::span<const std::byte> data) {
  const int status = status_of(transfer);
  const bool is_wanted = is_success(status);
  if (transfer.request.sink && is_wanted) {
    transfer.response.status = status;
    if (transfer.request.accept && !std::exchange(transfer.is_accepted, true))
      CAVRA_CHECK(transfer.request.accept(transfer.response));
    return transfer.request.sink(data);
  }
  const std::size_t most = is_wanted ? transfer.request.max_body_bytes : kMaxErrorBytes;
  if (transfer.response.body.size() + data.size() > most)
    return Error{ErrorCode::io, "the answer is longer than " + std::to_string(most) + " bytes"};
  transfer.response.body += as_text(data);
  return {};
}

std::size_t take_body(char* data, std::size_t, std::size_t length, void* context) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  try {
    auto taken = take(transfer, std::as_bytes(std::span(data, length)));
    if (taken) return length;
    transfer.own = std::move(taken).error();
  } catch (...) {
    transfer.own = Error{ErrorCode::internal, "the answer could not be taken"};
  }
  return length == 0 ? 1 : 0;  // anything but `length`
}

// Gives what was announced, no byte more: libcurl would send it.
Result<std::size_t> give(Transfer& transfer, std::span<std::byte> buffer) {
  const std::uint64_t rest = transfer.body_bytes - transfer.given_bytes;
  if (rest == 0) return std::size_t{0};
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), rest));
  CAVRA_TRY(const std::size_t given, transfer.request.body->read(buffer.first(most)));
  if (given == 0)  // the service would wait for the rest
    return Error{ErrorCode::io,
                 "the bytes to send end " + std::to_string(rest) + " bytes before their length"};
  transfer.given_bytes += given;
  return given;
}

std::size_t give_body(char* data, std::size_t, std::size_t length, void* context) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  try {
    auto given = give(transfer, std::as_writable_bytes(std::span(data, length)));
    if (given) return *given;
    transfer.own = std::move(given).error();
  } catch (...) {
    transfer.own = Error{ErrorCode::internal, "the bytes to send could not be read"};
  }
  return CURL_READFUNC_ABORT;
}

// Failures before sending after which the same request fails the same way again.
bool is_permanent(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_LOGIN_DENIED:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
      return true;
    default:
      return false;
  }
}

std::string message_of(const Transfer& transfer, CURLcode code) {
  // Also from begin_sending().
  if (code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_SEND_FAIL_REWIND)
    return "the connection was closed before an answer came";
  if (code == CURLE_LOGIN_DENIED) return "a name or a password in a URL";
  if (code == CURLE_OUT_OF_MEMORY) return "out of memory, or a header of more than 100 KB";
  const std::string_view told(transfer.error);
  // What follows is the proxy as the environment has it, with its password.
  if (told.starts_with("Unsupported proxy"))
    return "the proxy that the environment names cannot be used";
  return printable(told.empty() ? std::string_view(curl_easy_strerror(code)) : told);
}

// libcurl stops sending without a word where an answer comes early and closes the connection.
bool is_all_sent(const Transfer& transfer) {
  curl_off_t sent = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_SIZE_UPLOAD_T, &sent);
  return static_cast<std::uint64_t>(sent) == transfer.body_bytes;
}

}  // namespace

void set_callbacks(Transfer& transfer) {
  CURL* const easy = transfer.easy.get();
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, begin_sending);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);  // libcurl's own reads standard input
  curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
}

Answer answer_of(Transfer& transfer, CURLcode code) {
  TransportFailure failure;
  failure.may_be_sent = transfer.has_begun;
  if (code == CURLE_OK && !transfer.own) {
    transfer.response.status = status_of(transfer);
    const bool is_whole = transfer.part == Transfer::Part::body;
    if (is_whole && (!transfer.response.is_success() || is_all_sent(transfer)))
      return {.response = std::move(transfer.response), .failure = std::nullopt};
    // libcurl takes what the connection's end cuts off for none.
    failure.message = is_whole ? "it was answered before all of it was sent"
                               : "the connection was closed within the answer's headers";
  } else {
    failure.message = message_of(transfer, code);
    failure.is_permanent = !transfer.has_begun && is_permanent(code);
    failure.own = std::move(transfer.own);
  }
  return {.response = std::nullopt, .failure = std::move(failure)};
}

}  // namespace cavra::http
