#include <doctest/doctest.h>

#include <numeric>

#include "byte_sources.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

// What a streamed document tells, put together again.
struct Told {
  std::vector<JsonValue> elements;
  JsonValue members = JsonValue::object();
  Result<void> result;
};

Told stream(std::string_view text, std::string_view array_member, std::size_t block_bytes) {
  Told told;
  MemorySource source{std::string(text), block_bytes};
  JsonStreamHandler handler = collect_elements(told.elements);
  handler.on_member = [&](const std::string& name, JsonValue&& value) -> Result<void> {
    told.members.set(name, std::move(value));
    return {};
  };
  told.result = stream_json(source, array_member, handler);
  return told;
}

std::string problem_of(std::string_view text) {
  const Told told = stream(text, "items", 65536);
  if (told.result) return "accepted";
  CHECK(told.result.error().code == ErrorCode::corrupt);
  return told.result.error().message;
}

constexpr std::string_view kDocument =
    "{\"first\": {\"a\": [1, 2]},\r\n \"items\": [{\"id\": 1, \"t\": \"\\u00e9\\ud83d\\ude00é\"}, "
    "[], "
    "-12.5e-1, \"x\", null, true, 123456789012345678901],\n \"last\": \"z\"}\n";

constexpr std::size_t kLimit = kMaxStreamedValueBytes;

}  // namespace

TEST_CASE("streaming tells the same as reading whole, whatever the blocks") {
  const JsonValue whole = parse_json(kDocument).value();
  for (std::size_t block = 1; block <= kDocument.size(); ++block) {
    CAPTURE(block);
    const Told told = stream(kDocument, "items", block);
    REQUIRE(told.result);
    CHECK(JsonValue(told.elements) == *whole.find("items"));
    CHECK(told.members.if_object()->size() == 2);
    CHECK(*told.members.find("first") == *whole.find("first"));
    CHECK(*told.members.find("last") == *whole.find("last"));
  }
}

TEST_CASE("streaming refuses each cut document, and at the same place as reading whole") {
  for (std::size_t size = 0; size + 2 < kDocument.size(); ++size) {
    CAPTURE(size);
    const std::string_view cut = kDocument.substr(0, size);
    for (const std::size_t block : {std::size_t{1}, std::size_t{7}, std::size_t{65536}}) {
      const Told told = stream(cut, "items", block);
      REQUIRE(!told.result);
      if (block == 65536) CHECK(told.result.error().message == parse_json(cut).error().message);
    }
  }
}

TEST_CASE("an array at the top is streamed") {
  const Told told = stream("[1, [2], {\"items\": [3]}]", "items", 2);
  REQUIRE(told.result);
  CHECK(compact_json(JsonValue(told.elements)) == R"([1,[2],{"items":[3]}])");
  CHECK(stream("[]", "items", 1).result);
}

TEST_CASE("only the named member is streamed, and only where it is an array") {
  const Told other = stream(R"({"other": [1, 2], "items": {"items": [3]}})", "items", 5);
  REQUIRE(other.result);
  CHECK(other.elements.empty());
  CHECK(compact_json(other.members) == R"({"other":[1,2],"items":{"items":[3]}})");
  const Told none = stream("{}", "items", 5);
  CHECK(none.result);
}

TEST_CASE("callbacks may be left out") {
  MemorySource source{std::string(kDocument)};
  CHECK(stream_json(source, "items", {}));
}

TEST_CASE("a streamed document is read as strictly as any other") {
  using namespace std::string_view_literals;
  CHECK(problem_of("1") == "neither an object nor an array at byte 0 (line 1, column 1)");
  CHECK(problem_of("\"a\"").starts_with("neither an object nor an array at byte"));
  CHECK(problem_of("") == "there is no value at byte 0 (line 1, column 1), where the text ends");
  CHECK(problem_of("{\"a\":1,\n\"a\":2}") ==
        "a doubled member name, which ends at byte 10 (line 2, column 3)");
  CHECK(problem_of(R"({"items":[],"items":[]})").starts_with("a doubled member name"));
  CHECK(problem_of(R"({"items":[{"b":1,"b":2}]})").starts_with("a doubled member name"));
  CHECK(problem_of(R"({"x":{"b":1,"b":2}})").starts_with("a doubled member name"));
  CHECK(problem_of("[1]\0"sv) == "a NUL byte at byte 3 (line 1, column 4)");
  CHECK(problem_of("[\"\0\"]"sv) == "a NUL byte at byte 2 (line 1, column 3)");
  CHECK(problem_of("\xEF\xBB\xBF[]").starts_with("a byte order mark"));
  CHECK(problem_of("[\"\xff\"]").starts_with("bytes that are not UTF-8 at byte 2"));
  CHECK(problem_of("[NaN]").starts_with("no JSON value"));
  CHECK(problem_of("[1] 2").starts_with("something stands behind the document's end"));
}

TEST_CASE("the levels around a streamed value count") {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  CHECK(problem_of("{\"items\":[" + nested(254) + "]}") == "accepted");
  CHECK(problem_of("{\"items\":[" + nested(255) + "]}").starts_with("more than 256 levels"));
  CHECK(problem_of("{\"other\":" + nested(255) + "}") == "accepted");
  CHECK(problem_of("{\"other\":" + nested(256) + "}").starts_with("more than 256 levels"));
  CHECK(problem_of("[" + nested(255) + "]") == "accepted");
  CHECK(problem_of("[" + nested(256) + "]").starts_with("more than 256 levels"));
}

TEST_CASE("a streamed value may have 16 MiB of text") {
  const auto array_with = [](std::size_t bytes) {
    return "[1,\"" + std::string(bytes, 'x') + "\"]";
  };
  CHECK(problem_of(array_with(kLimit - 3)) == "accepted");  // with its comma and its quotes
  CHECK(problem_of(array_with(kLimit - 2)).starts_with("a value of more than 16 MiB"));
  CHECK(problem_of("{\"items\":[" + std::string(kLimit, ' ') + "  1]}")
            .starts_with("a value of more than 16 MiB"));
}

TEST_CASE("an endless value is given up after 16 MiB") {
  struct Row {
    std::string_view head;
    char fill;
  };
  static constexpr std::array rows{
      Row{"[\"", 'x'},           Row{"[", '1'},   Row{"[", ' '},
      Row{"{\"", 'n'},           Row{"", ' '},    Row{"{\"a\":", ' '},
      Row{"{\"items\":[]", ' '}, Row{"[]", '\n'},
  };
  for (const auto& [head, fill] : rows) {
    CAPTURE(head);
    EndlessSource source{std::string(head), fill};
    const auto read = stream_json(source, "items", {});
    REQUIRE(!read);
    CHECK(read.error().message.starts_with("a value of more than 16 MiB"));
    CHECK(source.bytes_read() < kLimit + 3 * 65536);
  }
}

TEST_CASE("the names of a streamed object are bounded too") {
  class Names final : public ByteSource {
   public:
    Result<std::size_t> read(std::span<std::byte> buffer) override {
      std::string text = count_ == 0 ? "{" : ",";
      text += '"' + std::string(60000, 'n') + std::to_string(count_++) + "\":1";
      std::memcpy(buffer.data(), text.data(), text.size());
      return text.size();
    }

   private:
    std::size_t count_ = 0;
  } names;
  const auto read = stream_json(names, "items", {});
  REQUIRE(!read);
  CHECK(read.error().message.starts_with("too many members"));
}

TEST_CASE("an error of the source or of a callback is passed on as it is") {
  MemorySource broken("[1, 2, 3");
  broken.fail_at_end();
  std::vector<JsonValue> elements;
  const auto read = stream_json(broken, "", collect_elements(elements));
  REQUIRE(!read);
  CHECK(read.error().code == ErrorCode::io);
  CHECK(read.error().message == "the disk is gone");
  CHECK(elements.size() == 2);  // the 3 may be the beginning of 31

  MemorySource whole("[1, 2, 3]");
  std::size_t seen = 0;
  const auto stopped = stream_json(whole, "",
                                   {[&](std::size_t, JsonValue&&) -> Result<void> {
                                      if (++seen == 2) return Error{ErrorCode::conflict, "enough"};
                                      return {};
                                    },
                                    nullptr});
  REQUIRE(!stopped);
  CHECK(stopped.error().code == ErrorCode::conflict);
  CHECK(stopped.error().message == "enough");
  CHECK(seen == 2);

  MemorySource object(R"({"a": 1, "b": 2})");
  const auto refused =
      stream_json(object, "", {nullptr, [](const std::string& name, JsonValue&&) -> Result<void> {
                                 return Error{ErrorCode::refused, "member " + name};
                               }});
  REQUIRE(!refused);
  CHECK(refused.error().message == "member a");
}

TEST_CASE("an error says its line where blocks before it are gone") {
  std::string text = "[";
  for (int i = 0; i < 30000; ++i)
    text += "\"some text\",\n";
  text += "  x]";
  CHECK(problem_of(text) == parse_json(text).error().message);
  CHECK(problem_of(text).ends_with("(line 30001, column 3)"));
}
