#include "cavra/write_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "cavra/support/encoding.hpp"

using namespace cavra;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "cavra-files-XXXXXX").native();
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::filesystem::path file(const char* name) const { return path_ / name; }
  [[nodiscard]] std::size_t count() const {
    const std::filesystem::directory_iterator entries(path_);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  }

 private:
  std::filesystem::path path_;
};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

mode_t mode_of(const std::filesystem::path& file) {
  struct stat seen{};
  REQUIRE(::stat(file.c_str(), &seen) == 0);
  return seen.st_mode & 07777U;
}

}  // namespace

TEST_CASE("write_file writes all bytes with the mode asked for, and leaves nothing else") {
  const Folder folder;
  const mode_t before = ::umask(022);
  CHECK(write_file(folder.file("key.pem"), as_bytes("secret\n"), 0600, Overwrite::no));
  CHECK(write_file(folder.file("root.json"), as_bytes(""), 0666, Overwrite::no));
  ::umask(before);
  CHECK(text_of(folder.file("key.pem")) == "secret\n");
  CHECK(mode_of(folder.file("key.pem")) == 0600);
  CHECK(mode_of(folder.file("root.json")) == 0644);
  CHECK(folder.count() == 2);
}

TEST_CASE("write_file makes the folders above") {
  const Folder folder;
  CHECK(write_file(folder.file("a/b/c"), as_bytes("x"), 0644, Overwrite::no));
  CHECK(text_of(folder.file("a/b/c")) == "x");
}

TEST_CASE("write_file overwrites only where it is asked to") {
  const Folder folder;
  CHECK(write_file(folder.file("f"), as_bytes("one"), 0644, Overwrite::no));
  const auto refused = write_file(folder.file("f"), as_bytes("two"), 0644, Overwrite::no);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::refused);
  CHECK(refused.error().message.find("is there already") != std::string::npos);
  CHECK(text_of(folder.file("f")) == "one");
  CHECK(folder.count() == 1);
  CHECK(write_file(folder.file("f"), as_bytes("two"), 0644, Overwrite::yes));
  CHECK(text_of(folder.file("f")) == "two");
}

TEST_CASE("write_file never follows a link that lies in its place") {
  const Folder folder;
  CHECK(write_file(folder.file("target"), as_bytes("kept"), 0644, Overwrite::no));
  std::filesystem::create_symlink("target", folder.file("link"));
  CHECK_FALSE(write_file(folder.file("link"), as_bytes("x"), 0644, Overwrite::no));
  CHECK(write_file(folder.file("link"), as_bytes("x"), 0644, Overwrite::yes));
  CHECK(text_of(folder.file("target")) == "kept");
}

TEST_CASE("write_file tells what cannot be done, and where") {
  const Folder folder;
  CHECK(write_file(folder.file("f"), as_bytes("x"), 0644, Overwrite::no));
  const auto below_a_file = write_file(folder.file("f/g"), as_bytes("x"), 0644, Overwrite::no);
  REQUIRE_FALSE(below_a_file);
  CHECK(below_a_file.error().code == ErrorCode::io);
  CHECK(below_a_file.error().message.find("make the folder") != std::string::npos);
}
