#include "s3-object-lock/aws_config_file.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <set>

#include "s3-object-lock/aws_profiles.hpp"
#include "vectors.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::testing;

JsonValue to_json(const AwsValue& value) {
  if (value.nested.empty()) return std::string_view(value.text);
  JsonValue pairs = JsonValue::object();
  for (const auto& [key, text] : value.nested)
    pairs.set(key, std::string_view(text));
  return pairs;
}

// With the defaults, as botocore tells a section.
JsonValue to_json(const AwsFile& file, const AwsSection& section) {
  JsonValue pairs = JsonValue::object();
  for (const AwsValues* const values : {&file.defaults, &section.values}) {
    for (const auto& [key, value] : *values)
      pairs.set(key, to_json(value));
  }
  return pairs;
}

JsonValue as_credentials(const AwsFile& file) {
  JsonValue sections = JsonValue::object();
  for (const AwsSection& section : file.sections)
    sections.set(section.name, to_json(file, section));
  return sections;
}

// Those of `names` that the file has, by a look-up of AwsProfiles, as botocore's load_config()
// tells them. What it tells of other sections is not looked at: they say nothing here.
bool agrees_with_config(const AwsProfiles& profiles, const JsonValue& expected) {
  const JsonValue& by_name = *expected.find("profiles");
  for (const auto& [name, keys] : *by_name.if_object()) {
    const AwsProfile* const profile = profiles.find(name);
    if (profile == nullptr || to_json(profiles.config(), *profile->config.section) != keys)
      return false;
  }
  const JsonValue& sessions = *expected.find("sso_sessions");
  for (const auto& [name, keys] : *sessions.if_object()) {
    const AwsKeys* const session = profiles.find_sso_session(name);
    if (session == nullptr || to_json(profiles.config(), *session->section) != keys) return false;
  }
  // None that botocore does not have.
  for (const AwsSection& section : profiles.config().sections) {
    for (const std::string& name :
         {section.name, section.name.substr(section.name.find(' ') + 1)}) {
      if ((profiles.find(name) != nullptr) != (by_name.find(name) != nullptr)) return false;
      if ((profiles.find_sso_session(name) != nullptr) != (sessions.find(name) != nullptr))
        return false;
    }
  }
  return true;
}

TEST_CASE("files are read as botocore reads them") {
  run_vectors("awsconfig/parse.jsonl", [](const JsonValue& row) {
    const auto bytes = base64_of(row, "data_b64");
    auto file = parse_aws_file(as_text(bytes), "file");
    const JsonValue* const sections = row.find("credentials_file")->find("ok");
    const JsonValue* const profiles = row.find("config_file")->find("ok");
    // A file that is no credentials file is no config file either, for botocore too.
    if ((sections == nullptr) != (profiles == nullptr)) return VectorOutcome::failed;
    if (!file || sections == nullptr) return outcome(!file && sections == nullptr);
    if (as_credentials(*file) != *sections) return VectorOutcome::failed;
    return outcome(agrees_with_config(AwsProfiles(*std::move(file), {}), *profiles));
  });
}

TEST_CASE("errors name file and line, and nothing that stands there") {
  struct Row {
    std::string text;
    std::string_view place;
    std::string_view problem;
  };
  const std::array rows{
      Row{"hidden = x\n", "line 1", "before the first [section]"},
      Row{"[a]\n\n# c\nhidden\n", "line 4", "no key"},
      Row{"[a]\r\n=hidden\r\n", "line 2", "no key"},
      Row{"[a]\rb=1\rc=2\r[a]\r", "line 4", "on line 1"},
      Row{"[a]\nHidden=1\nb=2\nhidden=3\n", "line 4", "on line 2"},
      Row{"[a]\nb=\n  c = d\n\n  hidden\n", "line 5", "has no '='"},
      Row{"[a]\nb=\xffhidden\n", "line 2", "UTF-8"},
      Row{"[hidden\n", "line 1", "before the first [section]"},
      Row{"[DEFAULT]\na=hidden\n[b]\n[DEFAULT]\nA=hidden\n", "line 5", "on line 2"},
      Row{std::string(kMaxAwsFileBytes + 1, '\n'), "", "1048576 bytes"},
  };
  for (const auto& [text, place, problem] : rows) {
    CAPTURE(place);
    CAPTURE(problem);
    const auto file = parse_aws_file(text, "/home/a/.aws/config");
    REQUIRE_FALSE(file);
    const std::string& message = file.error().message;
    CAPTURE(message);
    CHECK(file.error().code == ErrorCode::usage);
    CHECK(message.starts_with("\"/home/a/.aws/config\""));
    CHECK(message.find(place) != std::string::npos);
    CHECK(message.find(problem) != std::string::npos);
    CHECK(message.find("idden") == std::string::npos);
  }
}

// What the answers of botocore 1.29.27 are.
TEST_CASE("lines belong to the key above by their indent") {
  struct Row {
    std::string_view text;  // below the section's line
    std::string_view json;
  };
  constexpr std::array rows{
      Row{"  b=1\n  c=2\n d=3\n", R"({"b":"1","c":"2","d":"3"})"},
      Row{"  b=1\n   c=2\n", R"({"b":"1\nc=2"})"},
      Row{"\u3000b=1\n  c=2\n", R"({"b":"1\nc=2"})"},  // by characters, not bytes
      Row{"\n\nb=1\n c\n\n\n d\n\n", R"({"b":"1\nc\n\n\nd"})"},
      Row{"b=1\n # no line\n c\n", R"({"b":"1\nc"})"},
      Row{"b=\n c=d\x1c"
          "e=f\u2028c = h\n",
          R"({"b":{"c":"h","e":"f"}})"},
      Row{"b=\n C=d\n  =e\n", R"({"b":{"C":"d","":"e"}})"},
      Row{"b=\n\n \n", R"({"b":""})"},
      Row{"B B :=c=d:e\n", R"({"b b":"=c=d:e"})"},
  };
  for (const auto& [text, json] : rows) {
    CAPTURE(text);
    const auto file = parse_aws_file("[a]\n" + std::string(text), "f");
    REQUIRE(file);
    CHECK(as_credentials(*file) == JsonValue::object({{"a", *parse_json(json)}}));
  }
}

TEST_CASE("a section that lacks a key has the default one") {
  const auto file =
      parse_aws_file("[a]\nx=1\n[DEFAULT]\nx=2\ny=3\n[b]\n[DEFAULT]\nz=\n n=m\n", "f");
  REQUIRE(file);
  REQUIRE(file->sections.size() == 2);
  const AwsKeys a{&*file, &file->sections[0]};
  CHECK(a.text("x") == "1");
  CHECK(a.text("y") == "3");
  CHECK(a.text("z", "n") == "m");
  CHECK(a.text("z").empty());
  CHECK(a.place("y") == "\"f\", line 5");
  CHECK(AwsKeys{&*file, &file->sections[1]}.text("x") == "2");
}

// Each of these is quadratic, in time or in memory, for a reader that is careless.
TEST_CASE("the largest files are read in little time") {
  const auto fill = [](std::string_view head, std::string_view piece) {
    std::string text(head);
    while (text.size() + piece.size() <= kMaxAwsFileBytes)
      text += piece;
    return text;
  };
  std::string numbered = "[DEFAULT]\n";
  for (int i = 0; numbered.size() < kMaxAwsFileBytes / 2; ++i)
    numbered += "k" + std::to_string(i) + "=v\n";
  for (int i = 0; numbered.size() < kMaxAwsFileBytes - 16; ++i)
    numbered += "[" + std::to_string(i) + "]\n";
  const std::array texts{
      fill("[a]\nb=c\n", " d\n"),
      fill("[a]\nb=\n", " d=e\n"),
      fill("[a]\nb=c\n", "\n"),
      fill("[a]\nb=", " "),
      fill("", "\xe2\x80\x83"),
      fill("[a]\nb=\n c=", "\x1c"),
      fill("", "["),
      fill("[", "]"),
      fill("[a]\n", "["),
      numbered,
  };
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& text : texts) {
    REQUIRE(text.size() <= kMaxAwsFileBytes);
    if (auto file = parse_aws_file(text, "f"))
      CHECK(AwsProfiles(*std::move(file), {}).find("x") == nullptr);
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}

}  // namespace
}  // namespace cavra::s3
