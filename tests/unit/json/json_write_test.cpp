#include <doctest/doctest.h>

#include "cavra/json.hpp"

using namespace cavra;

TEST_CASE("the canonical form of the format's worked example") {
  const auto manifest = parse_json(R"({
    "signature": {"algorithm": "SHA256"},
    "signer": "Zoë",
    "product": "CAVRA",
    "schema_version": "cavra.evidence.bundle.v1",
    "files": [{"path": "note.txt", "bytes": 6, "sha256": "58"}],
    "created_at": "2026-05-21T12:00:00+00:00"
  })");
  REQUIRE(manifest);
  CHECK(canonical_json_without(*manifest, "signature") ==
        R"({"created_at": "2026-05-21T12:00:00+00:00", "files": [{"bytes": 6, "path": "note.txt", )"
        R"("sha256": "58"}], "product": "CAVRA", "schema_version": "cavra.evidence.bundle.v1", )"
        R"("signer": "Zo\u00eb"})");
}

TEST_CASE("only the top-level member is left out") {
  const JsonValue value = parse_json(R"({"b": {"a": 1}, "a": 2})").value();
  CHECK(canonical_json_without(value, "a") == R"({"b": {"a": 1}})");
  CHECK(canonical_json_without(value, "c") == canonical_json(value));
  CHECK(canonical_json_without(JsonValue(1), "a") == "1");
}

TEST_CASE("names are sorted by code point, not by UTF-16 unit") {
  const JsonValue value = JsonValue::object(
      {{"\xF0\x90\x80\x80", 6}, {"\xEF\xBF\xBF", 5}, {"a", 2}, {"Z", 1}, {"_", 3}, {"é", 4}});
  CHECK(canonical_json(value) ==
        R"({"Z": 1, "_": 3, "a": 2, "\u00e9": 4, "\uffff": 5, "\ud800\udc00": 6})");
}

TEST_CASE("strings are escaped as Python does, or as little as RFC 8259 allows") {
  const JsonValue value("\"\\/\b\f\n\r\t\x01\x1f\x7f é€😀<&>");
  CHECK(canonical_json(value) ==
        R"("\"\\/\b\f\n\r\t\u0001\u001f\u007f \u00e9\u20ac\ud83d\ude00<&>")");
  CHECK(compact_json(value) == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f é€😀<&>\"");
  CHECK(canonical_json(std::string(1, '\0')) == R"("\u0000")");
}

TEST_CASE("bytes that are not UTF-8 become U+FFFD, one each") {
  struct Row {
    std::string_view text;
    std::string_view written;
  };
  static constexpr std::array rows{
      Row{"a\xff z", R"("a\ufffd z")"},
      Row{"\xc3", R"("\ufffd")"},
      Row{"\xe2\x82", R"("\ufffd\ufffd")"},
      Row{"\xc0\xaf", R"("\ufffd\ufffd")"},
      Row{"\xed\xa0\x80", R"("\ufffd\ufffd\ufffd")"},
      Row{"\xf4\x90\x80\x80", R"("\ufffd\ufffd\ufffd\ufffd")"},
      Row{"\x80", R"("\ufffd")"},
      Row{"\xf0\x9f\x98\x80", R"("\ud83d\ude00")"},
  };
  for (const auto& [text, written] : rows) {
    CAPTURE(written);
    CHECK(canonical_json(text) == written);
    CHECK(parse_json(compact_json(text)).value() == parse_json(written).value());
  }
}

TEST_CASE("the pretty form is Python's with indent 2") {
  const JsonValue value = parse_json(R"({"b": [1, [], {}], "a": {"x": null}})").value();
  CHECK(pretty_json(value) == R"({
  "a": {
    "x": null
  },
  "b": [
    1,
    [],
    {}
  ]
})");
  CHECK(pretty_json(JsonValue::array()) == "[]");
  CHECK(pretty_json(JsonValue::object()) == "{}");
  CHECK(pretty_json(parse_json("[1]").value(), 2) == "[\n      1\n    ]");
}

TEST_CASE("the compact form keeps the order of members") {
  CHECK(compact_json(parse_json(R"({"b": [1, 2.50, true, false, null], "a": {}})").value()) ==
        R"({"b":[1,2.5,true,false,null],"a":{}})");
}
