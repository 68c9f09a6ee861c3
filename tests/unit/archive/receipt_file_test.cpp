#include "archive/receipt_file.hpp"

#include <doctest/doctest.h>

#include "archive/archive_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;
using cavra::engine::StagedReceipt;

namespace {

StagedReceipt staged(const TemporaryFolder& home, std::string_view text) {
  StagedReceipt file = must(StagedReceipt::create(home.file("staging")));
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
  CHECK(names_in(home.file("staging")).size() == 1);
  const auto place = must(std::move(file).publish(home.file("a/receipts")));
  CHECK(place.filename() == sha256("a receipt").hex() + ".json");
  CHECK(read_text(place) == "a receipt");
  CHECK(names_in(home.file("staging")).empty());
}

TEST_CASE("a staged receipt that is not published leaves nothing") {
  const TemporaryFolder home;
  {
    const StagedReceipt file = staged(home, "a receipt");
  }
  CHECK(names_in(home.file("staging")).empty());
}

TEST_CASE("the same receipt twice is one file, and other bytes are never replaced") {
  const TemporaryFolder home;
  const auto place = must(staged(home, "a receipt").publish(home.file("receipts")));
  CHECK(must(staged(home, "a receipt").publish(home.file("receipts"))) == place);
  std::ofstream(place) << "something";
  const auto again = staged(home, "a receipt").publish(home.file("receipts"));
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::conflict);
  CHECK(read_text(place) == "something");
  CHECK(names_in(home.file("staging")).empty());
}

TEST_CASE("folders that cannot be made are io errors") {
  const TemporaryFolder home;
  home.write("staging", "a file");
  CHECK(StagedReceipt::create(home.file("staging")).error().code == ErrorCode::io);
  std::filesystem::remove(home.file("staging"));
  home.write("receipts", "a file");
  CHECK(staged(home, "text").publish(home.file("receipts")).error().code == ErrorCode::io);
}
