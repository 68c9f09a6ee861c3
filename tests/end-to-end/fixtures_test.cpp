// The earlier tool's bundles, with what it answered and what is right, asked of the built program.
//
// Public data outside of the repository: see tests/unit/vectors.hpp on CAVRA_SHARED. How v1's
// options become ours: `--key V` is a file with V; a bundle without an anchor that is to be
// accepted is asked with --checksums-only; the case's time is --at.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "workspace.hpp"

using namespace cavra::e2e;
using cavra::JsonValue;

TEST_SUITE_BEGIN("fixtures");

namespace {

std::optional<fs::path> fixtures() {
  const char* const named = std::getenv("CAVRA_SHARED");
  const fs::path folder =
      (named != nullptr ? fs::path(named) : fs::path(CAVRA_SOURCE_DIR) / "../shared") /
      "fixtures/v1";
  if (fs::is_directory(folder)) return fs::canonical(folder);
  leave_out("vectors", "there is no shared test data");
  return std::nullopt;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  CAPTURE(file.native());
  REQUIRE(stream.is_open());
  return {std::istreambuf_iterator<char>(stream), {}};
}

Words case_words(const JsonValue& test, const std::string& time, const Workspace& work) {
  Words words{"evidence", "verify", text_at(test, "/bundle")};
  bool has_anchor = false;
  const JsonValue::Array& given = *at(test, "/args").if_array();
  for (std::size_t i = 0; i < given.size(); ++i) {
    std::string word = *given[i].if_string();
    has_anchor = has_anchor || word == "--key" || word == "--public-key" || word == "--trust-root";
    if (word == "--key") {
      words.insert(words.end(), {"--hmac-key-file", work / "hmac.key"});
      work.write("hmac.key", *given[++i].if_string() + "\n");
    } else {
      words.push_back(std::move(word));
    }
  }
  const std::string must = text_at(test, "/must");
  if (!has_anchor && must == "accept") words.emplace_back("--checksums-only");
  words.insert(words.end(), {"--at", time});
  return words;
}

}  // namespace

TEST_CASE("each of the earlier tool's verifications gets the answer that it must have") {
  const auto folder = fixtures();
  if (!folder) return;
  const Workspace work;
  const JsonValue cases = parsed(bytes_of(*folder / "cases.json"));
  std::size_t passed = 0;
  for (const JsonValue& test : *at(cases, "/cases").if_array()) {
    const std::string name = text_at(test, "/name");
    const std::string must = text_at(test, "/must");
    CAPTURE(name);
    CAPTURE(must);
    const std::string time =
        test.find("at") == nullptr ? text_at(cases, "/at_default") : text_at(test, "/at");
    Words words = case_words(test, time, work);
    const Outcome outcome = work.cavra(words, {.folder = *folder});
    words.emplace_back("--json");
    const Outcome json = work.cavra(words, {.folder = *folder});
    CAPTURE(outcome.out);
    CAPTURE(outcome.err);
    CHECK(json.exit == outcome.exit);
    const bool is_accepted = outcome.exit == 0;
    const bool is_refused = outcome.exit == 1 || outcome.exit == 2;
    const bool is_right = must == "accept"   ? is_accepted
                          : must == "refuse" ? is_refused
                                             : is_accepted || is_refused;
    CHECK(is_right);
    // Whether in words or in JSON: a verdict has its reasons.
    if (outcome.exit == 1) CHECK_FALSE((outcome.out + outcome.err).empty());
    if (is_right) ++passed;
  }
  CHECK(std::int64_t(at(cases, "/cases").if_array()->size()) == number_at(cases, "/count"));
  std::cout << "fixtures cases.json: run " << number_at(cases, "/count") << ", passed " << passed
            << ", left out 0\n";
}

TEST_CASE("the storage plans of the earlier tool come out byte for byte") {
  const auto folder = fixtures();
  if (!folder) return;
  const Workspace work;
  work.write("hmac.key", "test-hmac-key-fixtures");
  const JsonValue cases = parsed(bytes_of(*folder / "plan-cases.json"));
  for (const JsonValue& test : *at(cases, "/cases").if_array()) {
    const std::string name = text_at(test, "/name");
    const std::string bundle = text_at(test, "/bundle");
    CAPTURE(name);
    Words words{"evidence", "storage-plan", bundle, "--output", work / name};
    for (const auto& [option, value] : *at(test, "/options").if_object()) {
      std::string word = "--" + option;
      for (char& letter : word)
        if (letter == '_') letter = '-';
      const bool is_number = value.if_integer() != nullptr;
      words.push_back(word + "=" +
                      (is_number ? std::to_string(*value.if_integer()) : *value.if_string()));
    }
    if (bundle == "bundles/ref-unsigned")
      words.emplace_back("--checksums-only");
    else if (bundle == "bundles/ref-hmac")
      words.insert(words.end(), {"--hmac-key-file", work / "hmac.key"});
    else
      words.insert(words.end(), {"--public-key", "keys/test-a-public.pem"});
    const Outcome outcome = work.cavra(words, {.folder = *folder});
    CAPTURE(outcome.err);
    if (text_at(test, "/v1") != "ok") {
      CHECK(outcome.exit == 1);
      CHECK_FALSE(fs::exists(work / name));
      continue;
    }
    REQUIRE(outcome.exit == 0);
    const fs::path golden = *folder / text_at(test, "/output");
    for (const std::string file : {"immutable-storage-plan.json", "immutable-storage-plan.md"}) {
      CAPTURE(file);
      CHECK(work.read(fs::path(name) / file) == bytes_of(golden / file));
    }
  }
}

TEST_CASE("a bundle of the earlier tool is archived, proven and restored like our own") {
  const auto folder = fixtures();
  if (!folder) return;
  const Workspace work;
  work.init_advisory();
  const std::string bundle = *folder / "bundles/ref-ed25519";
  (void)work.done({"archive", bundle, "--store", "local", "--yes", "--public-key",
                   *folder / "keys/test-a-public.pem"});
  REQUIRE(work.receipts().size() == 1);
  (void)work.done({"status", work.receipts()[0]});
  (void)work.done({"restore", work.receipts()[0], "--output", "restored"});
  CHECK(run({"diff", "-r", bundle, work / "restored"}).exit == 0);
  // A signed legal hold of the earlier tool is applied too.
  const auto held = work.result({"archive", *folder / "bundles/ref-legal-hold-30-days", "--store",
                                 "local", "--yes", "--retention", "10y", "--public-key",
                                 *folder / "keys/test-a-public.pem"});
  CHECK(at(held, "/stores/0/lock/legal_hold") == JsonValue(true));
}

TEST_SUITE_END();
