#include "s3-object-lock/s3_documents.hpp"

#include <doctest/doctest.h>

#include "s3-object-lock/bucket_policy.hpp"
#include "s3-object-lock/object_listing.hpp"

using namespace cavra;
using namespace cavra::s3;

TEST_CASE("a page of versions: markers, encoded keys, and where it goes on") {
  const auto page = parse_versions(
      "<ListVersionsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
      "<NextKeyMarker>a%2Fb</NextKeyMarker><NextVersionIdMarker>v+1</NextVersionIdMarker>"
      "<Version><Key>a%2Fb+c%2B</Key><VersionId>v1</VersionId><IsLatest>true</IsLatest>"
      "<LastModified>2030-03-17T17:46:40.000Z</LastModified><Size>7</Size></Version>"
      "<DeleteMarker><Key>a/b</Key><VersionId>v+1</VersionId><IsLatest>false</IsLatest>"
      "</DeleteMarker></ListVersionsResult>");
  REQUIRE(page);
  REQUIRE(page->entries.size() == 2);
  CHECK(page->entries[0].key == "a/b c+");
  CHECK(page->entries[0].length == 7);
  CHECK(page->entries[0].is_latest);
  CHECK(*page->entries[0].stored_at_unix_s == 1900000000);
  CHECK(page->entries[1].is_delete_marker);
  CHECK((*page->next == ListingPlace{"a/b", "v+1"}));
}

TEST_CASE("listings that lie are errors") {
  for (const char* xml :
       {"<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>",
        "<ListVersionsResult><Version><Key>a</Key><Size>-1</Size></Version></ListVersionsResult>",
        "<ListVersionsResult><Version><Key>a</Key></Version></ListVersionsResult>",
        "<ListVersionsResult><EncodingType>url</EncodingType><Version><Key>%zz</Key><Size>1</Size>"
        "</Version></ListVersionsResult>",
        "<ListBucketResult/>", "<Error><Code>A</Code></Error>", "", "<ListVersionsResult>"}) {
    CAPTURE(std::string(xml));
    CHECK_FALSE(parse_versions(xml));
  }
  CHECK_FALSE(parse_uploads("<ListVersionsResult/>"));
  CHECK_FALSE(parse_upload_id("<InitiateMultipartUploadResult/>"));
  CHECK_FALSE(
      parse_parts("<ListPartsResult><Part><PartNumber>x</PartNumber></Part>"
                  "</ListPartsResult>"));
}

TEST_CASE("parts, and what completes an upload") {
  const auto page = parse_parts(
      "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>1</"
      "NextPartNumberMarker><Part><PartNumber>1</PartNumber><Size>5</Size>"
      "<ETag>&quot;abc&quot;</ETag></Part></ListPartsResult>");
  REQUIRE(page);
  CHECK(page->parts[0].etag == "\"abc\"");
  CHECK(*page->next == 1);
  CHECK(complete_document({{1, "\"a\"", "b="}}) ==
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Part>"
        "<PartNumber>1</PartNumber><ETag>\"a\"</ETag><ChecksumSHA256>b=</ChecksumSHA256></Part>"
        "</CompleteMultipartUpload>");
  CHECK(is_complete_result("<CompleteMultipartUploadResult/>"));
  CHECK_FALSE(is_complete_result("<Error><Code>InternalError</Code></Error>"));
  CHECK_FALSE(is_complete_result("<CompleteMultipartUploadResult>"));
}

TEST_CASE("the bucket's lock configuration") {
  const auto rule = parse_lock_configuration(
      "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
      "<DefaultRetention><Mode>GOVERNANCE</Mode><Years>2</Years></DefaultRetention></Rule>"
      "</ObjectLockConfiguration>");
  REQUIRE(rule);
  CHECK(rule->is_enabled);
  CHECK(rule->rule->seconds() == 2LL * 365 * 86400);
  CHECK(rule->rule->text() == "GOVERNANCE, 2 years");
  const auto none = parse_lock_configuration("<ObjectLockConfiguration/>");
  REQUIRE(none);
  CHECK_FALSE(none->is_enabled);
  CHECK_FALSE(none->rule);
  CHECK_FALSE(parse_lock_configuration(
      "<ObjectLockConfiguration><Rule><DefaultRetention><Mode>NONE</Mode></DefaultRetention>"
      "</Rule></ObjectLockConfiguration>"));
}

TEST_CASE("a place in a listing is written one way, and read back") {
  for (const Cursor& cursor :
       {Cursor{false, {"a:b/1", "v:1"}}, Cursor{true, {"k", ""}}, Cursor{true, {"", ""}}}) {
    const auto read = parse_cursor(format_cursor(cursor));
    REQUIRE(read);
    CHECK(read->is_in_uploads == cursor.is_in_uploads);
    CHECK(read->after == cursor.after);
  }
  CHECK_FALSE(parse_cursor("")->is_in_uploads);
  for (const char* text : {"x1:a", "v", "v:", "v9:a", "v99999999999999999999:a", "u1"})
    CHECK_FALSE(parse_cursor(text));
}

TEST_CASE("a policy denies to all only where it says so without conditions") {
  const auto policy = [](const std::string& statement) {
    return "{\"Statement\":[" + statement + "]}";
  };
  const std::string denies =
      R"({"Effect":"Deny","Principal":"*","Action":["s3:Delete*","s3:bypassgovernanceretention"],)"
      R"("Resource":"arn:aws:s3:::b/*"})";
  CHECK(denies_to_all(policy(denies), "s3:DeleteObjectVersion", "b"));
  CHECK(denies_to_all(policy(denies), "s3:BypassGovernanceRetention", "b"));
  CHECK_FALSE(denies_to_all(policy(denies), "s3:PutBucketPolicy", "b"));
  CHECK_FALSE(denies_to_all(policy(denies), "s3:DeleteObjectVersion", "bb"));
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"\"Deny\"", "\"Allow\""},
                                 {"\"*\",\"A", "{\"AWS\":\"arn:x\"},\"A"},
                                 {"b/*", "b/a/*"},
                                 {"\"Effect\"", "\"Condition\":{},\"Effect\""},
                                 {"s3:Delete*", "s3:D*Version"}}) {
    std::string other = denies;
    other.replace(other.find(from), from.size(), to);
    CAPTURE(other);
    CHECK_FALSE(denies_to_all(policy(other), "s3:DeleteObjectVersion", "b"));
  }
  for (const char* text : {"", "[]", "{}", "{\"Statement\":1}", "{\"Statement\":[1,{}]}"})
    CHECK_FALSE(denies_to_all(text, "s3:DeleteObjectVersion", "b"));
}
