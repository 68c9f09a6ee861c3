#include "s3-object-lock/s3_address.hpp"

#include <doctest/doctest.h>

using namespace cavra;
using namespace cavra::s3;

namespace {

Result<S3Address> make(const std::string& bucket, const std::string& region = {},
                       const std::string& endpoint = {}, const std::string& addressing = {}) {
  S3Settings settings;
  settings.bucket = bucket;
  settings.region = region;
  settings.endpoint = endpoint;
  settings.addressing = addressing;
  return S3Address::make(settings, {});
}

std::string url(const Result<S3Address>& address, std::string_view key) {
  REQUIRE(address);
  return address->url(address->path(key), "");
}

}  // namespace

TEST_CASE("AWS's hosts, by region and partition") {
  CHECK(url(make("b"), "a b/c") == "https://b.s3.us-east-1.amazonaws.com/a%20b/c");
  CHECK(url(make("b", "cn-north-1"), "k") == "https://b.s3.cn-north-1.amazonaws.com.cn/k");
  CHECK(url(make("b", "eu-west-1", "", "path"), "k") == "https://s3.eu-west-1.amazonaws.com/b/k");
  // No certificate covers a name with dots.
  CHECK(url(make("a.b", "eu-west-1"), "") == "https://s3.eu-west-1.amazonaws.com/a.b");
  CHECK(make("b", "cn-north-1")->identity() == "arn:aws-cn:s3:::b");
  CHECK(make("b", "us-gov-west-1")->identity() == "arn:aws-us-gov:s3:::b");
  CHECK(make("b")->identity() == "arn:aws:s3:::b");
  CHECK(make("b")->location("p") == "s3://b/p (us-east-1)");
}

TEST_CASE("other servers: by path where the host is an address, plain for this machine alone") {
  CHECK(url(make("b", "", "http://127.0.0.1:8000/"), "k") == "http://127.0.0.1:8000/b/k");
  CHECK(url(make("b", "", "https://s3.example.org:443"), "k") == "https://b.s3.example.org/k");
  CHECK(url(make("b", "", "http://localhost:1"), "k") == "http://localhost:1/b/k");
  CHECK(make("b", "", "https://s3.example.org:9000")->identity() == "s3://s3.example.org/b");
  CHECK(make("b", "", "https://s3.example.org")->location("") ==
        "s3://b at https://s3.example.org");
  for (const char* endpoint : {"http://s3.example.org", "ftp://a", "https://", "https://a/b",
                               "https://user@a", "https://a:b", "https://a?b", "s3.example.org"}) {
    CAPTURE(std::string(endpoint));
    const auto address = make("b", "", endpoint);
    REQUIRE_FALSE(address);
    CHECK(address.error().code == ErrorCode::usage);
  }
}

TEST_CASE("who is AWS is not told by the end of a name") {
  for (const char* host :
       {"s3.us-east-1.amazonaws.com", "s3.amazonaws.com", "b.s3.amazonaws.com",
        "b.s3.eu-central-1.amazonaws.com", "b.s3-fips.us-gov-west-1.amazonaws.com",
        "b.s3.dualstack.eu-west-1.amazonaws.com", "my.s3.bucket.s3.eu-west-1.amazonaws.com",
        "s3.cn-north-1.amazonaws.com.cn", "b.vpce-1a.s3.us-east-1.vpce.amazonaws.com"}) {
    CAPTURE(std::string(host));
    CHECK(is_aws_host(host));
  }
  for (const char* host :
       {"ec2-1-2-3-4.compute-1.amazonaws.com", "amazonaws.com", "s3.example.org", "s3.evil.com",
        "s3.us-east-1.amazonaws.com.evil.com", "a.elb.us-east-1.amazonaws.com", "localhost", ""}) {
    CAPTURE(std::string(host));
    CHECK_FALSE(is_aws_host(host));
  }
}

TEST_CASE("a region that a service names moves AWS's host, and no other, and is a region") {
  const auto moved = make("b")->in_region("eu-north-1");
  REQUIRE(moved);
  CHECK(moved->host() == "b.s3.eu-north-1.amazonaws.com");
  const auto stays = make("b", "", "https://s3.example.org")->in_region("eu-north-1");
  REQUIRE(stays);
  CHECK(stays->host() == "b.s3.example.org");
  CHECK(stays->region() == "eu-north-1");
  for (const char* text : {"", "evil.com/", "a b", "A", "-a", "a@b"})
    CHECK_FALSE(make("b")->in_region(text));
  CHECK_FALSE(make("b", "no region"));
}
