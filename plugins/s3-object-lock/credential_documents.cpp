// All JSON of credentials, so that RapidJSON stays in one file.
#include "credential_documents.hpp"

#include <rapidjson/document.h>

#include <optional>

#include "cavra/support/encoding.hpp"
#include "cloud/wiped_text.hpp"

namespace cavra::s3 {
namespace {

// JSON text with what was read of it. RapidJSON keeps its strings within the text, which is wiped.
class JsonObject {
 public:
  explicit JsonObject(std::string_view json) : text_(json) {
    // Iterative: depth of hostile text costs no stack.
    document_.ParseInsitu<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
        text_.data());
  }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  [[nodiscard]] bool is_valid() const { return !document_.HasParseError() && document_.IsObject(); }
  // "", where it is missing or null. None: it is no text.
  [[nodiscard]] std::optional<std::string_view> text(const char* name) const {
    const auto member = document_.FindMember(name);
    if (member == document_.MemberEnd() || member->value.IsNull()) return "";
    if (!member->value.IsString()) return std::nullopt;
    return std::string_view(member->value.GetString(), member->value.GetStringLength());
  }
  [[nodiscard]] bool is_one(const char* name) const {
    const auto member = document_.FindMember(name);
    return member != document_.MemberEnd() && member->value.IsInt() && member->value.GetInt() == 1;
  }

 private:
  cloud::WipedText text_;
  rapidjson::Document document_;
};

Error wrong(const std::string& problem) {
  return {ErrorCode::io, problem, false};
}

Error not_an_object() {
  return wrong("what came back is no JSON object");
}

Result<AwsCredentials> credentials_in(const JsonObject& object, const char* token_name) {
  CredentialTexts texts;
  const std::pair<const char*, std::string_view*> members[] = {
      {"AccessKeyId", &texts.access_key_id},
      {"SecretAccessKey", &texts.secret_access_key},
      {token_name, &texts.session_token},
      {"Expiration", &texts.expiration},
  };
  for (const auto& [name, text] : members) {
    const auto found = object.text(name);
    if (!found) return wrong(std::string(name) + " is no text");
    *text = *found;
  }
  return make_credentials(texts);
}

}  // namespace

Result<AwsCredentials> parse_process_credentials(std::string_view json) {
  const JsonObject object(json);
  if (!object.is_valid()) return not_an_object();
  if (!object.is_one("Version")) return wrong("Version is not 1, the only one that is known here");
  return credentials_in(object, "SessionToken");
}

Result<AwsCredentials> parse_container_credentials(std::string_view json) {
  const JsonObject object(json);
  if (!object.is_valid()) return not_an_object();
  return credentials_in(object, "Token");
}

Result<AwsCredentials> parse_instance_credentials(std::string_view json) {
  const JsonObject object(json);
  if (!object.is_valid()) return not_an_object();
  const auto code = object.text("Code");
  if (code && !code->empty() && *code != "Success")
    return Error{ErrorCode::forbidden,
                 "the instance's role cannot be used (" + printable(*code, 80) +
                     "); look at the role's trust policy",
                 false};
  CAVRA_TRY(AwsCredentials credentials, credentials_in(object, "Token"));
  if (credentials.session_token.empty() || !credentials.expires_unix_s)
    return wrong("Token or Expiration is missing");
  return credentials;
}

}  // namespace cavra::s3
