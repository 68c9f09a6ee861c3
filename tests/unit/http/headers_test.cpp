#include "http/headers.hpp"

#include <doctest/doctest.h>

namespace cavra::http {
namespace {

TEST_CASE("headers keep their order, and are found without regard to case") {
  Headers headers{{"Host", "example.org"}, {"X-Two", "1"}};
  headers.add("x-two", "2");
  CHECK(headers.find("HOST") == "example.org");
  CHECK(headers.find("x-TWO") == "1");
  CHECK(headers.get("host") == "example.org");
  CHECK_FALSE(headers.find("x-tw"));
  CHECK_FALSE(headers.find("x-two "));
  CHECK_FALSE(headers.find(""));
  CHECK(headers.get("etag").empty());
  CHECK(headers.all() ==
        std::vector<Header>{{"Host", "example.org"}, {"X-Two", "1"}, {"x-two", "2"}});
}

TEST_CASE("set replaces all headers of a name") {
  Headers headers{{"Host", "a"}, {"Date", "1"}, {"HOST", "b"}};
  headers.set("host", "c");
  CHECK(headers.all() == std::vector<Header>{{"Date", "1"}, {"host", "c"}});
  headers.set("etag", "");
  CHECK(headers.find("ETag") == "");
}

TEST_CASE("lower_case is of ASCII alone") {
  CHECK(lower_case("X-Amz-Meta-ÉZ@[`{") == "x-amz-meta-Éz@[`{");
  CHECK(lower_case("").empty());
}

}  // namespace
}  // namespace cavra::http
