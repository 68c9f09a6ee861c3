// The runner of the public sets must not pass by doing nothing.
#include "vectors.hpp"

#include <stdlib.h>

#include "temporary_folder.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

// A shared folder with one set, for as long as this lives.
class SharedFolder {
 public:
  explicit SharedFolder(std::string_view lines) {
    std::filesystem::create_directories(path() / "vectors");
    folder_.write("vectors/set.jsonl", lines);
    if (const char* before = std::getenv("CAVRA_SHARED")) before_ = before;
    ::setenv("CAVRA_SHARED", path().c_str(), 1);
  }
  ~SharedFolder() {
    if (before_) {
      ::setenv("CAVRA_SHARED", before_->c_str(), 1);
    } else {
      ::unsetenv("CAVRA_SHARED");
    }
  }
  SharedFolder(const SharedFolder&) = delete;
  SharedFolder& operator=(const SharedFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  std::optional<std::string> before_;
};

VectorOutcome pass(const JsonValue&) {
  return VectorOutcome::passed;
}

}  // namespace

TEST_CASE("each case is run once, also one with a lone surrogate") {
  const SharedFolder folder(
      "{\"id\":\"1\"}\n{\"id\":\"2\",\"t\":\"a\\ud83d\\ude00\\ud83dx\\\\ud800\\udc00\"}\n"
      "{\"id\":\"3\"}");
  std::vector<JsonValue> seen;
  run_vectors("set.jsonl", [&](const JsonValue& row) {
    seen.push_back(row);
    return text_of(row, "id") == "3" ? VectorOutcome::left_out : VectorOutcome::passed;
  });
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].find(kHasLoneSurrogate) == nullptr);
  CHECK(truth_of(seen[1], kHasLoneSurrogate));
  CHECK(text_of(seen[1], "t") == "a😀\\ud83dx\\ud800\\udc00");
}

TEST_CASE("a case that fails, fails the test" * doctest::should_fail()) {
  const SharedFolder folder("{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
  run_vectors("set.jsonl", [](const JsonValue& row) { return outcome(text_of(row, "id") == "1"); });
}

TEST_CASE("an empty set fails the test" * doctest::should_fail()) {
  const SharedFolder folder("");
  run_vectors("set.jsonl", pass);
}

TEST_CASE("a set that is missing in the folder fails the test" * doctest::should_fail()) {
  const SharedFolder folder("{\"id\":\"1\"}\n");
  run_vectors("other.jsonl", pass);
}

TEST_CASE("a line that is no case fails the test" * doctest::should_fail()) {
  const SharedFolder folder("{\"id\":\"1\"}\n{\"id\":\n");
  run_vectors("set.jsonl", pass);
}

TEST_CASE("without the folder a test passes, unless it must run") {
  const SharedFolder folder("");
  const std::string nowhere = (folder.path() / "nowhere").string();
  ::setenv("CAVRA_SHARED", nowhere.c_str(), 1);
  CHECK(!shared_folder());
  const char* before = std::getenv("CAVRA_TEST_MUST_RUN");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("CAVRA_TEST_MUST_RUN", "s3,vectors", 1);
  CHECK(must_run("vectors"));
  CHECK(must_run("s3"));
  CHECK(!must_run("vector"));
  ::unsetenv("CAVRA_TEST_MUST_RUN");
  CHECK(!must_run("vectors"));
  run_vectors("set.jsonl", [](const JsonValue&) { return VectorOutcome::failed; });
  CHECK(!shared_file("any"));
  if (before != nullptr) ::setenv("CAVRA_TEST_MUST_RUN", kept.c_str(), 1);
}
