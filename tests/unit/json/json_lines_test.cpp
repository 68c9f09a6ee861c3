#include <doctest/doctest.h>

#include "byte_sources.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

struct Told {
  std::vector<JsonValue> values;
  Result<void> result;
};

Told read_lines(std::string_view text, std::size_t block_bytes = 65536) {
  Told told;
  MemorySource source{std::string(text), block_bytes};
  told.result =
      stream_json_lines(source, [&](std::size_t index, JsonValue&& value) -> Result<void> {
        CHECK(index == told.values.size());
        told.values.push_back(std::move(value));
        return {};
      });
  return told;
}

std::string problem_of(std::string_view text) {
  const Told told = read_lines(text);
  if (told.result) return "accepted";
  CHECK(told.result.error().code == ErrorCode::corrupt);
  return told.result.error().message;
}

}  // namespace

TEST_CASE("each line is a value, whatever its end and the blocks") {
  constexpr std::string_view text = "{\"a\":1}\n\n \t\r\n[2]\r\n\"three\"\n4";
  for (std::size_t block = 1; block <= text.size(); ++block) {
    CAPTURE(block);
    const Told told = read_lines(text, block);
    REQUIRE(told.result);
    CHECK(compact_json(JsonValue(told.values)) == R"([{"a":1},[2],"three",4])");
  }
  CHECK(read_lines("").values.empty());
  CHECK(read_lines("\n\n").values.empty());
  CHECK(read_lines("1\n").values.size() == 1);
}

TEST_CASE("an error says the line of the file") {
  using namespace std::string_view_literals;
  CHECK(problem_of("1\n\n{\"a\":}\n") == "line 3: no JSON value at byte 5 (line 1, column 6)");
  CHECK(problem_of("1 2\n").starts_with("line 1: something stands behind"));
  CHECK(problem_of("{\"a\":\n1}\n").starts_with("line 1: no JSON value at byte 5"));
  CHECK(problem_of("1\n\xEF\xBB\xBF"
                   "2")
            .starts_with("line 2: a byte order mark"));
  CHECK(problem_of("1\n2\0\n"sv).starts_with("line 2: a NUL byte at byte 1"));
  CHECK(problem_of("1\n{\"a\":1,\"a\":1}").starts_with("line 2: a doubled member name"));
  CHECK(problem_of("1\r2").starts_with("line 1: something stands behind"));
}

TEST_CASE("a line may have 16 MiB") {
  const std::string line = '"' + std::string(kMaxStreamedValueBytes - 2, 'x') + '"';
  CHECK(problem_of("1\n" + line + "\n2\n") == "accepted");
  CHECK(problem_of("1\n" + line + " \n2\n") == "line 2: longer than 16777216 bytes");
  EndlessSource endless("", 'x');
  const auto read =
      stream_json_lines(endless, [](std::size_t, JsonValue&&) -> Result<void> { return {}; });
  REQUIRE(!read);
  CHECK(endless.bytes_read() < kMaxStreamedValueBytes + 3 * 65536);
}

TEST_CASE("an error of the source or the callback is passed on as it is") {
  MemorySource broken("1\n2");
  broken.fail_at_end();
  std::size_t seen = 0;
  const auto read = stream_json_lines(broken, [&](std::size_t, JsonValue&&) -> Result<void> {
    ++seen;
    return {};
  });
  REQUIRE(!read);
  CHECK(read.error().message == "the disk is gone");
  CHECK(seen == 1);
  MemorySource whole("1\n2\n");
  const auto stopped = stream_json_lines(whole, [](std::size_t, JsonValue&&) -> Result<void> {
    return Error{ErrorCode::refused, "no"};
  });
  REQUIRE(!stopped);
  CHECK(stopped.error().message == "no");
}
