#include "cavra/write_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <iterator>
#include <string>

#include "cavra/support/encoding.hpp"
#include "temporary_folder.hpp"

using namespace cavra;
using testing::TemporaryFolder;

namespace {

std::size_t count_in(const TemporaryFolder& folder) {
  const std::filesystem::directory_iterator entries(folder.path());
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

Error error_of(const Result<void>& result) {
  REQUIRE_FALSE(result);
  return result.error();
}

mode_t mode_of(const std::filesystem::path& file) {
  struct stat seen{};
  REQUIRE(::stat(file.c_str(), &seen) == 0);
  return seen.st_mode & 07777U;
}

}  // namespace

TEST_CASE("write_file writes all bytes with the mode asked for, and leaves nothing else") {
  const TemporaryFolder folder;
  const mode_t before = ::umask(022);
  CHECK(write_file(folder.file("key.pem"), as_bytes("secret\n"), 0600, Overwrite::no));
  CHECK(write_file(folder.file("root.json"), as_bytes(""), 0666, Overwrite::no));
  ::umask(before);
  CHECK(folder.read("key.pem") == "secret\n");
  CHECK(mode_of(folder.file("key.pem")) == 0600);
  CHECK(mode_of(folder.file("root.json")) == 0644);
  CHECK(count_in(folder) == 2);
}

TEST_CASE("write_file makes the folders above") {
  const TemporaryFolder folder;
  CHECK(write_file(folder.file("a/b/c"), as_bytes("x"), 0644, Overwrite::no));
  CHECK(folder.read("a/b/c") == "x");
}

TEST_CASE("write_file overwrites only where it is asked to") {
  const TemporaryFolder folder;
  CHECK(write_file(folder.file("f"), as_bytes("one"), 0644, Overwrite::no));
  const Error error = error_of(write_file(folder.file("f"), as_bytes("two"), 0644, Overwrite::no));
  CHECK(error.code == ErrorCode::refused);
  CHECK(error.message.find("is there already") != std::string::npos);
  CHECK(folder.read("f") == "one");
  CHECK(count_in(folder) == 1);
  CHECK(write_file(folder.file("f"), as_bytes("two"), 0644, Overwrite::yes));
  CHECK(folder.read("f") == "two");
}

TEST_CASE("write_file never follows a link that lies in its place") {
  const TemporaryFolder folder;
  CHECK(write_file(folder.file("target"), as_bytes("kept"), 0644, Overwrite::no));
  std::filesystem::create_symlink("target", folder.file("link"));
  CHECK_FALSE(write_file(folder.file("link"), as_bytes("x"), 0644, Overwrite::no));
  CHECK(write_file(folder.file("link"), as_bytes("x"), 0644, Overwrite::yes));
  CHECK(folder.read("target") == "kept");
}

TEST_CASE("write_file tells what cannot be done, and where") {
  const TemporaryFolder folder;
  CHECK(write_file(folder.file("f"), as_bytes("x"), 0644, Overwrite::no));
  const Error below_a_file =
      error_of(write_file(folder.file("f/g"), as_bytes("x"), 0644, Overwrite::no));
  CHECK(below_a_file.code == ErrorCode::io);
  CHECK(below_a_file.message.find("make the folder") != std::string::npos);
}
