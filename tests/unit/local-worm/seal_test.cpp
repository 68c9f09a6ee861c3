#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <thread>
#include <vector>

#include "cavra/support/file_descriptor.hpp"
#include "worm_under_test.hpp"

using namespace worm_test;
namespace fs = std::filesystem;

TEST_CASE("seal closes a folder and all below it, and leaves its neighbours open") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    for (const char* const key : {"s/bundle/a", "s/bundle/d/e/f/b", "s/bundle/d/c", "s/receipts/r"})
      REQUIRE(worm->put(key, {.text = key}).status == CAVRA_OK);
    REQUIRE(worm->seal("s/bundle/").status == CAVRA_OK);
    CHECK(worm->seal("s/bundle/").status == CAVRA_OK);  // again
    for (const char* const folder : {"s/bundle", "s/bundle/d", "s/bundle/d/e", "s/bundle/d/e/f"})
      CHECK(has_flag(place / "worm" / folder, kImmutable));
    CHECK_FALSE(has_flag(place / "worm/s", kImmutable));

    for (const char* const key : {"s/bundle/new", "s/bundle/d/e/new", "s/bundle/new/x"}) {
      CAPTURE(key);
      bool is_read = false;
      const auto put = worm->put(key, {.text = "x", .on_read = [&](auto) { is_read = true; }});
      CHECK(put.status == CAVRA_E_REFUSED);
      CHECK(put.message.find("sealed") != std::string::npos);
      CHECK_FALSE(is_read);
    }
    CHECK_FALSE(std::ofstream(place / "worm/s/bundle/rogue"));
    CHECK(worm->put("s/receipts/r2", {.text = "x"}).status == CAVRA_OK);
    // What is in it is found, proven, held and extended as before.
    CHECK(worm->put("s/bundle/d/c", {.text = "s/bundle/d/c"}).outcome == CAVRA_PUT_ALREADY_PRESENT);
    CHECK(worm->stat("s/bundle/d/c").info.is_complete == 1);
    CHECK(worm->raise("s/bundle/d/c", {.retain_until = kYear2096, .legal_hold = true}).status ==
          CAVRA_OK);
    CHECK(worm->stat("s/bundle/d/c").info.retain_until_unix_s == kYear2096);
  }
}

TEST_CASE("an object left unlocked in a sealed folder can still be completed") {
  for (const fs::path& place : new_lockable_places()) {
    Worm worm(place / "worm");
    REQUIRE(worm->put("s/bundle/a", {.text = "a"}).status == CAVRA_OK);
    clear_flags(place / "worm/s/bundle/a");
    REQUIRE(worm->seal("s/bundle/").status == CAVRA_OK);
    CHECK(worm->stat("s/bundle/a").info.is_complete == 0);
    CHECK(worm->put("s/bundle/a", {.text = "a"}).status == CAVRA_OK);
    CHECK(worm->stat("s/bundle/a").info.is_complete == 1);
  }
}

TEST_CASE("seal and list go down a tree that is deeper than most") {
  const auto place = new_place("ext4");
  if (!place) return;
  Worm worm(*place / "worm");
  std::string key;
  for (int depth = 0; depth < 200; ++depth)
    key += "d/";
  REQUIRE(worm->put(key + "x", {.text = "x"}).status == CAVRA_OK);
  CHECK(worm->seal("d/").status == CAVRA_OK);
  CHECK(has_flag(*place / "worm" / key, kImmutable));
  CHECK(worm->list("").keys == std::vector<std::string>{key + "x"});
}

TEST_CASE("seal refuses what is no folder of keys") {
  TemporaryFolder folder;
  Worm worm(folder.path / "worm", true);
  REQUIRE(worm->put("s/a", {.text = "a"}, {.mode = CAVRA_MODE_ADVISORY}).status == CAVRA_OK);
  for (const char* const prefix : {"", "/", "s", "s//", "../", ".cavra-store/", "s/./"}) {
    CAPTURE(prefix);
    CHECK(worm->seal(prefix).status == CAVRA_E_REFUSED);
  }
  CHECK(worm->seal("s/").status == CAVRA_OK);  // nothing that would hold, and nothing to do
  CHECK(worm->put("s/b", {.text = "b"}, {.mode = CAVRA_MODE_ADVISORY}).status == CAVRA_OK);
  for (const fs::path& place : new_lockable_places()) {
    Worm locked(place / "worm");
    REQUIRE(locked->put("s/a", {.text = "a"}).status == CAVRA_OK);
    CHECK(locked->seal("none/").status == CAVRA_E_NOT_FOUND);
    CHECK(locked->seal("s/a/").status == CAVRA_E_NOT_FOUND);
  }
}

TEST_CASE("a sealed folder stays sealed while writers look after its flags") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    Worm other(place / "worm");
    for (int round = 0; round < 20; ++round) {
      const std::string folder = "s/" + std::to_string(round);
      REQUIRE(worm->put(folder + "/a", {.text = "x"}).status == CAVRA_OK);
      clear_flags(place / "worm" / folder);
      std::thread writer(
          [&] { CHECK(other->put(folder + "/a", {.text = "x"}).status == CAVRA_OK); });
      CHECK(worm->seal(folder + "/").status == CAVRA_OK);
      writer.join();
      CHECK(has_flag(place / "worm" / folder, kImmutable));
    }
  }
}

namespace {

cavra::FileDescriptor hold(const fs::path& path) {
  cavra::FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(fd);
  REQUIRE(::flock(fd.get(), LOCK_EX | LOCK_NB) == 0);
  return fd;
}

}  // namespace

TEST_CASE("whoever may read the store cannot hold up a put by a flock on what he finds there") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    REQUIRE(worm->put("s/d/a", {.text = "x"}).status == CAVRA_OK);
    clear_flags(place / "worm/s/d/a");  // as a put leaves it that died between name and flag
    clear_flags(place / "worm/s/d");
    clear_flags(place / "worm/.cavra-store/store.json");
    std::vector<cavra::FileDescriptor> held;
    held.push_back(hold(place / "worm"));
    for (const auto& entry : fs::recursive_directory_iterator(place / "worm"))
      if (entry.path().filename() != "staging") held.push_back(hold(entry.path()));
    CHECK(worm->put("s/d/a", {.text = "x"}).status == CAVRA_OK);
    CHECK(worm->put_many({{"s/new/b", {.text = "x"}}})[0].status == CAVRA_OK);
    CHECK(worm->barrier().status == CAVRA_OK);
    CHECK(worm->set_hold("s/d/a").status == CAVRA_OK);
    CHECK(worm->seal("s/").status == CAVRA_OK);
    CHECK(Worm(place / "worm")->put("t/a", {.text = "x"}).status == CAVRA_OK);
  }
}

TEST_CASE(
    "the turn is taken where nobody but the store's owner can hold it, and waited for a while") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    REQUIRE(worm->put("s/a", {.text = "x"}).status == CAVRA_OK);
    const fs::path staging = place / "worm/.cavra-store/staging";
    const std::string other =
        in_child([] { become_user(65534); },
                 [&] {
                   const cavra::FileDescriptor fd(::open(staging.c_str(), O_RDONLY | O_CLOEXEC));
                   return std::to_string(!fd ? errno : 0);
                 });
    CHECK(other == std::to_string(EACCES));
    cavra::FileDescriptor turn = hold(staging);
    CHECK(worm->put("s/b", {.text = "x"}).status == CAVRA_OK);  // a file's flag needs no turn
    const auto sealed = worm->seal("s/");
    CHECK(sealed.status == CAVRA_E_UNAVAILABLE);
    CHECK(sealed.is_retryable);
    CHECK(sealed.message.find("another one holds a flock on it") != std::string::npos);
    CHECK_FALSE(has_flag(place / "worm/s", kImmutable));
    turn.reset();
    CHECK(worm->seal("s/").status == CAVRA_OK);
  }
}
