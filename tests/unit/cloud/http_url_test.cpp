#include "cloud/http_url.hpp"

#include <doctest/doctest.h>

#include <array>

namespace cavra::cloud {
namespace {

TEST_CASE("a URL is read in its parts") {
  struct Row {
    std::string_view text;
    std::string_view host, authority, path, query;
    bool is_loopback;
  };
  static constexpr std::array rows{
      Row{"https://sts.example", "sts.example", "sts.example", "/", "", false},
      Row{"https://STS.Example:443/a%2Fb?c=/d", "sts.example", "sts.example", "/a%2Fb", "c=/d",
          false},
      Row{"http://127.0.0.1:8000/", "127.0.0.1", "127.0.0.1:8000", "/", "", true},
      Row{"http://localhost:80", "localhost", "localhost", "/", "", true},
      Row{"http://[::1]:443/x", "::1", "[::1]:443", "/x", "", true},
      Row{"https://[FD00:ec2::23]", "fd00:ec2::23", "[fd00:ec2::23]", "/", "", false},
      Row{"http://a?b", "a", "a", "/", "b", false},
      // Names that only begin as an address of this machine does.
      Row{"http://127.0.0.1.example", "127.0.0.1.example", "127.0.0.1.example", "/", "", false},
      Row{"http://127.1", "127.1", "127.1", "/", "", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto url = parse_http_url(row.text);
    REQUIRE(url.has_value());
    CHECK(url->is_tls == row.text.starts_with("https"));
    CHECK(url->host == row.host);
    CHECK(url->authority == row.authority);
    CHECK(url->path == row.path);
    CHECK(url->query == row.query);
    CHECK(url->is_loopback() == row.is_loopback);
    const auto again = parse_http_url(url->text());
    REQUIRE(again.has_value());
    CHECK(again->text() == url->text());
  }
}

TEST_CASE("what two readers could read differently is no URL") {
  for (const std::string_view text : std::array<std::string_view, 22>{"",
                                                                      "https://",
                                                                      "ftp://a",
                                                                      "HTTPS://a",
                                                                      "//a",
                                                                      "a",
                                                                      "https:///a",
                                                                      "https://a b",
                                                                      "https://u@a",
                                                                      "https://u:p@a",
                                                                      "http://127.0.0.1:80@evil",
                                                                      "http://127.0.0.1\\@evil",
                                                                      "https://a/#b",
                                                                      "https://a:0",
                                                                      "https://a:65536",
                                                                      "https://a:",
                                                                      "https://a:80x",
                                                                      "https://[::1",
                                                                      "https://[::1]x",
                                                                      "https://[evil]",
                                                                      "https://a\n",
                                                                      "https://\xc3\xa4"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_url(text).has_value());
  }
}

}  // namespace
}  // namespace cavra::cloud
