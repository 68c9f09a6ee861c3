#include "s3_documents.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "http/percent_encoding.hpp"
#include "http/xml.hpp"
#include "lock_wire.hpp"

namespace cavra::s3 {

namespace {

Error garbage(std::string message) {
  return {ErrorCode::io, std::move(message)};
}

// The document, if its root has that name.
Result<http::XmlDocument> parse_as(std::string_view xml, std::string_view root) {
  auto document = http::XmlDocument::parse(xml);
  if (!document)
    return garbage("the service's answer is no <" + std::string(root) +
                   ">: " + document.error().message);
  if (document->root().name() == root) return document;
  return garbage("the service answered with <" + printable(document->root().name(), 60) +
                 "> where <" + std::string(root) + "> was asked for");
}

template <class Number>
Result<Number> parse_number(const std::string& text, std::string_view what) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem == std::errc() && end == text.data() + text.size() && !text.empty()) return number;
  return garbage("the service's " + std::string(what) + " " + quoted(text, 40) + " is no number");
}

// With encoding-type=url: percent-encoded; AWS writes a blank as '+', and a plus as %2B.
Result<std::string> decode(std::string text, bool is_encoded) {
  if (!is_encoded) return text;
  std::ranges::replace(text, '+', ' ');
  if (auto decoded = http::decode_component(text)) return *std::move(decoded);
  return garbage("the service lists " + quoted(text, 100) + ", which is not percent-encoded");
}

std::optional<std::int64_t> date_of(const std::string& text) {
  auto date = parse_date(text);
  return date ? std::optional(*date) : std::nullopt;
}

// What both listings have in common.
class Listing {
 public:
  explicit Listing(http::XmlElement root)
      : root_(root), is_encoded_(root.text_of("EncodingType") == "url") {}

  [[nodiscard]] Result<std::string> key_of(http::XmlElement element) const {
    return decode(element.text_of("Key"), is_encoded_);
  }

  [[nodiscard]] Result<std::optional<ListingPlace>> next(std::string_view id_name) const {
    if (root_.text_of("IsTruncated") != "true") return std::optional<ListingPlace>{};
    ListingPlace place;
    CAVRA_TRY(place.key, decode(root_.text_of("NextKeyMarker"), is_encoded_));
    place.id = root_.text_of(id_name);
    if (place.key.empty()) return garbage("the service's listing goes on, and does not say where");
    return std::optional(std::move(place));
  }

 private:
  http::XmlElement root_;
  bool is_encoded_;
};

}  // namespace

Result<ListingPage<ListedVersion>> parse_versions(std::string_view xml) {
  CAVRA_TRY(const http::XmlDocument document, parse_as(xml, "ListVersionsResult"));
  const Listing listing(document.root());
  ListingPage<ListedVersion> page;
  for (const http::XmlElement element : document.root().children()) {
    const bool is_marker = element.name() == "DeleteMarker";
    if (!is_marker && element.name() != "Version") continue;
    ListedVersion version;
    version.is_delete_marker = is_marker;
    CAVRA_TRY(version.key, listing.key_of(element));
    version.version = element.text_of("VersionId");
    version.is_latest = element.text_of("IsLatest") == "true";
    version.stored_at_unix_s = date_of(element.text_of("LastModified"));
    if (!is_marker) {
      CAVRA_TRY(version.length, parse_number<std::uint64_t>(element.text_of("Size"), "size"));
    }
    page.entries.push_back(std::move(version));
  }
  CAVRA_TRY(page.next, listing.next("NextVersionIdMarker"));
  return page;
}

Result<ListingPage<ListedUpload>> parse_uploads(std::string_view xml) {
  CAVRA_TRY(const http::XmlDocument document, parse_as(xml, "ListMultipartUploadsResult"));
  const Listing listing(document.root());
  ListingPage<ListedUpload> page;
  for (const http::XmlElement element : document.root().children("Upload")) {
    ListedUpload upload;
    CAVRA_TRY(upload.key, listing.key_of(element));
    upload.id = element.text_of("UploadId");
    upload.begun_at_unix_s = date_of(element.text_of("Initiated"));
    page.entries.push_back(std::move(upload));
  }
  CAVRA_TRY(page.next, listing.next("NextUploadIdMarker"));
  return page;
}

Result<PartsPage> parse_parts(std::string_view xml) {
  CAVRA_TRY(const http::XmlDocument document, parse_as(xml, "ListPartsResult"));
  const http::XmlElement root = document.root();
  PartsPage page;
  for (const http::XmlElement element : root.children("Part")) {
    ListedPart part;
    CAVRA_TRY(part.number,
              parse_number<std::uint32_t>(element.text_of("PartNumber"), "part number"));
    CAVRA_TRY(part.length, parse_number<std::uint64_t>(element.text_of("Size"), "size"));
    part.etag = element.text_of("ETag");
    part.checksum_sha256 = element.text_of("ChecksumSHA256");
    page.parts.push_back(std::move(part));
  }
  if (root.text_of("IsTruncated") == "true") {
    CAVRA_TRY(page.next, parse_number<std::uint32_t>(root.text_of("NextPartNumberMarker"),
                                                     "next part number"));
  }
  return page;
}

Result<std::string> parse_upload_id(std::string_view xml) {
  CAVRA_TRY(const http::XmlDocument document, parse_as(xml, "InitiateMultipartUploadResult"));
  std::string id = document.root().text_of("UploadId");
  if (id.empty() || id.size() > CAVRA_MAX_VERSION_BYTES)
    return garbage("the service began an upload and did not name it");
  return id;
}

std::string complete_document(const std::vector<SentPart>& parts) {
  std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const SentPart& part : parts) {
    xml += "<Part><PartNumber>" + std::to_string(part.number) + "</PartNumber><ETag>" +
           http::xml_escaped(part.etag) + "</ETag><ChecksumSHA256>" +
           http::xml_escaped(part.checksum_sha256) + "</ChecksumSHA256></Part>";
  }
  return xml + "</CompleteMultipartUpload>";
}

bool is_complete_result(std::string_view xml) {
  return parse_as(xml, "CompleteMultipartUploadResult").has_value();
}

std::int64_t DefaultRetention::seconds() const {
  return (std::int64_t{days} + std::int64_t{years} * 365) * 86400;
}

std::string DefaultRetention::text() const {
  const std::string length =
      years > 0 ? std::to_string(years) + " years" : std::to_string(days) + " days";
  return (mode == sdk::LockMode::compliance ? "COMPLIANCE, " : "GOVERNANCE, ") + length;
}

Result<LockConfiguration> parse_lock_configuration(std::string_view xml) {
  CAVRA_TRY(const http::XmlDocument document, parse_as(xml, "ObjectLockConfiguration"));
  const http::XmlElement root = document.root();
  LockConfiguration configuration;
  configuration.is_enabled = root.text_of("ObjectLockEnabled") == "Enabled";
  const http::XmlElement rule = root.child("Rule").child("DefaultRetention");
  if (!rule) return configuration;
  DefaultRetention retention;
  const std::string mode = rule.text_of("Mode");
  if (mode != "COMPLIANCE" && mode != "GOVERNANCE")
    return garbage("the bucket's rule has the mode " + quoted(mode, 40) + ": there is none such");
  retention.mode = mode == "COMPLIANCE" ? sdk::LockMode::compliance : sdk::LockMode::governance;
  if (rule.child("Days")) {
    CAVRA_TRY(retention.days, parse_number<std::int32_t>(rule.text_of("Days"), "days"));
  }
  if (rule.child("Years")) {
    CAVRA_TRY(retention.years, parse_number<std::int32_t>(rule.text_of("Years"), "years"));
  }
  configuration.rule = retention;
  return configuration;
}

Result<std::string> parse_versioning(std::string_view xml) {
  CAVRA_TRY(const http::XmlDocument document, parse_as(xml, "VersioningConfiguration"));
  return document.root().text_of("Status");
}

Result<std::string> parse_encryption(std::string_view xml) {
  CAVRA_TRY(const http::XmlDocument document, parse_as(xml, "ServerSideEncryptionConfiguration"));
  return document.root()
      .child("Rule")
      .child("ApplyServerSideEncryptionByDefault")
      .text_of("SSEAlgorithm");
}

}  // namespace cavra::s3
