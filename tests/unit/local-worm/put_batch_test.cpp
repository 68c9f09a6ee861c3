#include <doctest/doctest.h>
#include <sys/resource.h>

#include <fstream>

#include "worm_under_test.hpp"

using namespace worm_test;
namespace fs = std::filesystem;

namespace {

std::string key_of(std::size_t number) {
  return "s-1/abc/bundle/many/" + std::to_string(number) + ".json";
}

std::vector<Session::Object> objects(std::size_t count) {
  std::vector<Session::Object> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back({key_of(i), {.text = "object " + std::to_string(i)}});
  return all;
}

void check_locked(Session& session, const fs::path& root, const Session::Object& object) {
  CAPTURE(object.key);
  const auto stat = session.stat(object.key);
  REQUIRE(stat.status == CAVRA_OK);
  CHECK(stat.info.mode == CAVRA_MODE_GOVERNANCE);
  CHECK(stat.info.is_complete == 1);
  CHECK(stat.info.retain_until_unix_s == object.wish.retain_until);
  CHECK(stat.info.legal_hold == (object.wish.legal_hold ? 1 : 0));
  CHECK(session.get(object.key).text == object.bytes.text);
  CHECK(has_flag(root / object.key, kImmutable));
}

bool has_no_debris(const fs::path& root) {
  return tree_of(root / ".cavra-store/staging").empty();
}

}  // namespace

TEST_CASE("put_many stores and locks each object, and another opening shows it") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path root = place / "worm";
    Worm worm(root);
    auto all = objects(100);
    all[7].wish.legal_hold = true;
    all[8].wish.retain_until = kYear2096;
    all.push_back({"s-1/abc/bundle/other folder/x", {.text = ""}});
    for (const auto& put : worm->put_many(all)) {
      CAPTURE(put.message);
      CHECK(put.status == CAVRA_OK);
      CHECK(put.outcome == CAVRA_PUT_CREATED);
    }
    CHECK(worm->barrier().status == CAVRA_OK);
    Worm other(root);
    for (const auto& object : all)
      check_locked(other.session, root, object);
    CHECK(has_no_debris(root));

    for (const auto& put : worm->put_many(all))
      CHECK(put.outcome == CAVRA_PUT_ALREADY_PRESENT);
    CHECK(worm->barrier().status == CAVRA_OK);
  }
}

TEST_CASE("put_many tells of each object what is wrong with it, and puts the others") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path root = place / "worm";
    Worm worm(root);
    auto all = objects(8);
    REQUIRE(worm->put(all[1].key, {.text = "others' bytes"}).status == CAVRA_OK);
    REQUIRE(worm->put(all[2].key, all[2].bytes).status == CAVRA_OK);
    all[3].bytes.verdict = CAVRA_E_CORRUPT;
    all[4].key = "../out";
    all[5].key = "s-1/abc/bundle/many/0.JSON";  // differs from the first in case only
    all[6].key = all[7].key;
    all[6].bytes = all[7].bytes;
    const auto puts = worm->put_many(all);
    CHECK(puts[0].outcome == CAVRA_PUT_CREATED);
    CHECK(puts[1].status == CAVRA_E_CONFLICT);
    CHECK(puts[2].outcome == CAVRA_PUT_ALREADY_PRESENT);
    CHECK(puts[3].status == CAVRA_E_CORRUPT);
    CHECK(puts[4].status == CAVRA_E_REFUSED);
    CHECK(puts[5].status == CAVRA_E_REFUSED);
    CHECK(puts[6].outcome == CAVRA_PUT_CREATED);
    CHECK(puts[7].outcome == CAVRA_PUT_ALREADY_PRESENT);
    CHECK(worm->barrier().status == CAVRA_OK);
    check_locked(worm.session, root, all[0]);
    check_locked(worm.session, root, all[7]);
    CHECK(worm->stat(all[3].key).status == CAVRA_E_NOT_FOUND);
    CHECK(has_no_debris(root));
  }
}

TEST_CASE("put_many completes what a dead writer left named and unlocked") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path root = place / "worm";
    Worm worm(root);
    const auto all = objects(4);
    REQUIRE(worm->put_many(all)[0].status == CAVRA_OK);
    clear_flags(root / all[1].key);
    CHECK(worm->stat(all[1].key).info.is_complete == 0);
    for (const auto& put : worm->put_many(all))
      CHECK(put.outcome == CAVRA_PUT_ALREADY_PRESENT);
    check_locked(worm.session, root, all[1]);
  }
}

TEST_CASE("put_many that is cancelled leaves each object whole or absent") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path root = place / "worm";
    Worm worm(root);
    const auto all = objects(40);
    for (int calls = 20; calls < 200; calls += 30) {
      int asked = 0;
      const Stop stop{.is_cancelled = [&] { return ++asked > calls; }};
      for (const auto& put : worm->put_many(all, stop))
        CHECK((put.status == CAVRA_OK || put.status == CAVRA_E_CANCELLED));
      CHECK(has_no_debris(root));
      for (const auto& object : all)
        if (worm->stat(object.key).status == CAVRA_OK) check_locked(worm.session, root, object);
    }
    CHECK(worm->barrier({.is_cancelled = [] { return true; }}).status == CAVRA_E_CANCELLED);
    for (const auto& put : worm->put_many(all))
      CHECK(put.status == CAVRA_OK);
    CHECK(worm->barrier().status == CAVRA_OK);
  }
}

TEST_CASE("put_many gets by with few descriptors") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const std::string said = in_child(
        [] {
          const rlimit few{.rlim_cur = 90, .rlim_max = 90};
          ::setrlimit(RLIMIT_NOFILE, &few);
        },
        [&] {
          Worm worm(place / "worm");
          for (const auto& put : worm->put_many(objects(200)))
            if (put.status != CAVRA_OK) return put.message;
          return worm->barrier().message;
        });
    CHECK(said == "");
  }
}

TEST_CASE("put_many without a lock, in an advisory store") {
  const TemporaryFolder folder;
  Worm worm(folder.path / "worm", true);
  auto all = objects(5);
  for (auto& object : all)
    object.wish.mode = CAVRA_MODE_ADVISORY;
  for (const auto& put : worm->put_many(all))
    CHECK(put.outcome == CAVRA_PUT_CREATED);
  CHECK(worm->barrier().status == CAVRA_OK);
  for (const auto& object : all)
    CHECK(worm->stat(object.key).info.mode == CAVRA_MODE_ADVISORY);
}

TEST_CASE("a barrier without anything put does nothing") {
  const TemporaryFolder folder;
  Worm worm(folder.path / "worm", true);
  CHECK(worm->barrier().status == CAVRA_OK);
  CHECK_FALSE(fs::exists(folder.path / "worm"));
}
