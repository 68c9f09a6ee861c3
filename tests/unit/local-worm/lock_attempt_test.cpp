// The one part of the plugin that deletes: where the lock holds it finds that out, where it does
// not hold the object is gone, and beyond cavra-probe/ it touches nothing.
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "worm_under_test.hpp"

using namespace worm_test;
namespace fs = std::filesystem;

namespace {

const std::string kKey = "cavra-probe/1b9d6bcd/object";

constexpr std::array kActs{CAVRA_ATTEMPT_DELETE, CAVRA_ATTEMPT_OVERWRITE, CAVRA_ATTEMPT_SHORTEN,
                           CAVRA_ATTEMPT_CLEAR};

// One letter an act: l(ock), r(ights), S(ucceeded), or the status of what could not be tried.
std::string outcomes(Worm& worm, const std::string& key = kKey) {
  std::string text;
  for (const std::uint32_t act : kActs) {
    const auto seen = worm->attempt(act, key);
    if (seen.status != CAVRA_OK) text += std::to_string(seen.status);
    if (seen.status == CAVRA_OK) text += std::string("?lrS").at(seen.outcome);
    text += ' ';
  }
  return text;
}

void expect_untouched(Worm& worm) {
  CHECK(worm->get(kKey).text == "probe");
  const auto info = worm->stat(kKey).info;
  CHECK(info.mode == CAVRA_MODE_GOVERNANCE);
  CHECK(info.retain_until_unix_s == kYear2033);
  CHECK(info.is_complete == 1);
}

}  // namespace

TEST_CASE("each attempt on a locked object is refused by the lock, and leaves nothing behind") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "probe"}).status == CAVRA_OK);
    const auto before = tree_of(place);
    for (const char* const folders : {"open", "sealed"}) {
      CAPTURE(folders);
      CHECK(outcomes(worm) == "l l l l ");
      CHECK(tree_of(place) == before);
      expect_untouched(worm);
      REQUIRE(worm->seal("cavra-probe/").status == CAVRA_OK);
    }
    // The same process goes on as before.
    CHECK(worm->put("s/a", {.text = "x"}).status == CAVRA_OK);
  }
}

TEST_CASE("an owner without privilege is refused by the lock as well") {
  for (const fs::path& place : new_lockable_places()) {
    const std::string seen = in_child([] { become_user_with_capability(65534); },
                                      [&] {
                                        Worm worm(place / "worm");
                                        const auto put = worm->put(kKey, {.text = "probe"});
                                        return put.message + outcomes(worm);
                                      });
    CHECK(seen == "l l l l ");
    const std::string later = in_child([] { become_user(65534); },
                                       [&] {
                                         Worm worm(place / "worm");
                                         return outcomes(worm);
                                       });
    CHECK(later == "l l l l ");
  }
}

TEST_CASE("what another user may not do for want of a right shows nothing of the lock") {
  for (const fs::path& place : new_lockable_places()) {
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "probe"}).status == CAVRA_OK);
    const auto as_other = [&] {
      return in_child([] { become_user(65534); },
                      [&] {
                        Worm other(place / "worm");
                        return outcomes(other);
                      });
    };
    CHECK(as_other() == "r r r r ");
    REQUIRE(worm->seal("cavra-probe/").status == CAVRA_OK);
    CHECK(as_other() == "r r r r ");
  }
}

TEST_CASE("a sticky folder of another owner is a right that is missing, and no lock") {
  const auto place = new_place("ext4");
  if (!place) return;
  Worm worm(*place / "worm");
  REQUIRE(worm->put(kKey, {.text = "probe"}).status == CAVRA_OK);
  const fs::path folder = (*place / "worm" / kKey).parent_path();
  clear_flags(folder);
  REQUIRE(::chmod(folder.c_str(), 01777) == 0);
  set_flag(folder, kAppendOnly);
  const std::string seen = in_child([] { become_user(65534); },
                                    [&] {
                                      Worm other(*place / "worm");
                                      const auto got = other->attempt(CAVRA_ATTEMPT_DELETE, kKey);
                                      return std::to_string(got.outcome) + got.message;
                                    });
  CHECK(seen == std::to_string(CAVRA_ATTEMPT_REFUSED_BY_RIGHTS));
}

TEST_CASE("a file system that is read-only shows nothing of the lock") {
  const auto place = new_place("ext4");
  if (!place) return;
  Worm worm(*place / "worm");
  REQUIRE(worm->put(kKey, {.text = "probe"}).status == CAVRA_OK);
  const fs::path mounted = place->parent_path();
  const auto remount = [&](unsigned long flags) {
    return ::mount(nullptr, mounted.c_str(), nullptr, MS_REMOUNT | MS_BIND | flags, nullptr);
  };
  REQUIRE(remount(MS_RDONLY) == 0);
  const auto removed = worm->attempt(CAVRA_ATTEMPT_DELETE, kKey);
  const auto written = worm->attempt(CAVRA_ATTEMPT_SHORTEN, kKey);
  CHECK(remount(0) == 0);
  CHECK(removed.outcome == CAVRA_ATTEMPT_REFUSED_BY_RIGHTS);
  CHECK(written.outcome == CAVRA_ATTEMPT_REFUSED_BY_RIGHTS);
}

TEST_CASE("an object without its flag is found out, whichever way is tried") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    struct Row {
      std::uint32_t act;
      std::string_view text;
    };
    static constexpr std::array rows{
        Row{CAVRA_ATTEMPT_OVERWRITE, ""},
        Row{CAVRA_ATTEMPT_SHORTEN, "probe"},
        Row{CAVRA_ATTEMPT_CLEAR, "probe"},
    };
    for (const auto& [act, text] : rows) {
      CAPTURE(act);
      Worm worm(place / "worm");
      const std::string key = "cavra-probe/" + std::to_string(act) + "/object";
      REQUIRE(worm->put(key, {.text = "probe"}).status == CAVRA_OK);
      clear_flags(place / "worm" / key);
      const auto seen = worm->attempt(act, key);
      CHECK(seen.status == CAVRA_OK);
      CHECK(seen.outcome == CAVRA_ATTEMPT_SUCCEEDED);
      CHECK(worm->get(key).text == text);
      if (act == CAVRA_ATTEMPT_SHORTEN) CHECK(worm->stat(key).info.retain_until_unix_s == 0);
      // Its folder still keeps the name.
      CHECK(worm->attempt(CAVRA_ATTEMPT_DELETE, key).outcome == CAVRA_ATTEMPT_REFUSED_BY_LOCK);
      clear_flags((place / "worm" / key).parent_path());
      CHECK(worm->attempt(CAVRA_ATTEMPT_DELETE, key).outcome == CAVRA_ATTEMPT_SUCCEEDED);
      CHECK(worm->stat(key).status == CAVRA_E_NOT_FOUND);
    }
    CHECK(fs::is_empty(place / "worm/.cavra-store/staging"));
  }
}

TEST_CASE("a file can take the place of one whose folder lets names go") {
  const auto place = new_place("ext4");
  if (!place) return;
  // As this user the file is another's, so only the rename can go through.
  Worm worm(*place / "worm");
  REQUIRE(worm->put(kKey, {.text = "probe"}).status == CAVRA_OK);
  const fs::path file = *place / "worm" / kKey;
  clear_flags(file);
  clear_flags(file.parent_path());
  for (const fs::path& own : {file.parent_path(), *place / "worm/.cavra-store/staging"})
    REQUIRE(::chown(own.c_str(), 65534, 65534) == 0);
  const std::string seen = in_child([] { become_user(65534); },
                                    [&] {
                                      Worm other(*place / "worm");
                                      const auto got =
                                          other->attempt(CAVRA_ATTEMPT_OVERWRITE, kKey);
                                      return std::to_string(got.outcome) + got.message;
                                    });
  CHECK(seen == std::to_string(CAVRA_ATTEMPT_SUCCEEDED));
  CHECK(read_file(file).empty());
  CHECK(fs::is_empty(*place / "worm/.cavra-store/staging"));
}

TEST_CASE("what is stored without a lock can be broken in every way") {
  const auto place = new_place("tmpfs", false);
  if (!place) return;
  Worm worm(*place / "worm", true);
  const auto put = [&] {
    return worm->put(kKey, {.text = "probe"}, {.mode = CAVRA_MODE_ADVISORY}).status;
  };
  for (const std::uint32_t act : kActs) {
    CAPTURE(act);
    const auto gone = worm->attempt(CAVRA_ATTEMPT_DELETE, kKey);
    CHECK((gone.status == CAVRA_OK || gone.status == CAVRA_E_NOT_FOUND));
    REQUIRE(put() == CAVRA_OK);
    CHECK(worm->attempt(act, kKey).outcome == CAVRA_ATTEMPT_SUCCEEDED);
  }
  CHECK(fs::is_empty(*place / "worm/.cavra-store/staging"));
}

TEST_CASE("no key but those below cavra-probe/ is ever tried") {
  const auto place = new_place("tmpfs", false);  // where it would go through
  if (!place) return;
  const Wish wish{.mode = CAVRA_MODE_ADVISORY};
  int count = 0;
  for (const char* const key : {"s/a", "cavra-probes/a", "s/cavra-probe/a", "Cavra-probe/a"}) {
    CAPTURE(key);
    Worm one(*place / std::to_string(++count), true);
    REQUIRE(one->put(key, {.text = "x"}, wish).status == CAVRA_OK);
    CHECK(outcomes(one, key) == "40 40 40 40 ");
    CHECK(one->get(key).text == "x");
  }
  Worm worm(*place / "worm", true);
  REQUIRE(worm->put(kKey, {.text = "x"}, wish).status == CAVRA_OK);
  REQUIRE(worm->put("s/a", {.text = "x"}, wish).status == CAVRA_OK);
  for (const char* const key :
       {"cavra-probe", "cavra-probe/", "cavra-probe/../s/a", "cavra-probe//../s/a", "/s/a", "",
        "cavra-probe/1b9d6bcd/..", ".cavra-store/store.json", "./cavra-probe/1b9d6bcd/object"}) {
    CAPTURE(key);
    CHECK(outcomes(worm, key) == "40 40 40 40 ");
  }
  CHECK(worm->get("s/a").text == "x");
  const auto why = worm->attempt(CAVRA_ATTEMPT_DELETE, "s/a");
  CHECK(why.message ==
        "nothing tries to break the lock of \"s/a\": that is for objects below \"cavra-probe/\" "
        "alone");
}

TEST_CASE("a symbolic link below cavra-probe/ leads to no other object") {
  const auto place = new_place("tmpfs", false);
  if (!place) return;
  Worm worm(*place / "worm", true);
  REQUIRE(worm->put("s/a", {.text = "x"}, {.mode = CAVRA_MODE_ADVISORY}).status == CAVRA_OK);
  REQUIRE(worm->put(kKey, {.text = "x"}, {.mode = CAVRA_MODE_ADVISORY}).status == CAVRA_OK);
  fs::create_directory_symlink("../s", *place / "worm/cavra-probe/folder");
  fs::create_symlink("../s/a", *place / "worm/cavra-probe/file");
  CHECK(outcomes(worm, "cavra-probe/folder/a") == "70 70 70 70 ");  // that is no folder
  CHECK(outcomes(worm, "cavra-probe/file") == "40 40 40 40 ");
  CHECK(worm->get("s/a").text == "x");
}

TEST_CASE("what cannot be tried is an error and no outcome") {
  const auto place = new_place("tmpfs", false);
  if (!place) return;
  Worm worm(*place / "worm", true);
  CHECK(outcomes(worm) == "70 70 70 70 ");  // no store yet
  REQUIRE(worm->put(kKey, {.text = "x"}, {.mode = CAVRA_MODE_ADVISORY}).status == CAVRA_OK);
  CHECK(outcomes(worm, "cavra-probe/none") == "70 70 70 70 ");
  CHECK(worm->attempt(CAVRA_ATTEMPT_DELETE, kKey, "v1").status == CAVRA_E_NOT_FOUND);
  CHECK(worm->attempt(7, kKey).status == CAVRA_E_UNSUPPORTED);
  std::ofstream(*place / "worm/cavra-probe/foreign") << "x";
  const auto foreign = worm->attempt(CAVRA_ATTEMPT_SHORTEN, "cavra-probe/foreign");
  CHECK(foreign.status == CAVRA_E_REFUSED);
  CHECK(foreign.message == "\"cavra-probe/foreign\" has no lock that could be made shorter");
  CHECK(worm->get(kKey).text == "x");
}
