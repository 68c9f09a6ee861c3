#include "s3-object-lock/put_rivals.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "cavra/support/encoding.hpp"
#include "http/digest.hpp"
#include "s3-object-lock/put_case.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::cloud::testing;
using namespace cavra::s3::testing;

StoredVersion hello(std::string_view key) {
  return version_of("hello", key);
}

// Three objects were put, each as the newest version of its key.
struct Lot {
  explicit Lot(SmallS3& small) : s3(small) {}

  Result<void> name_the_oldest() {
    Bucket bucket(s3.url());
    bucket.open();
    const sdk::Call call = bucket.host.call();
    std::vector<MadeVersion> made;
    for (std::size_t i = 0; i < kKeys.size(); ++i) {
      requests[i].key = kKeys[i];
      requests[i].length = 5;
      requests[i].sha256 = http::sha256(as_bytes("hello"));
      results[i].is_created = true;
      results[i].version = newest(kKeys[i]);
      made.push_back({&requests[i], &results[i]});
    }
    return s3::name_the_oldest({*bucket.service, *bucket.session, call}, made);
  }

  [[nodiscard]] std::string newest(const std::string& key) const {
    return std::ranges::find(s3.versions, key, &StoredVersion::key)->id;
  }

  static constexpr std::array<const char*, 3> kKeys{"a/3", "a/1", "a/2"};
  SmallS3& s3;
  std::array<sdk::PutRequest, 3> requests;
  std::array<sdk::PutResult, 3> results;
};

TEST_CASE("one listing for all of a lot, and a look at the keys that have another version") {
  SmallS3 s3;
  s3.store(hello("a/2"));
  const std::string older = s3.versions.front().id;
  for (const char* key : Lot::kKeys)
    s3.store(hello(key));
  Lot lot(s3);
  const auto named = lot.name_the_oldest();
  REQUIRE_MESSAGE(named, named.error().message);
  CHECK(lot.results[0].is_created);
  CHECK(lot.results[1].is_created);
  CHECK_FALSE(lot.results[2].is_created);
  CHECK(lot.results[2].version == older);
  const auto listings = s3.asked("GET", "versions");
  REQUIRE(listings.size() == 2);
  CHECK(listings[0].target.find("key-marker=a%2F&") != std::string::npos);
  CHECK(listings[1].target.find("prefix=a%2F2") != std::string::npos);
}

TEST_CASE("where too many others lie between, each key is looked at") {
  SmallS3 s3;
  for (const char* key : Lot::kKeys)
    s3.store(hello(key));
  int pages = 0;
  s3.before = [&](const Asked& asked) -> std::optional<Answered> {
    if (asked.target.find("key-marker") == std::string::npos) return std::nullopt;
    const std::string key = "a/1" + std::to_string(++pages);
    return Answered{.status = 200,
                    .body = "<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>" +
                            key + "</NextKeyMarker><Version><Key>" + key +
                            "</Key><VersionId>x</VersionId><Size>1</Size></Version>"
                            "</ListVersionsResult>",
                    .headers = {}};
  };
  Lot lot(s3);
  const auto named = lot.name_the_oldest();
  REQUIRE_MESSAGE(named, named.error().message);
  CHECK(pages == 3);
  CHECK(s3.asked("GET", "versions").size() == 6);
  CHECK(lot.results[0].is_created);
}

TEST_CASE("a lot whose listing is refused knows nothing") {
  SmallS3 s3;
  for (const char* key : Lot::kKeys)
    s3.store(hello(key));
  s3.before = [](const Asked&) -> std::optional<Answered> { return s3_error(403, "AccessDenied"); };
  const auto named = Lot(s3).name_the_oldest();
  REQUIRE_FALSE(named);
  CHECK(named.error().code == ErrorCode::forbidden);
}

}  // namespace
}  // namespace cavra::s3
