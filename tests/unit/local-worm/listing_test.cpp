#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "worm_under_test.hpp"

using namespace worm_test;
namespace fs = std::filesystem;

namespace {

using Keys = std::vector<std::string>;

// Needs no flags, so it runs for everyone.
struct Filled {
  explicit Filled(const Keys& keys) : worm(folder.path / "worm", true) {
    for (const std::string& key : keys)
      REQUIRE(worm->put(key, {.text = key}, {.mode = CAVRA_MODE_ADVISORY}).status == CAVRA_OK);
  }
  TemporaryFolder folder;
  Worm worm;
};

const Keys kSorted{"a!",           "a.b",     "a/b.c",  "a/b/c", "a/b0",
                   "a0",           "b/x/y/z", "b/x/y0", "c",     "c-1/deep/er/than/the/rest",
                   "\xc3\xa4/last"};

Keys with_prefix(const std::string& prefix) {
  Keys keys;
  std::ranges::copy_if(kSorted, std::back_inserter(keys),
                       [&](const std::string& key) { return key.starts_with(prefix); });
  return keys;
}

}  // namespace

TEST_CASE("list tells all keys in byte order, whatever the size of a page") {
  Keys shuffled = kSorted;
  std::ranges::reverse(shuffled);
  std::ranges::rotate(shuffled, shuffled.begin() + 4);
  Filled filled(shuffled);
  REQUIRE(std::ranges::is_sorted(kSorted));
  for (const std::uint32_t limit : {1U, 2U, 3U, 10U, 11U, 12U, 1000U}) {
    CAPTURE(limit);
    const auto all = filled.worm->list("", limit);
    CAPTURE(all.message);
    REQUIRE(all.status == CAVRA_OK);
    CHECK(all.keys == kSorted);
    CHECK(all.lengths.front() == kSorted.front().size());
  }
}

TEST_CASE("list takes any string prefix") {
  Filled filled(kSorted);
  for (const char* const prefix :
       {"a",  "a/",  "a/b", "a/b/", "a/b/c", "a/b/cc", "b/x/y", "b/x/y/",        "c",
        "c-", "d",   "a//", "/",    "../",   "..",     ".",     ".cavra-store/", ".cavra-store/st",
        "a!", "\xc3"}) {
    CAPTURE(prefix);
    const auto page = filled.worm->list(prefix, 2);
    CHECK(page.status == CAVRA_OK);
    CHECK(page.keys == with_prefix(prefix));
  }
}

TEST_CASE("list goes on after any cursor, in another session too") {
  Filled filled(kSorted);
  for (std::size_t i = 0; i < kSorted.size(); ++i) {
    CAPTURE(kSorted[i]);
    Session other(filled.worm.store.get());
    const auto page = other.list_page("", 1000, kSorted[i]);
    CHECK(page.keys == Keys(kSorted.begin() + static_cast<std::ptrdiff_t>(i) + 1, kSorted.end()));
    CHECK(page.cursor.empty());
  }
  Session other(filled.worm.store.get());
  CHECK(other.list_page("", 1000, "zzz/\xff").keys == Keys{"\xc3\xa4/last"});
  CHECK(other.list_page("a/", 1000, "a/b/c").keys == Keys{"a/b0"});
}

TEST_CASE("list tells foreign files, and nothing that is no object or can be no key") {
  Filled filled({"s/one"});
  const fs::path s = filled.folder.path / "worm/s";
  std::ofstream(s / "foreign") << "abc";
  std::ofstream(s / "bad\xff") << "abc";
  std::ofstream(s / "line\nbreak") << "abc";
  fs::create_symlink("/etc/passwd", s / "link");
  fs::create_directory(s / "empty");
  REQUIRE(::mkfifo((s / "pipe").c_str(), 0600) == 0);
  const auto all = filled.worm->list("");
  CHECK(all.status == CAVRA_OK);
  CHECK(all.keys == Keys{"s/foreign", "s/one"});
}

TEST_CASE("list of a store that is not there yet is empty") {
  TemporaryFolder folder;
  Worm worm(folder.path / "none", true);
  const auto page = worm->list("");
  CHECK(page.status == CAVRA_OK);
  CHECK(page.keys.empty());
  CHECK(worm->stat("a").status == CAVRA_E_NOT_FOUND);
  CHECK(worm->get("a").status == CAVRA_E_NOT_FOUND);
  CHECK(worm->set_hold("a").status == CAVRA_E_NOT_FOUND);
  CHECK(worm->seal("a/").status == CAVRA_E_NOT_FOUND);
  CHECK_FALSE(fs::exists(folder.path / "none"));
}

TEST_CASE("a version that is named is not found, for there are none") {
  Filled filled({"s/one"});
  CHECK(filled.worm->stat("s/one", "v1").status == CAVRA_E_NOT_FOUND);
}
