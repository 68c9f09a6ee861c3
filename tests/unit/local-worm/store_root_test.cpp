#include <doctest/doctest.h>
#include <sys/mount.h>

#include <fstream>
#include <thread>

#include "worm_under_test.hpp"

using namespace worm_test;
namespace fs = std::filesystem;

TEST_CASE("a store has an identity from its first object on, and keeps it") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    Worm other(place / "worm");
    CHECK(worm.store.identity().empty());
    CHECK_FALSE(fs::exists(place / "worm"));
    REQUIRE(worm->put("a", {.text = "x"}).status == CAVRA_OK);
    const std::string identity = worm.store.identity();
    CHECK(identity.size() == 36);
    CHECK(identity[14] == '4');
    CHECK(other->stat("a").status == CAVRA_OK);
    CHECK(other.store.identity() == identity);
    CHECK(Store(place / "worm").identity() == identity);
    CHECK(read_file(place / "worm/.cavra-store/store.json") ==
          R"({"schema":"cavra.local-worm.store.v1","id":")" + identity + "\"}\n");
    REQUIRE(Worm(place / "second")->put("a", {.text = "x"}).status == CAVRA_OK);
    CHECK(Store(place / "second").identity() != identity);
  }
}

TEST_CASE("describe says what the store can do and who can lift its locks") {
  TemporaryFolder folder;
  Store store(folder.path / "worm");
  const cavra_store_info info = store.describe();
  CHECK(std::string(info.location.data, info.location.len) == (folder.path / "worm").string());
  CHECK(info.mode == CAVRA_MODE_GOVERNANCE);
  CHECK(info.flags == CAVRA_STORE_HAS_LEGAL_HOLD);
  CHECK(info.key_prefix.len == 0);
  CHECK(info.max_key_part_bytes == 255);
  CHECK(info.last_retain_until_unix_s == 253402300799);
  CHECK(std::string(info.strength.data, info.strength.len).find("CAP_LINUX_IMMUTABLE") !=
        std::string::npos);
  CHECK(info.rights_count == 3);
  CHECK(plugin().interface_count == 3);
  CHECK(std::string(plugin().id.data, plugin().id.len) == "org.cavra.local-worm");
}

TEST_CASE("a store that is moved away, replaced or mounted over is noticed") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path root = place / "worm";
    Worm worm(root);
    REQUIRE(worm->put("a", {.text = "x"}).status == CAVRA_OK);
    const auto expect_refusals = [&](std::string_view how) {
      CAPTURE(how);
      for (const Answer& answer :
           {Answer(worm->stat("a")), Answer(worm->get("a")), Answer(worm->list("")),
            Answer(worm->put("b", {.text = "x"})), worm->set_hold("a"), worm->seal("s/")}) {
        CHECK(answer.status == CAVRA_E_REFUSED);
        CHECK(answer.message.find("put it back") != std::string::npos);
      }
      CHECK(worm->probe().find("root")->verdict == CAVRA_PROBE_MISSING);
    };
    REQUIRE(::mount("none", root.c_str(), "tmpfs", 0, nullptr) == 0);
    expect_refusals("mounted over");
    REQUIRE(::umount(root.c_str()) == 0);
    CHECK(worm->stat("a").status == CAVRA_OK);
    // A copy has the same marker.
    clear_flags(root);
    fs::copy(root, place / "copy", fs::copy_options::recursive);
    REQUIRE(::mount((place / "copy").c_str(), root.c_str(), nullptr, MS_BIND, nullptr) == 0);
    expect_refusals("a copy mounted over it");
    REQUIRE(::umount(root.c_str()) == 0);

    fs::rename(root, place / "elsewhere");
    expect_refusals("moved away");
    fs::create_directory(root);
    expect_refusals("replaced by an empty folder");
    fs::remove(root);
    REQUIRE(Worm(root)->put("a", {.text = "x"}).status == CAVRA_OK);
    expect_refusals("replaced by another store");
    clear_flags(root);
    fs::rename(root, place / "another");
    fs::rename(place / "elsewhere", root);
    CHECK(worm->stat("a").status == CAVRA_OK);
  }
}

TEST_CASE("a folder with other things in it is not made a store") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    fs::create_directory(place / "worm");
    std::ofstream(place / "worm/thesis.txt") << "dear";
    Worm worm(place / "worm");
    const auto put = worm->put("a", {.text = "x"});
    CHECK(put.status == CAVRA_E_REFUSED);
    CHECK(put.message.find("thesis.txt") != std::string::npos);
    CHECK(worm->probe().find("root")->verdict == CAVRA_PROBE_MISSING);
    CHECK(tree_of(place) == std::vector<std::string>{"worm", "worm/thesis.txt"});
    CHECK_FALSE(has_flag(place / "worm", kAppendOnly));
    fs::remove(place / "worm/thesis.txt");
    fs::create_directory(place / "worm/lost+found");  // the root of a file system has one
    CHECK(worm->put("a", {.text = "x"}).status == CAVRA_OK);
  }
}

TEST_CASE("a store half made by a dead writer is completed") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path half = place / "worm/.cavra-store";
    fs::create_directories(half / "staging");
    Worm worm(place / "worm");
    CHECK(worm->stat("a").status == CAVRA_E_NOT_FOUND);
    CHECK(worm->put("a", {.text = "x"}).status == CAVRA_OK);
    CHECK(worm->stat("a").info.is_complete == 1);
    CHECK(has_flag(half, kAppendOnly));
  }
}

TEST_CASE("a damaged marker is told, and nothing is stored") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    fs::create_directories(place / "worm/.cavra-store");
    std::ofstream(place / "worm/.cavra-store/store.json") << "{}";
    CHECK(Store(place / "worm").opened.status == CAVRA_E_CORRUPT);
  }
}

TEST_CASE("two first writers make one store") {
  for (const fs::path& place : new_lockable_places()) {
    for (int round = 0; round < 10; ++round) {
      CAPTURE(round);
      const fs::path root = place / ("worm-" + std::to_string(round));
      Worm first(root);
      Worm second(root);
      std::thread other([&] { CHECK(second->put("b/1", {.text = "x"}).status == CAVRA_OK); });
      CHECK(first->put("a/1", {.text = "x"}).status == CAVRA_OK);
      other.join();
      CHECK(first.store.identity() == second.store.identity());
      CHECK(first->stat("b/1").info.is_complete == 1);
      CHECK(first->list("").keys == std::vector<std::string>{"a/1", "b/1"});
    }
  }
}
