#include "management_error.hpp"

#include <rapidjson/document.h>

#include <algorithm>

#include "cavra/support/encoding.hpp"

namespace cavra::azure {

namespace {

constexpr std::size_t kMaxWordBytes = 128;
constexpr std::size_t kMaxMessageBytes = 200;

bool is_passing(const ManagementError& error) {
  const int status = error.status;
  if (status == 501 || status == 505) return false;
  // A success is none where its body is not what was asked for.
  return status < 300 || status == 408 || status == 429 || status >= 500;
}

std::string text_of(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return {};
  return {member->value.GetString(), member->value.GetStringLength()};
}

}  // namespace

std::string ManagementError::text() const {
  std::string text = std::to_string(status);
  if (!code.empty()) text += " " + printable(code, kMaxWordBytes);
  if (!message.empty()) text += " (" + printable(message, kMaxMessageBytes) + ")";
  if (!request_id.empty()) text += ", request " + printable(request_id, kMaxWordBytes);
  return text;
}

// Recordings of the service have a policy without a period here; its own page tells of 404.
bool ManagementError::is_no_policy() const {
  return status == 404 && code.starts_with("ContainerImmutabilityPolicy");
}

ManagementError management_error(const http::Response& response) {
  ManagementError error;
  error.status = response.status;
  error.request_id = response.headers.get("x-ms-request-id");
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
      response.body.data(), response.body.size());
  if (document.HasParseError() || !document.IsObject()) return error;
  const auto told = document.FindMember("error");
  if (told == document.MemberEnd() || !told->value.IsObject()) return error;
  error.code = text_of(told->value, "code");
  error.code.resize(std::min(error.code.size(), kMaxWordBytes));
  error.message = text_of(told->value, "message");
  error.message.resize(std::min(error.message.find('\n'), error.message.size()));
  return error;
}

cloud::Remedy remedy_of(const ManagementError& error) {
  if (error.status == 401) return cloud::Remedy::new_credentials;
  return is_passing(error) ? cloud::Remedy::wait : cloud::Remedy::none;
}

Error to_error(const ManagementError& error, std::string_view doing, std::string_view action) {
  const std::string what = std::string(doing) + ": the management answered " + error.text();
  if (is_passing(error))
    return {error.status == 503 || error.status == 429 ? ErrorCode::unavailable : ErrorCode::io,
            what, true};
  if (error.status == 401)
    return {ErrorCode::forbidden,
            what +
                ": it does not accept who asks; see the credentials, and whom their token is "
                "for (\"management_audience\")"};
  if (error.status == 403)
    return {ErrorCode::forbidden, what + ": it needs the right " + std::string(action)};
  if (error.status == 404)
    return {ErrorCode::usage, what + ": is \"account_id\" right, and the container's name?"};
  if (error.status >= 300 && error.status < 400)
    return {ErrorCode::usage, what + ": it leads elsewhere, which is not followed"};
  return {ErrorCode::refused, what};
}

}  // namespace cavra::azure
