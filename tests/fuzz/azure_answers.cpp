// What an Azure blob service, Entra or a metadata service may answer, and what is configured:
// connection strings and certificates.
#include "azure-immutable/azure_documents.hpp"
#include "azure-immutable/azure_error.hpp"
#include "azure-immutable/client_certificate.hpp"
#include "azure-immutable/connection_string.hpp"
#include "azure-immutable/container_policy.hpp"
#include "azure-immutable/management_error.hpp"
#include "azure-immutable/policy_wire.hpp"
#include "azure-immutable/token_document.hpp"
#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

void check_documents(std::string_view bytes) {
  if (const auto page = fine(azure::parse_blob_page(bytes)))
    for (const azure::ListedBlob& blob : page->blobs)
      require(!blob.lock.retain_until_unix_s || blob.lock.mode != sdk::LockMode::none,
              "a date has a mode");
  (void)fine(azure::parse_uncommitted_blocks(bytes));
}

void check_lock(std::string_view bytes) {
  for (const char* const mode : {"", "locked", "unlocked"})
    if (const auto lock = fine(azure::parse_policy(bytes, mode, ""))) {
      const auto headers = azure::policy_headers(*lock, azure::PolicyMode::locked);
      require(!lock->retain_until_unix_s || headers.get(azure::kUntilHeader) == bytes,
              "a date has one spelling");
    }
  (void)fine(azure::parse_policy("", bytes, bytes));
}

void check_error(std::string_view bytes) {
  for (const int status : {200, 302, 401, 403, 404, 409, 412, 501, 503}) {
    http::Response response;
    response.status = status;
    response.headers.add("x-ms-error-code", std::string(bytes));
    response.headers.add("x-ms-request-id", std::string(bytes));
    response.body = bytes;
    const azure::AzureError error = azure::azure_error(response);
    require_printable(error.text());
    require_fine(azure::to_error(error, "put", "blobs/write"));
    (void)azure::remedy_of(error, response);
  }
}

void check_management(std::string_view bytes) {
  if (const auto policy = fine(azure::parse_container_policy(bytes))) {
    require_printable(policy->text());
    const auto lock = azure::lock_by(*policy, {.created_at_unix_s = 0, .is_block_blob = true});
    require(lock && lock->retain_until_unix_s.has_value() == (lock->mode != sdk::LockMode::none),
            "a date has a mode");
  }
  for (const int status : {200, 302, 401, 403, 404, 409, 429, 503}) {
    http::Response response;
    response.status = status;
    response.headers.add("x-ms-request-id", std::string(bytes));
    response.body = bytes;
    const azure::ManagementError error = azure::management_error(response);
    require_printable(error.text());
    require_fine(azure::to_error(error, "ask", "read"));
  }
}

void check_tokens(std::string_view bytes) {
  for (const auto parse : {azure::parse_token, azure::parse_az_token}) {
    const auto token = parse(bytes, 0);
    if (!token) require_fine(token.error());
  }
  const azure::TokenRefusal refusal = azure::parse_token_refusal(bytes);
  require_printable(refusal.error);
  require_printable(refusal.codes);
  const auto certificate = azure::ClientCertificate::parse(bytes);
  if (!certificate) require_fine(certificate.error());
  const auto string = azure::parse_connection_string(bytes);
  if (!string) require_fine(string.error());
}

}  // namespace

void fuzz_azure_answers(std::string_view bytes) {
  check_documents(bytes);
  check_lock(bytes);
  check_error(bytes);
  check_tokens(bytes);
  check_management(bytes);
}

}  // namespace cavra::fuzz
