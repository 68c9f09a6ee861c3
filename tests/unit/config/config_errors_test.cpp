#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "cavra/config.hpp"

namespace cavra {
namespace {

constexpr std::string_view kFile = "/srv/config.json";

// Each line of the refusal without the file; the config must be refused.
std::vector<std::string> problems_of(std::string_view text) {
  const auto config = Config::parse(text, kFile);
  REQUIRE_FALSE(config);
  CHECK(config.error().code == ErrorCode::usage);
  std::vector<std::string> lines;
  std::istringstream stream(config.error().message);
  for (std::string line; std::getline(stream, line);) {
    CAPTURE(line);
    REQUIRE(line.starts_with(std::string(kFile) + "#"));
    lines.push_back(line.substr(kFile.size()));
  }
  return lines;
}

std::string document(std::string_view members) {
  return R"({"schema_version":"cavra.config.v1",)" + std::string(members) + "}";
}

TEST_CASE("each mistake is one line with its place") {
  struct Row {
    std::string_view members;
    std::string_view pointer;
    std::string_view part;
  };
  for (const auto& [members, pointer, part] : {
           // Members.
           Row{R"("trust_rots":"x")", "#/trust_rots: unknown member ", "\"trust_roots\""},
           Row{R"("$schema":"x")", "#/$schema: unknown member ", ""},
           Row{R"("stores":{"a":{"plugin":"p","setings":{}}})",
               "#/stores/a/setings: unknown member ", "\"settings\""},
           Row{R"("stores":{"a":{}})", "#/stores/a: ", "plugin"},
           Row{R"("stores":{"a":{"settings":{}}})", "#/stores/a: ", "plugin"},
           // Types.
           Row{R"("trust_roots":7)", "#/trust_roots: ", "string"},
           Row{R"("trust_roots":null)", "#/trust_roots: ", "string"},
           Row{R"("receipt_trust_roots":["a"])", "#/receipt_trust_roots: ", "string"},
           Row{R"("receipt_key":{})", "#/receipt_key: ", "string"},
           Row{R"("receipts":true)", "#/receipts: ", "string"},
           Row{R"("state":"")", "#/state: ", ""},
           Row{R"("accept_hmac":"true")", "#/accept_hmac: ", "boolean"},
           Row{R"("accept_hmac":1)", "#/accept_hmac: ", "boolean"},
           Row{R"("stores":[])", "#/stores: ", "object"},
           Row{R"("stores":{"a":"local-worm"})", "#/stores/a: ", "object"},
           Row{R"("stores":{"a":{"plugin":"p","settings":[]}})", "#/stores/a/settings: ", "object"},
           // Periods and modes.
           Row{R"("minimum_retention":"7 years")", "#/minimum_retention: ", "7y"},
           Row{R"("minimum_retention":"0d")", "#/minimum_retention: ", "longer than nothing"},
           Row{R"("minimum_retention":"")", "#/minimum_retention: ", "7y"},
           Row{R"("minimum_retention":2555)", "#/minimum_retention: ", "string"},
           Row{R"("minimum_retention":null)", "#/minimum_retention: ", "string"},
           Row{R"("minimum_mode":"none")", "#/minimum_mode: ", "governance"},
           Row{R"("minimum_mode":"COMPLIANCE")", "#/minimum_mode: ", "compliance"},
           Row{R"("minimum_mode":30)", "#/minimum_mode: ", ""},
           // Store names.
           Row{R"("stores":{"Aws":{"plugin":"p"}})", "#/stores/Aws: the store name ", "\"Aws\""},
           Row{R"("stores":{"":{"plugin":"p"}})", "#/stores/: the store name ", "\"\""},
           Row{R"("stores":{"-a":{"plugin":"p"}})", "#/stores/-a: the store name ", "\"-a\""},
           Row{R"("stores":{"a/b":{"plugin":"p"}})", "#/stores/a~1b: the store name ", "\"a/b\""},
           Row{R"("stores":{"a\n":{"plugin":"p"}})", "#/stores/a\\u000a: the store name ",
               "\"a\\u000a\""},
           // Plugins.
           Row{R"("stores":{"a":{"plugin":"./acme.so"}})", "#/stores/a/plugin: ", "sha256"},
           Row{R"("stores":{"a":{"plugin":""}})", "#/stores/a/plugin: ", "built-in"},
           Row{R"("stores":{"a":{"plugin":"../x"}})", "#/stores/a/plugin: ", "built-in"},
           Row{R"("stores":{"a":{"plugin":7}})", "#/stores/a/plugin: ", "object"},
           Row{R"("stores":{"a":{"plugin":{"path":"x"}}})", "#/stores/a/plugin: ", "sha256"},
           Row{R"("stores":{"a":{"plugin":{"path":"x","sha256":"abc"}}})",
               "#/stores/a/plugin/sha256: ", "64 lower-case hex"},
           Row{R"("stores":{"a":{"plugin":{"path":"x","sha256":null}}})",
               "#/stores/a/plugin/sha256: ", "string"},
       }) {
    CAPTURE(members);
    const auto lines = problems_of(document(members));
    REQUIRE(lines.size() == 1);
    CAPTURE(lines[0]);
    CHECK(lines[0].starts_with(pointer));
    CHECK(lines[0].find(part) != std::string::npos);
  }
}

TEST_CASE("hashes are 64 lower-case hex digits") {
  for (const std::string& sha256 :
       {std::string(64, 'A'), std::string(63, 'a'), std::string(65, 'a'),
        std::string(63, 'a') + "g", std::string(64, 'a') + "\\n"}) {
    CAPTURE(sha256);
    const auto lines = problems_of(
        document(R"("stores":{"a":{"plugin":{"path":"x","sha256":")" + sha256 + R"("}}})"));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("#/stores/a/plugin/sha256: "));
  }
}

TEST_CASE("a store's name has 1 to 64 characters") {
  const auto with_name = [](std::size_t length) {
    return document(R"("stores":{")" + std::string(length, 'x') + R"(":{"plugin":"p"}})");
  };
  CHECK(Config::parse(with_name(64), kFile));
  const auto lines = problems_of(with_name(65));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find(": the store name ") != std::string::npos);
}

TEST_CASE("all mistakes are told at once, one a line") {
  const auto lines = problems_of(R"({
    "schema_version": "cavra.config.v1",
    "trust_rots": "x",
    "minimum_retention": "soon",
    "minimum_mode": "strict",
    "accept_hmac": 1,
    "stores": {
      "Bad": {"plugin": "p"},
      "a": {"plugin": "./x.so", "setings": {}},
      "b": {"plugin": {"path": 1}},
      "c~d": 7
    }
  })");
  for (const std::string_view part :
       {"#/trust_rots: unknown member", "#/minimum_retention: ", "#/minimum_mode: ",
        "#/accept_hmac: ", "#/stores/Bad: the store name", "#/stores/c~0d: the store name",
        "#/stores/a/setings: unknown member",
        "#/stores/a/plugin: ", "#/stores/b/plugin: ", "#/stores/b/plugin/path: "}) {
    CAPTURE(part);
    CHECK(std::ranges::count_if(
              lines, [&](const std::string& line) { return line.starts_with(part); }) == 1);
  }
}

TEST_CASE("another schema_version is named, and nothing else is judged") {
  const auto lines =
      problems_of(R"({"schema_version":"cavra.config.v2","stores":7,"unheard_of":1})");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "#/schema_version: \"cavra.config.v2\" is not known here; this program reads "
        "\"cavra.config.v1\"");
  for (const std::string_view text : {"{}", R"({"schema_version":1})", R"({"stores":{}})"}) {
    CAPTURE(text);
    const auto others = problems_of(text);
    REQUIRE(others.size() == 1);
    CHECK(others[0].find("schema_version") != std::string::npos);
  }
}

TEST_CASE("what is no JSON object is refused with its place") {
  struct Row {
    std::string_view text;
    std::string_view part;
  };
  for (const auto& [text, part] : {
           Row{"", ""},
           Row{"{", ""},
           Row{"[]", "object"},
           Row{"null", "object"},
           Row{R"("x")", "object"},
           Row{R"({"schema_version":"cavra.config.v1","state":"a","state":"b"})", "doubled"},
           Row{R"({"schema_version":"cavra.config.v1",})", ""},
           Row{"{\"schema_version\":\"cavra.config.v1\" // c\n}", ""},
           Row{"\xEF\xBB\xBF{\"schema_version\":\"cavra.config.v1\"}", ""},
           Row{"{\"schema_version\":\"\xFF\"}", ""},
       }) {
    CAPTURE(text);
    const auto lines = problems_of(text);
    REQUIRE(lines.size() == 1);
    CAPTURE(lines[0]);
    CHECK(lines[0].starts_with("#: "));
    CHECK(lines[0].find(part) != std::string::npos);
  }
}

TEST_CASE("a message never repeats what may be a secret") {
  for (const std::string_view members :
       {R"("secret_key":"hunter2")", R"("receipt_key":{"pem":"hunter2"})",
        R"("accept_hmac":"hunter2")", R"("stores":{"a":{"plugin":"p","password":"hunter2"}})",
        R"("stores":{"a":{"plugin":{"path":"x","sha256":"hunter2"}}})"}) {
    CAPTURE(members);
    for (const std::string& line : problems_of(document(members)))
      CHECK(line.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("hostile names make short lines that a terminal can show") {
  const std::string name = "\\u001b[2J" + std::string(100'000, 'x');
  const auto lines = problems_of(
      document("\"" + name + R"(":1,"stores":{")" + name + R"(":{"plugin":")" + name + "\"}}"));
  CHECK(lines.size() >= 2);
  for (const std::string& line : lines) {
    CHECK(line.size() < 1500);
    CHECK(line.find('\x1b') == std::string::npos);
  }
}

}  // namespace
}  // namespace cavra
