#include "http/http_date.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "cavra/support/time.hpp"
#include "vectors.hpp"

namespace cavra::http {
namespace {

using testing::text_of;

TEST_CASE("a date is read, and written the same") {
  struct Row {
    std::string_view text;
    std::int64_t unix_s;
  };
  for (const auto& [text, unix_s] : {
           Row{"Sun, 06 Nov 1994 08:49:37 GMT", 784'111'777},
           Row{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
           Row{"Wed, 31 Dec 1969 23:59:59 GMT", -1},
           Row{"Thu, 29 Feb 2024 00:00:00 GMT", 1'709'164'800},
           Row{"Sun, 07 Feb 2106 06:28:16 GMT", 4'294'967'296},
           Row{"Mon, 01 Jan 0001 00:00:00 GMT", kMinUnixSeconds},
           Row{"Fri, 31 Dec 9999 23:59:59 GMT", kMaxUnixSeconds},
       }) {
    CAPTURE(text);
    CHECK(parse_http_date(text) == unix_s);
    CHECK(format_http_date(unix_s) == text);
  }
}

TEST_CASE("nothing else is a date") {
  using namespace std::string_view_literals;
  for (const std::string_view text : {
           ""sv,
           "Sun, 06 Nov 1994 08:49:37"sv,
           "Sun, 06 Nov 1994 08:49:37 UTC"sv,
           "Sun, 06 Nov 1994 08:49:37 gmt"sv,
           "sun, 06 nov 1994 08:49:37 GMT"sv,
           "Sun, 06 Nov 1994 08:49:37 GMT "sv,
           " Sun, 06 Nov 1994 08:49:37 GMT"sv,
           "Sun, 06 Nov 1994 08:49:37 GMT junk"sv,
           "Sun, 6 Nov 1994 08:49:37 GMT"sv,
           "Sun,  6 Nov 1994 08:49:37 GMT"sv,
           "Sun, +6 Nov 1994 08:49:37 GMT"sv,
           "Sun, 06-Nov-1994 08:49:37 GMT"sv,
           "Sun; 06 Nov 1994 08:49:37 GMT"sv,
           "Sun, 06 Nov 1994 08.49.37 GMT"sv,
           "Sunday, 06-Nov-94 08:49:37 GMT"sv,
           "Sun Nov  6 08:49:37 1994"sv,
           "1994-11-06T08:49:37Z"sv,
           // What no calendar and no clock has.
           "Mon, 06 Nov 1994 08:49:37 GMT"sv,
           "Sun, 31 Feb 2026 00:00:00 GMT"sv,
           "Thu, 29 Feb 2023 00:00:00 GMT"sv,
           "Sun, 00 Nov 1994 08:49:37 GMT"sv,
           "Sun, 32 Nov 1994 08:49:37 GMT"sv,
           "Sun, 06 Foo 1994 08:49:37 GMT"sv,
           "Sun, 06 Nov 1994 24:00:00 GMT"sv,
           "Sun, 06 Nov 1994 08:60:37 GMT"sv,
           "Sat, 31 Dec 2016 23:59:60 GMT"sv,
           "Sat, 01 Jan 0000 00:00:00 GMT"sv,
           "Sun, 06 Nov -994 08:49:37 GMT"sv,
           "Sun, 06 Nov 1994 08:49:37 GM\0"sv,
       }) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text));
  }
}

TEST_CASE("what has no such date is not written as one") {
  CHECK(format_http_date(kMaxUnixSeconds + 1) == "@253402300800");
  CHECK(format_http_date(kMinUnixSeconds - 1) == "@-62135596801");
  CHECK(format_http_date(std::numeric_limits<std::int64_t>::min()) == "@-9223372036854775808");
  CHECK(format_http_date(std::numeric_limits<std::int64_t>::max()) == "@9223372036854775807");
}

// What may be taken or not ("either") is decided above.
TEST_CASE("dates agree with the public set") {
  testing::run_vectors("time/http_date.jsonl", [](const JsonValue& row) {
    const std::string text = text_of(row, "text");
    const std::string verdict = text_of(row, "verdict");
    const auto parsed = parse_http_date(text);
    if (!parsed) return testing::outcome(verdict != "accept");
    return testing::outcome(verdict != "refuse" &&
                            parsed == testing::integer_of(row, "unix_seconds") &&
                            format_http_date(*parsed) == text);
  });
}

}  // namespace
}  // namespace cavra::http
