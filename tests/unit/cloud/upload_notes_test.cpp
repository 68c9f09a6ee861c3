#include "cloud/upload_notes.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>

#include "temporary_folder.hpp"

using namespace cavra::cloud;
using cavra::testing::TemporaryFolder;

namespace {

const std::string kDigest(64, 'a');

}  // namespace

TEST_CASE("an upload is found again by all that it was begun with, until it is dropped") {
  const TemporaryFolder home;
  const UploadNotes notes(home.file("state/uploads"));
  CHECK_FALSE(notes.find(kDigest));
  notes.keep(kDigest, "2~abc");
  CHECK(notes.find(kDigest) == "2~abc");
  CHECK_FALSE(notes.find(std::string(64, 'b')));
  notes.drop(kDigest);
  CHECK_FALSE(notes.find(kDigest));
}

TEST_CASE("a note that somebody else could have written is not believed") {
  const TemporaryFolder home;
  const UploadNotes notes(home.file("uploads"));
  notes.keep(kDigest, "id");
  SUBCASE("a folder that others may write") {
    ::chmod(home.file("uploads").c_str(), 0770);
  }
  SUBCASE("a link in its place") {
    std::filesystem::rename(home.file("uploads"), home.file("real"));
    std::filesystem::create_symlink(home.file("real"), home.file("uploads"));
  }
  SUBCASE("a note that is a link") {
    std::filesystem::rename(home.file("uploads/" + kDigest), home.file("note"));
    std::filesystem::create_symlink(home.file("note"), home.file("uploads/" + kDigest));
  }
  SUBCASE("a note that is a pipe") {
    std::filesystem::remove(home.file("uploads/" + kDigest));
    REQUIRE(::mkfifo(home.file("uploads/" + kDigest).c_str(), 0600) == 0);
  }
  SUBCASE("no id") {
    home.write("uploads/" + kDigest, "two words");
  }
  SUBCASE("too long") {
    home.write("uploads/" + kDigest, std::string(2000, 'x'));
  }
  CHECK_FALSE(notes.find(kDigest));
}

TEST_CASE("nothing is kept without a folder, of what is no digest or id, or beyond a thousand") {
  const TemporaryFolder home;
  const UploadNotes nowhere{std::filesystem::path()};
  nowhere.keep(kDigest, "id");
  CHECK_FALSE(nowhere.find(kDigest));
  const UploadNotes notes(home.file("uploads"));
  notes.keep("../evil", "id");
  notes.keep(kDigest, "two words");
  notes.keep(kDigest, "");
  CHECK_FALSE(std::filesystem::exists(home.file("uploads")));
  std::filesystem::create_directory(home.file("uploads"));
  for (int i = 0; i < 1000; ++i)
    home.write("uploads/" + std::to_string(i), "x");
  notes.keep(kDigest, "id");
  CHECK_FALSE(notes.find(kDigest));
  // Nobody came back for this one.
  const std::string old = home.file("uploads/7");
  std::filesystem::last_write_time(
      old, std::filesystem::file_time_type::clock::now() - std::chrono::hours{24 * 31});
  notes.keep(kDigest, "id");
  CHECK(notes.find(kDigest) == "id");
  CHECK_FALSE(std::filesystem::exists(old));
}
