#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <thread>

#include "worm_under_test.hpp"

using namespace worm_test;
namespace fs = std::filesystem;

namespace {

const std::string kKey = "s-1/abc/bundle/a.json";

fs::path records_of(const fs::path& place, const std::string& key = kKey) {
  return place / "worm/.cavra-store/records" / key;
}

}  // namespace

TEST_CASE("raise_lock makes the date later and never earlier") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);

    CHECK(worm->raise(kKey, {}).status == CAVRA_OK);  // what it has
    CHECK(worm->raise(kKey, {.retain_until = 1}).status == CAVRA_OK);
    CHECK(worm->raise(kKey, {.mode = CAVRA_MODE_NONE, .retain_until = CAVRA_NO_DATE}).status ==
          CAVRA_OK);
    CHECK_FALSE(fs::exists(records_of(place)));
    CHECK(worm->stat(kKey).info.retain_until_unix_s == kYear2033);

    REQUIRE(worm->raise(kKey, {.retain_until = kYear2096}).status == CAVRA_OK);
    CHECK(worm->stat(kKey).info.retain_until_unix_s == kYear2096);
    CHECK(worm->raise(kKey, {.retain_until = kYear2033 + 1}).status == CAVRA_OK);
    CHECK(worm->raise(kKey, {.retain_until = kYear2096}).status == CAVRA_OK);
    Worm other(place / "worm");
    CHECK(other->stat(kKey).info.retain_until_unix_s == kYear2096);
    CHECK(other->stat(kKey).info.mode == CAVRA_MODE_GOVERNANCE);
    CHECK(tree_of(records_of(place)) == std::vector<std::string>{"000001.json"});
    CHECK(has_flag(records_of(place) / "000001.json", kImmutable));
    CHECK(has_flag(records_of(place), kAppendOnly));
    CHECK(read_file(records_of(place) / "000001.json") ==
          R"({"schema":"cavra.local-worm.record.v1","key":"s-1/abc/bundle/a.json","sequence":1,)"
          R"("act":"extend","retain_until":"2096-10-02T07:06:40Z"})"
          "\n");

    CHECK(worm->raise(kKey, {.mode = CAVRA_MODE_COMPLIANCE}).status == CAVRA_E_REFUSED);
    CHECK(worm->raise(kKey, {.retain_until = 253402300800}).status == CAVRA_E_REFUSED);
    CHECK(worm->raise("s-1/none", {}).status == CAVRA_E_NOT_FOUND);
  }
}

TEST_CASE("a legal hold is set, cleared and set again, each as a record of its own") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}, {.legal_hold = true}).status == CAVRA_OK);
    CHECK(worm->stat(kKey).info.legal_hold == 1);
    CHECK(worm->set_hold(kKey).status == CAVRA_OK);  // again
    CHECK(tree_of(records_of(place)).size() == 1);
    CHECK(worm->clear_hold(kKey).status == CAVRA_OK);
    CHECK(worm->stat(kKey).info.legal_hold == 0);
    CHECK(worm->clear_hold(kKey).status == CAVRA_OK);  // again
    CHECK(tree_of(records_of(place)).size() == 2);
    CHECK(worm->raise(kKey, {.retain_until = kYear2096, .legal_hold = true}).status == CAVRA_OK);
    CHECK(worm->stat(kKey).info.legal_hold == 1);
    CHECK(worm->stat(kKey).info.retain_until_unix_s == kYear2096);
    // A later put or a raise without one does not clear it.
    CHECK(worm->raise(kKey, {}).status == CAVRA_OK);
    CHECK(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    CHECK(worm->stat(kKey).info.legal_hold == 1);
    CHECK(tree_of(records_of(place)).size() == 4);
    CHECK(worm->set_hold("s-1/none").status == CAVRA_E_NOT_FOUND);
    CHECK(worm->clear_hold("s-1/none").status == CAVRA_E_NOT_FOUND);

    REQUIRE(worm->put("free", {.text = "x"}).status == CAVRA_OK);
    CHECK(worm->clear_hold("free").status == CAVRA_OK);
    CHECK_FALSE(fs::exists(records_of(place, "free")));
  }
}

TEST_CASE("acts on a lock wait until the object is locked") {
  for (const fs::path& place : new_lockable_places()) {
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    clear_flags(place / "worm" / kKey);
    CHECK(worm->raise(kKey, {.retain_until = kYear2096}).status == CAVRA_E_REFUSED);
    CHECK(worm->set_hold(kKey).status == CAVRA_E_REFUSED);
    CHECK(worm->clear_hold(kKey).status == CAVRA_E_REFUSED);
    CHECK_FALSE(fs::exists(records_of(place)));
  }
}

TEST_CASE("a record that nobody privileged sealed does not count") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    REQUIRE(worm->set_hold(kKey).status == CAVRA_OK);
    const std::string release = R"({"schema":"cavra.local-worm.record.v1","key":")" + kKey +
                                R"(","sequence":2,"act":"release"})"
                                "\n";
    std::ofstream(records_of(place) / "000002.json") << release;
    CHECK(worm->stat(kKey).info.legal_hold == 1);
    // Names that are no records, and things that are no files, are passed over.
    std::ofstream(records_of(place) / "7.json") << "{}";
    std::ofstream(records_of(place) / "000003.json.tmp") << "{}";
    fs::create_symlink("/etc/passwd", records_of(place) / "000004.json");
    fs::create_directory(records_of(place) / "000005.json");
    CHECK(worm->stat(kKey).info.legal_hold == 1);
    std::ofstream(records_of(place) / "999999.json") << "";
    CHECK(worm->clear_hold(kKey).status == CAVRA_OK);
    CHECK(fs::exists(records_of(place) / "000003.json"));  // the first name that is free
    CHECK(worm->stat(kKey).info.legal_hold == 0);
    CHECK(worm->set_hold(kKey).status == CAVRA_OK);
    CHECK(worm->stat(kKey).info.legal_hold == 1);
  }
}

TEST_CASE("a record counts only in a folder that keeps its names") {
  for (const fs::path& place : new_lockable_places()) {
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}, {.legal_hold = true}).status == CAVRA_OK);
    clear_flags(records_of(place));
    CHECK(worm->stat(kKey).info.legal_hold == 0);
    CHECK(worm->set_hold(kKey).status == CAVRA_OK);
    CHECK(has_flag(records_of(place), kAppendOnly));
    CHECK(worm->stat(kKey).info.legal_hold == 1);
  }
}

TEST_CASE("a sealed record that is damaged or of another object is told, not passed over") {
  static const std::array texts{
      std::string("{}"), std::string("rubbish"),
      std::string(
          R"({"schema":"cavra.local-worm.record.v1","key":"other","sequence":1,"act":"hold"})"
          "\n"),
      std::string(20000, 'x')};
  for (const fs::path& place : new_lockable_places()) {
    Worm worm(place / "worm");
    for (std::size_t i = 0; i < texts.size(); ++i) {
      CAPTURE(texts[i]);
      const std::string key = "s/" + std::to_string(i);
      REQUIRE(worm->put(key, {.text = "hello"}).status == CAVRA_OK);
      REQUIRE(worm->set_hold(key).status == CAVRA_OK);
      const fs::path record = records_of(place, key) / "000001.json";
      clear_flags(record);
      std::ofstream(record) << texts[i];
      set_flag(record, kImmutable);
      CHECK(worm->stat(key).status == CAVRA_E_CORRUPT);
      CHECK(worm->set_hold(key).status == CAVRA_E_CORRUPT);
    }
  }
}

TEST_CASE("many at once: every act finds its own number") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm first(place / "worm");
    Worm second(place / "worm");
    REQUIRE(first->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    constexpr std::int64_t kActs = 15;
    const auto act = [&](Worm& worm, std::int64_t odd) {
      for (std::int64_t i = 0; i < kActs; ++i)
        CHECK(worm->raise(kKey, {.retain_until = kYear2033 + 2 * i + odd}).status == CAVRA_OK);
    };
    std::thread other([&] { act(second, 1); });
    act(first, 2);
    other.join();
    CHECK(first->stat(kKey).info.retain_until_unix_s == kYear2033 + 2 * kActs);
    for (const std::string& name : tree_of(records_of(place)))
      CHECK(has_flag(records_of(place) / name, kImmutable));
  }
}
