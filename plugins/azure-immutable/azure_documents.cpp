#include "azure_documents.hpp"

#include <charconv>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "http/http_date.hpp"
#include "http/percent_encoding.hpp"
#include "http/xml.hpp"
#include "policy_wire.hpp"

namespace cavra::azure {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Error unexpected(std::string_view what) {
  return {ErrorCode::io, "the service's answer is not what was asked for: " + std::string(what),
          true};
}

Result<http::XmlDocument> parse(std::string_view xml, std::string_view root) {
  if (xml.starts_with(kByteOrderMark)) xml.remove_prefix(kByteOrderMark.size());
  auto document = http::XmlDocument::parse(xml);
  if (!document) return unexpected(document.error().message);
  if (document->root().name() != root)
    return unexpected("<" + printable(document->root().name(), 60) + ">, not <" +
                      std::string(root) + ">");
  return document;
}

Result<std::uint64_t> number(const std::string& text, std::string_view what) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!text.empty() && problem == std::errc() && end == text.data() + text.size()) return value;
  return unexpected(std::string(what) + " " + quoted(text, 40));
}

// What XML cannot carry comes percent-encoded, and says so.
std::string name_of(const http::XmlElement& blob) {
  const http::XmlElement name = blob.child("Name");
  if (name.attribute("Encoded") != "true") return name.text();
  return http::decode_component(name.text()).value_or(std::string());
}

Result<ListedBlob> listed_blob(const http::XmlElement& blob) {
  ListedBlob listed;
  const http::XmlElement properties = blob.child("Properties");
  listed.name = name_of(blob);
  listed.version = blob.text_of("VersionId");
  // Where no versions are kept, what there is is current.
  listed.is_current = listed.version.empty() || blob.text_of("IsCurrentVersion") == "true";
  listed.is_deleted = blob.text_of("Deleted") == "true";
  CAVRA_TRY(listed.length, number(properties.text_of("Content-Length"), "a length of"));
  listed.stored_at_unix_s = http::parse_http_date(properties.text_of("Last-Modified"));
  // A blob that was never committed has no ETag.
  listed.is_uncommitted = properties.text_of("Etag").empty() &&
                          !properties.child("Creation-Time") && !properties.child("Last-Modified");
  listed.claimed_sha256 = blob.child("Metadata").text_of("cavrasha256");
  CAVRA_TRY(listed.lock, parse_policy(properties.text_of("ImmutabilityPolicyUntilDate"),
                                      properties.text_of("ImmutabilityPolicyMode"),
                                      properties.text_of("LegalHold")));
  return listed;
}

}  // namespace

Result<BlobPage> parse_blob_page(std::string_view xml) {
  CAVRA_TRY(const http::XmlDocument document, parse(xml, "EnumerationResults"));
  BlobPage page;
  for (const http::XmlElement& blob : document.root().child("Blobs").children("Blob")) {
    CAVRA_TRY(ListedBlob listed, listed_blob(blob));
    page.blobs.push_back(std::move(listed));
  }
  page.next = document.root().text_of("NextMarker");
  return page;
}

Result<std::vector<ListedBlock>> parse_uncommitted_blocks(std::string_view xml) {
  CAVRA_TRY(const http::XmlDocument document, parse(xml, "BlockList"));
  std::vector<ListedBlock> blocks;
  for (const http::XmlElement& block :
       document.root().child("UncommittedBlocks").children("Block")) {
    CAVRA_TRY(const std::uint64_t length, number(block.text_of("Size"), "a block of"));
    blocks.push_back({block.text_of("Name"), length});
  }
  return blocks;
}

std::string block_list_document(std::span<const std::string> ids) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
  for (const std::string& id : ids)
    xml.append("<Latest>").append(http::xml_escaped(id)).append("</Latest>");
  return xml + "</BlockList>";
}

}  // namespace cavra::azure
