#include "service_error.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "cavra/support/encoding.hpp"
#include "http/xml.hpp"

namespace cavra::s3 {

namespace {

constexpr std::size_t kMaxWordBytes = 128;
constexpr std::size_t kMaxMessageBytes = 200;

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

constexpr std::array<std::string_view, 15> kPassing{"InternalError",
                                                    "OperationAborted",
                                                    "ConditionalRequestConflict",
                                                    "PriorRequestNotComplete",
                                                    "RequestTimeout",
                                                    "RequestTimeoutException",
                                                    "ServiceUnavailable",
                                                    "SlowDown",
                                                    "Throttling",
                                                    "ThrottlingException",
                                                    "ThrottledException",
                                                    "RequestThrottled",
                                                    "RequestThrottledException",
                                                    "TooManyRequestsException",
                                                    "KMS.ThrottlingException"};
constexpr std::array<std::string_view, 3> kExpired{"ExpiredToken", "ExpiredTokenException",
                                                   "TokenRefreshRequired"};
constexpr std::array<std::string_view, 4> kBadCredentials{
    "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch", "InvalidSecurity"};
constexpr std::array<std::string_view, 3> kAbsent{"NoSuchKey", "NoSuchVersion", "NoSuchUpload"};

bool is_passing(const ServiceError& error) {
  const int status = error.status;
  // A 2xx with a body that is not what was asked for: cut off, or made by something in between.
  if (status < 300 && error.code.empty()) return true;
  return is_one_of(error.code, kPassing) || status == 408 || status == 429 || status == 500 ||
         status == 502 || status == 503 || status == 504;
}

std::string cut(std::string text) {
  if (text.size() > kMaxWordBytes) text.resize(kMaxWordBytes);
  return text;
}

}  // namespace

std::string ServiceError::text() const {
  std::string text = std::to_string(status);
  if (!code.empty()) text += " " + printable(code, kMaxWordBytes);
  if (!message.empty()) text += " (" + printable(message, kMaxMessageBytes) + ")";
  if (!request_id.empty()) text += ", request " + printable(request_id, kMaxWordBytes);
  return text;
}

bool is_error_document(std::string_view body) {
  const auto document = http::XmlDocument::parse(body);
  return document && document->root().name() == "Error";
}

ServiceError service_error(const http::Response& response) {
  ServiceError error;
  error.status = response.status;
  error.region = response.headers.get("x-amz-bucket-region");
  error.request_id = cut(std::string(response.headers.get("x-amz-request-id")));
  const auto document = http::XmlDocument::parse(response.body);
  if (!document || document->root().name() != "Error") return error;
  const http::XmlElement root = document->root();
  error.code = cut(root.text_of("Code"));
  error.message = root.text_of("Message");
  if (error.region.empty()) error.region = root.text_of("Region");
  return error;
}

bool is_about_credentials(const ServiceError& error) {
  return is_one_of(error.code, kExpired) || is_one_of(error.code, kBadCredentials);
}

Remedy remedy_of(const ServiceError& error) {
  if (error.code == "RequestTimeTooSkewed") return Remedy::new_clock;
  // HEAD has no body to say it in, and there is nothing else in it that could be wrong.
  const bool is_silent = error.status == 400 && error.code.empty();
  if (is_silent || is_one_of(error.code, kExpired)) return Remedy::new_credentials;
  const bool is_elsewhere = error.status == 301 || error.status == 307 ||
                            error.code == "AuthorizationHeaderMalformed" ||
                            error.code == "IllegalLocationConstraintException";
  if (is_elsewhere && !error.region.empty()) return Remedy::other_region;
  return is_passing(error) ? Remedy::wait : Remedy::none;
}

Error to_error(const ServiceError& error, std::string_view doing, std::string_view action) {
  const std::string what = std::string(doing) + ": the service answered " + error.text();
  if (is_passing(error))
    return {error.status == 503 || error.status == 429 ? ErrorCode::unavailable : ErrorCode::io,
            what, true};
  if (is_one_of(error.code, kAbsent)) return {ErrorCode::not_found, what};
  if (error.code == "NoSuchBucket")
    return {ErrorCode::usage, what + ": is the bucket's name right, and the endpoint?"};
  if (is_one_of(error.code, kExpired))
    return {ErrorCode::forbidden, what + ": get new credentials"};
  if (is_one_of(error.code, kBadCredentials))
    return {ErrorCode::forbidden, what + ": the credentials are not ones that it knows"};
  if (error.code == "RequestTimeTooSkewed")
    return {ErrorCode::io, what + ": set this machine's clock"};
  if (error.status == 401 || error.status == 403)
    return {ErrorCode::forbidden, what + ": it needs the right " + std::string(action)};
  if (error.status == 404 || error.status == 405) return {ErrorCode::not_found, what};
  if (error.status >= 300 && error.status < 400)
    return {ErrorCode::usage, what + ": the bucket is elsewhere; set its region or endpoint"};
  if (error.code == "BadDigest" || error.code == "XAmzContentSHA256Mismatch")
    return {ErrorCode::io, what + ": the bytes were changed on their way", true};
  return {error.status >= 500 ? ErrorCode::io : ErrorCode::refused, what};
}

}  // namespace cavra::s3
