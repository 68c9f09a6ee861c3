#include "credential_documents.hpp"

#include <optional>

#include "cavra/support/encoding.hpp"
#include "cloud/wiped_json.hpp"

namespace cavra::s3 {
namespace {

Error wrong(const std::string& problem) {
  return {ErrorCode::io, problem, false};
}

Error not_an_object() {
  return wrong("what came back is no JSON object");
}

Result<AwsCredentials> credentials_in(const cloud::WipedJson& object, const char* token_name) {
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
  const cloud::WipedJson object(json);
  if (!object.is_object()) return not_an_object();
  if (object.number("Version") != 1)
    return wrong("Version is not 1, the only one that is known here");
  return credentials_in(object, "SessionToken");
}

Result<AwsCredentials> parse_container_credentials(std::string_view json) {
  const cloud::WipedJson object(json);
  if (!object.is_object()) return not_an_object();
  return credentials_in(object, "Token");
}

Result<AwsCredentials> parse_instance_credentials(std::string_view json) {
  const cloud::WipedJson object(json);
  if (!object.is_object()) return not_an_object();
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
