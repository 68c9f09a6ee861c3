#include "azure-immutable/azure_documents.hpp"

#include <doctest/doctest.h>

namespace cavra::azure {
namespace {

std::string page_of(const std::string& blobs, const std::string& marker = "") {
  return "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><Blobs>" +
         blobs + "</Blobs><NextMarker>" + marker + "</NextMarker></EnumerationResults>";
}

TEST_CASE("a version with its policy, behind a byte order mark") {
  const auto page = parse_blob_page(page_of(
      "<Blob><Name>a/b</Name><VersionId>2021-08-11T19:42:20.6575892Z</VersionId>"
      "<IsCurrentVersion>true</IsCurrentVersion><Properties>"
      "<Last-Modified>Wed, 11 Aug 2021 19:42:20 GMT</Last-Modified><Etag>0x8D9</Etag>"
      "<Content-Length>12</Content-Length>"
      "<ImmutabilityPolicyUntilDate>Wed, 11 Aug 2032 19:47:27 GMT</ImmutabilityPolicyUntilDate>"
      "<ImmutabilityPolicyMode>locked</ImmutabilityPolicyMode><LegalHold>true</LegalHold>"
      "</Properties><Metadata><cavrasha256>00ff</cavrasha256></Metadata></Blob>",
      "more"));
  REQUIRE_MESSAGE(page, page.error().message);
  CHECK(page->next == "more");
  REQUIRE(page->blobs.size() == 1);
  const ListedBlob& blob = page->blobs.front();
  CHECK(blob.name == "a/b");
  CHECK(blob.version == "2021-08-11T19:42:20.6575892Z");
  CHECK(blob.is_current);
  CHECK_FALSE(blob.is_uncommitted);
  CHECK(blob.length == 12);
  CHECK(blob.claimed_sha256 == "00ff");
  CHECK(blob.lock.mode == sdk::LockMode::compliance);
  CHECK(blob.lock.legal_hold);
}

TEST_CASE("names that XML cannot carry, blocks never put together, what is softly deleted") {
  const auto page = parse_blob_page(page_of(
      "<Blob><Name Encoded=\"true\">a%01b</Name><Properties><Content-Length>0</Content-Length>"
      "</Properties></Blob>"
      "<Blob><Name>c</Name><Deleted>true</Deleted><VersionId>v</VersionId><Properties>"
      "<Etag>e</Etag><Content-Length>1</Content-Length></Properties></Blob>"));
  REQUIRE(page);
  REQUIRE(page->blobs.size() == 2);
  CHECK(page->blobs[0].name ==
        "a\x01"
        "b");
  CHECK(page->blobs[0].is_uncommitted);
  CHECK(page->blobs[1].is_deleted);
  CHECK_FALSE(page->blobs[1].is_current);
}

TEST_CASE("what is no listing is an error") {
  for (const std::string& xml :
       {std::string(), std::string("<a>"), std::string("<Error><Code>X</Code></Error>"),
        page_of("<Blob><Name>a</Name><Properties/></Blob>"),
        page_of("<Blob><Name>a</Name><Properties><Content-Length>-1</Content-Length></Properties>"
                "</Blob>")}) {
    CAPTURE(xml);
    const auto page = parse_blob_page(xml);
    REQUIRE_FALSE(page);
    CHECK(page.error().code == ErrorCode::io);
  }
}

TEST_CASE("block lists") {
  const auto blocks = parse_uncommitted_blocks(
      "<BlockList><CommittedBlocks><Block><Name>eA==</Name><Size>9</Size></Block></CommittedBlocks>"
      "<UncommittedBlocks><Block><Name>eQ==</Name><Size>7</Size></Block></UncommittedBlocks>"
      "</BlockList>");
  REQUIRE(blocks);
  REQUIRE(blocks->size() == 1);
  CHECK(blocks->front().id == "eQ==");
  CHECK(blocks->front().length == 7);
  CHECK(block_list_document(std::vector<std::string>{"eQ==", "eA=="})
            .ends_with("<BlockList><Latest>eQ==</Latest><Latest>eA==</Latest></BlockList>"));
}

}  // namespace
}  // namespace cavra::azure
