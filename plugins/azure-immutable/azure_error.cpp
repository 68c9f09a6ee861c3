#include "azure_error.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "http/http_date.hpp"
#include "http/xml.hpp"

namespace cavra::azure {

namespace {

constexpr std::size_t kMaxWordBytes = 128;
constexpr std::size_t kMaxMessageBytes = 200;
// The service refuses a request that is a quarter of an hour off.
constexpr std::int64_t kMaxSkewSeconds = 840;

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

constexpr std::array<std::string_view, 4> kPassing{"ServerBusy", "OperationTimedOut",
                                                   "InternalError", "ContainerBeingDeleted"};
constexpr std::array<std::string_view, 4> kAbsent{"BlobNotFound", "ResourceNotFound",
                                                  "VersionNotFound", "SnapshotNotFound"};
constexpr std::array<std::string_view, 5> kExists{
    "BlobAlreadyExists", "ConditionNotMet", "BlobImmutableDueToPolicy",
    "BlobImmutableDueToLegalHold", "UnauthorizedBlobOverwrite"};
constexpr std::array<std::string_view, 4> kIdentity{
    "AuthenticationFailed", "NoAuthenticationInformation", "InvalidAuthenticationInfo",
    "KeyBasedAuthenticationNotPermitted"};
constexpr std::array<std::string_view, 4> kChanged{"Md5Mismatch", "InvalidMd5", "Crc64Mismatch",
                                                   "InvalidOperation"};

bool is_passing(const AzureError& error) {
  const int status = error.status;
  if (status == 501 || status == 505 || error.code == "FeatureNotSupported") return false;
  if (status < 300) return true;  // a body that is not what was asked for
  return is_one_of(error.code, kPassing) || status == 408 || status == 429 || status >= 500;
}

std::string first_line(std::string text) {
  if (const std::size_t end = text.find('\n'); end != std::string::npos) text.resize(end);
  return text;
}

}  // namespace

std::string AzureError::text() const {
  std::string text = std::to_string(status);
  if (!code.empty()) text += " " + printable(code, kMaxWordBytes);
  if (!message.empty()) text += " (" + printable(message, kMaxMessageBytes) + ")";
  if (!request_id.empty()) text += ", request " + printable(request_id, kMaxWordBytes);
  return text;
}

AzureError azure_error(const http::Response& response) {
  AzureError error;
  error.status = response.status;
  error.code = response.headers.get("x-ms-error-code");
  error.request_id = response.headers.get("x-ms-request-id");
  const auto document = http::XmlDocument::parse(response.body);
  if (document && document->root().name() == "Error") {
    if (error.code.empty()) error.code = document->root().text_of("Code");
    error.message = first_line(document->root().text_of("Message"));
  }
  error.code.resize(std::min(error.code.size(), kMaxWordBytes));
  return error;
}

cloud::Remedy remedy_of(const AzureError& error, const http::Response& response) {
  if (error.status == 401) return cloud::Remedy::new_credentials;
  if (error.code == "AuthenticationFailed") {
    const auto date = http::parse_http_date(response.headers.get("date"));
    if (date && std::abs(*date - now_utc().unix_s) > kMaxSkewSeconds)
      return cloud::Remedy::new_clock;
  }
  return is_passing(error) ? cloud::Remedy::wait : cloud::Remedy::none;
}

bool says_exists(const AzureError& error) {
  return (error.status == 409 || error.status == 412 || error.status == 403) &&
         (is_one_of(error.code, kExists) || (error.status == 412 && error.code.empty()));
}

bool is_about_identity(const AzureError& error) {
  return error.status == 401 || is_one_of(error.code, kIdentity);
}

Error to_error(const AzureError& error, std::string_view doing, std::string_view action) {
  const std::string what = std::string(doing) + ": the service answered " + error.text();
  // A verb that it does not have: it shows no lock, whatever it says.
  if (error.code == "FeatureNotSupported")
    return {ErrorCode::unsupported,
            what + ": where it is about the checksum, set \"checksum\": \"md5\""};
  if (error.status == 501) return {ErrorCode::unsupported, what + ": it cannot do that"};
  if (is_passing(error))
    return {error.status == 503 || error.status == 429 ? ErrorCode::unavailable : ErrorCode::io,
            what, true};
  if (is_one_of(error.code, kAbsent)) return {ErrorCode::not_found, what};
  if (error.code == "ContainerNotFound")
    return {ErrorCode::usage, what + ": is the container's name right, and the endpoint?"};
  if (is_about_identity(error))
    return {ErrorCode::forbidden,
            what + ": it does not accept who asks; see the credentials, and this machine's clock"};
  if (error.status == 403)
    return {ErrorCode::forbidden, what + ": it needs the right " + std::string(action)};
  if (error.status == 404) return {ErrorCode::not_found, what};
  if (error.status >= 300 && error.status < 400)
    return {ErrorCode::usage, what + ": it leads elsewhere, which is not followed"};
  if (is_one_of(error.code, kChanged) && error.status == 400)
    return {ErrorCode::io, what + ": the bytes were changed on their way", true};
  if (error.code == "BlobArchived" || error.code == "BlobBeingRehydrated")
    return {ErrorCode::refused,
            what +
                ": it lies in the archive tier, where nothing reads it; move that version to Hot, "
                "Cool or Cold, and ask again when it has come (hours)"};
  return {ErrorCode::refused, what};
}

}  // namespace cavra::azure
