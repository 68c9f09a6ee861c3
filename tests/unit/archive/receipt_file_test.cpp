#include "archive/receipt_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "archive/archive_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;
using cavra::engine::StagedReceipt;

namespace {

StagedReceipt staged(const TemporaryFolder& home, std::string_view text) {
  StagedReceipt file =
      must(StagedReceipt::create({home.file("a/receipts"), home.file("a/staging")}));
  must_hold(file.append(as_bytes(text.substr(0, 3))));
  must_hold(file.append(as_bytes(text.substr(3))));
  must_hold(file.finish());
  return file;
}

}  // namespace

TEST_CASE("a staged receipt goes whole into its folder, under its digest") {
  const TemporaryFolder home;
  StagedReceipt file = staged(home, "a receipt");
  CHECK(file.bytes() == 9);
  CHECK(must(file.read()) == "a receipt");
  const FileDescriptor fd = must(file.open());
  struct stat seen{};
  REQUIRE(::fstat(fd.get(), &seen) == 0);
  CHECK((FileIdentity::of(seen) == file.identity()));
  const auto place = must(std::move(file).publish());
  CHECK(place == home.file("a/receipts/" + sha256("a receipt").hex() + ".json"));
  CHECK(read_text(place) == "a receipt");
}

TEST_CASE("a staged receipt has no name before it is published: a killed process leaves nothing") {
  const TemporaryFolder home;
  const StagedReceipt file = staged(home, "a receipt");
  CHECK(names_in(home.file("a/receipts")).empty());
  CHECK_FALSE(std::filesystem::exists(home.file("a/staging")));
}

TEST_CASE("the same receipt twice is one file, and other bytes are never replaced") {
  const TemporaryFolder home;
  const auto place = must(staged(home, "a receipt").publish());
  CHECK(must(staged(home, "a receipt").publish()) == place);
  std::ofstream(place) << "something";
  const auto again = staged(home, "a receipt").publish();
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::conflict);
  CHECK(read_text(place) == "something");
  CHECK(names_in(home.file("a/receipts")).size() == 1);
}

TEST_CASE("what has the receipt's name and is no such file is neither waited for nor read") {
  const TemporaryFolder home;
  StagedReceipt file = staged(home, "a receipt");
  const std::string place = home.file("a/receipts/" + sha256("a receipt").hex() + ".json");
  SUBCASE("a pipe") {
    REQUIRE(::mkfifo(place.c_str(), 0600) == 0);
  }
  SUBCASE("a folder") {
    std::filesystem::create_directory(place);
  }
  SUBCASE("a longer file") {
    std::ofstream(place) << "a receipt";
    std::filesystem::resize_file(place, std::uintmax_t{1} << 40);
  }
  const auto published = std::move(file).publish();
  REQUIRE_FALSE(published);
  CHECK(published.error().code == ErrorCode::conflict);
  CHECK(published.error().message.find("move it away") != std::string::npos);
}

TEST_CASE("a receipts folder that cannot be made is an io error") {
  const TemporaryFolder home;
  home.write("receipts", "a file");
  const auto made = StagedReceipt::create({home.file("receipts"), home.file("staging")});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == ErrorCode::io);
}
