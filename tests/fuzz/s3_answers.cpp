// What an S3 server, STS or a metadata service may answer: documents, headers, dates, URLs.
#include "cloud/http_url.hpp"
#include "fuzz.hpp"
#include "http/http_date.hpp"
#include "http/percent_encoding.hpp"
#include "http/xml.hpp"
#include "s3-object-lock/bucket_policy.hpp"
#include "s3-object-lock/credential_documents.hpp"
#include "s3-object-lock/lock_wire.hpp"
#include "s3-object-lock/object_listing.hpp"
#include "s3-object-lock/s3_documents.hpp"
#include "s3-object-lock/service_error.hpp"
#include "s3-object-lock/sts_answer.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

void check_xml(std::string_view bytes) {
  const auto document = http::XmlDocument::parse(bytes);
  if (!document) return require_fine(document.error());
  require(!document->root().name().empty(), "a document has an element");
  require(is_utf8(document->root().text()), "text of a document is UTF-8");
}

void check_lock(std::string_view bytes) {
  if (const auto lock = fine(s3::parse_retention(bytes))) {
    require(lock->retain_until_unix_s.has_value(), "a retention has a date");
    const auto again = s3::parse_retention(s3::retention_document(*lock));
    require(again && *again == *lock, "retention_document() is read back");
  }
  (void)fine(s3::parse_legal_hold(bytes));
  (void)fine(s3::parse_date(bytes));
  (void)fine(s3::shown_lock({{"x-amz-object-lock-mode", "COMPLIANCE"},
                             {"x-amz-object-lock-retain-until-date", std::string(bytes)},
                             {"x-amz-object-lock-legal-hold", std::string(bytes)}}));
}

void check_documents(std::string_view bytes) {
  if (const auto page = fine(s3::parse_versions(bytes)); page && page->next)
    require(!page->next->key.empty(), "a listing that goes on says where");
  (void)fine(s3::parse_uploads(bytes));
  (void)fine(s3::parse_parts(bytes));
  if (const auto id = fine(s3::parse_upload_id(bytes)))
    require(!id->empty() && id->size() <= CAVRA_MAX_VERSION_BYTES, "an upload's id is bounded");
  (void)fine(s3::parse_lock_configuration(bytes));
  (void)fine(s3::parse_versioning(bytes));
  (void)fine(s3::parse_encryption(bytes));
  require(!s3::is_complete_result(bytes) || !s3::is_error_document(bytes),
          "what is complete is no error");
  (void)s3::denies_to_all(bytes, "s3:DeleteObjectVersion", "bucket");
}

void check_error(std::string_view bytes) {
  for (const int status : {200, 301, 403, 404, 503}) {
    http::Response response;
    response.status = status;
    response.headers.add("x-amz-request-id", std::string(bytes));
    response.body = bytes;
    const s3::ServiceError error = s3::service_error(response);
    require_printable(error.text());
    require_fine(s3::to_error(error, "put", "s3:PutObject"));
  }
}

void check_credentials(std::string_view bytes) {
  for (const auto& parse : {s3::parse_process_credentials, s3::parse_container_credentials,
                            s3::parse_instance_credentials}) {
    const auto parsed = parse(bytes);
    if (!parsed) require_fine(parsed.error());
  }
  const auto sts = s3::parse_sts_credentials(bytes, "AssumeRole");
  if (!sts) require_fine(sts.error());
}

void check_texts(std::string_view bytes) {
  if (const auto url = cloud::parse_http_url(bytes)) {
    const auto again = cloud::parse_http_url(url->text());
    require(again && again->text() == url->text(), "a URL's text is read back");
  }
  if (const auto date = http::parse_http_date(bytes))
    require(http::format_http_date(*date) == bytes, "a date has one spelling");
  const auto decoded = http::decode_component(http::encode_component(bytes));
  require(decoded && *decoded == bytes, "what is encoded is read back");
  if (const auto cursor = fine(s3::parse_cursor(bytes))) {
    const auto again = s3::parse_cursor(s3::format_cursor(*cursor));
    require(again && again->after == cursor->after, "a cursor is read back");
  }
}

}  // namespace

void fuzz_s3_answers(std::string_view bytes) {
  check_xml(bytes);
  check_lock(bytes);
  check_documents(bytes);
  check_error(bytes);
  check_credentials(bytes);
  check_texts(bytes);
}

}  // namespace cavra::fuzz
