#include "cloud/secret_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "cavra/support/encoding.hpp"
#include "temporary_folder.hpp"

namespace cavra::cloud {
namespace {

TEST_CASE("a small file is read whole, and one that is not there is none") {
  const testing::TemporaryFolder folder;
  const auto read = read_secret_file(folder.write("a", "words"), 5);
  REQUIRE(read);
  REQUIRE(read->has_value());
  CHECK(as_text((*read)->expose()) == "words");
  const auto empty = read_secret_file(folder.write("b", ""), 5);
  REQUIRE(empty);
  CHECK((empty->has_value() && (*empty)->empty()));
  for (const std::string& path : {folder.file("none"), folder.file("a/none")}) {
    const auto none = read_secret_file(path, 5);
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
  }
}

TEST_CASE("/dev/null is an empty file") {
  const auto read = read_secret_file("/dev/null", 5);
  REQUIRE(read);
  CHECK((read->has_value() && (*read)->empty()));
}

TEST_CASE("what is no small regular file is refused, by name and without waiting") {
  const testing::TemporaryFolder folder;
  REQUIRE(::mkfifo(folder.file("fifo").c_str(), 0600) == 0);
  for (const std::string& path : {folder.write("large", "words!"), folder.file("fifo"),
                                  folder.path().string(), std::string("/dev/zero")}) {
    CAPTURE(path);
    const auto read = read_secret_file(path, 5);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::usage);
    CHECK(read.error().message.find(path) != std::string::npos);
  }
  CHECK_FALSE(read_secret_file(std::string("a\0b", 3), 5));
}

}  // namespace
}  // namespace cavra::cloud
