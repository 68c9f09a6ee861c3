#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "worm_under_test.hpp"

using namespace worm_test;
namespace fs = std::filesystem;

namespace {

const std::string kKey = "s/a";

std::string verdicts(const Session::Probe& probe) {
  std::string text;
  for (const auto& item : probe.items)
    text += item.name + "=" + std::to_string(item.verdict) + " ";
  return text;
}

// "STATUS message" of a put, for a child to hand back.
std::string put_in(const fs::path& root, bool is_advisory = false) {
  Worm worm(root, is_advisory);
  const auto put = worm->put(kKey, {.text = "x"},
                             {.mode = is_advisory ? CAVRA_MODE_ADVISORY : CAVRA_MODE_GOVERNANCE});
  return std::to_string(put.status) + " " + put.message;
}

}  // namespace

TEST_CASE("probe finds what a store needs, and leaves nothing behind") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "deep/er/worm");
    for (const bool is_there : {false, true}) {
      CAPTURE(is_there);
      const auto before = tree_of(place);
      const auto probe = worm->probe();
      CHECK(probe.status == CAVRA_OK);
      CHECK(tree_of(place) == before);
      CHECK(verdicts(probe) == std::string("root=") + (is_there ? "1" : "5") +
                                   " filesystem.kind=1 filesystem.write=1 "
                                   "rights.linux_immutable=1 rights.lift=3 filesystem.leases=1 "
                                   "filesystem.flags=1 filesystem.space=5 ");
      REQUIRE(worm->put(kKey, {.text = "x"}).status == CAVRA_OK);
    }
  }
}

TEST_CASE("tmpfs and overlay are refused, in probe and put, with the same words") {
  for (const char* const kind : {"tmpfs", "overlay"}) {
    const auto place = new_place(kind);
    if (!place) continue;
    CAPTURE(kind);
    Worm worm(*place / "worm");
    const auto probe = worm->probe();
    const auto* const item = probe.find("filesystem.kind");
    REQUIRE(item != nullptr);
    CHECK(item->verdict == CAVRA_PROBE_MISSING);
    CHECK(item->message.find("advisory") != std::string::npos);
    bool is_read = false;
    const auto put = worm->put(kKey, {.text = "x", .on_read = [&](auto) { is_read = true; }});
    CHECK(put.status == CAVRA_E_REFUSED);
    CHECK(put.message == "nothing was stored: " + item->message);
    CHECK_FALSE(is_read);
    CHECK_FALSE(fs::exists(*place / "worm"));
  }
}

TEST_CASE("without CAP_LINUX_IMMUTABLE nothing is stored, and reading needs no privilege") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path root = place / "worm";
    const std::string refusal = in_child(drop_capability, [&] { return put_in(root); });
    CHECK(refusal.starts_with("40 nothing was stored: this process lacks CAP_LINUX_IMMUTABLE"));
    CHECK(refusal.find("advisory") != std::string::npos);
    CHECK_FALSE(fs::exists(root));
    const std::string missing = in_child(drop_capability, [&] {
      Worm worm(root);
      const auto probe = worm->probe();
      return std::to_string(probe.find("rights.linux_immutable")->verdict);
    });
    CHECK(missing == std::to_string(CAVRA_PROBE_MISSING));

    REQUIRE(put_in(root).starts_with("0 "));
    const std::string seen = in_child([] { become_user(65534); },
                                      [&] {
                                        Worm worm(root);
                                        const auto stat = worm->stat(kKey);
                                        return std::to_string(stat.info.mode) + " " +
                                               worm->get(kKey).text + " " + worm->list("").keys[0];
                                      });
    CHECK(seen == "20 x s/a");
    const std::string acts = in_child(drop_capability, [&] {
      Worm worm(root);
      return std::to_string(worm->set_hold(kKey).status) + " " +
             std::to_string(worm->raise(kKey, {.retain_until = kYear2096}).status) + " " +
             std::to_string(worm->seal("s/").status);
    });
    CHECK(acts == "40 40 40");
    Worm worm(root);
    CHECK(worm->stat(kKey).info.legal_hold == 0);
  }
}

TEST_CASE("a user with that one capability needs no root") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const std::string done = in_child(
        [] { become_user_with_capability(65534); },
        [&] {
          Worm worm(place / "worm");
          const auto put = worm->put(kKey, {.text = "x"});
          const auto hold = worm->set_hold(kKey);
          const auto seal = worm->seal("s/");
          const auto again = worm->put(kKey, {.text = "x"});
          const auto info = worm->stat(kKey).info;
          return std::to_string(put.status) + put.message + " " + std::to_string(hold.status) +
                 hold.message + " " + std::to_string(seal.status) + " " +
                 std::to_string(again.status) + " " + std::to_string(info.mode);
        });
    CHECK(done == "0 0 0 0 20");
    // What it left unlocked it completes itself, though the file is read-only to it.
    clear_flags(place / "worm" / kKey);
    const std::string again = in_child([] { become_user_with_capability(65534); },
                                       [&] { return put_in(place / "worm"); });
    CHECK(again == "0 ");
  }
}

TEST_CASE("a folder that this user may not write to is said to be one") {
  for (const fs::path& place : new_lockable_places()) {
    ::chmod(place.c_str(), 0755);
    const std::string answer = in_child([] { become_user_with_capability(65534); },
                                        [&] { return put_in(place / "worm"); });
    CHECK(answer.starts_with("40 nothing was stored: "));
    CHECK(answer.find("permission") != std::string::npos);
  }
}

TEST_CASE("a machine that fails is told as that, not as a place that cannot hold the store") {
  for (const fs::path& place : new_lockable_places()) {
    const auto allow_one_byte = [] {
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{1, 1};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    };
    const std::string put = in_child(allow_one_byte, [&] { return put_in(place / "worm"); });
    CHECK(put.starts_with("30 nothing was stored: "));
    CHECK(put.find("File too large") != std::string::npos);
    const std::string probe = in_child(
        allow_one_byte, [&] { return std::to_string(Worm(place / "worm")->probe().status); });
    CHECK(probe == "30");
  }
}

TEST_CASE("an advisory store keeps read-only files on any file system and claims no more") {
  for (const char* const kind : {"ext4", "xfs", "tmpfs", "overlay"}) {
    const auto place = new_place(kind, false);
    if (!place) continue;
    CAPTURE(kind);
    Worm worm(*place / "worm", true);
    CHECK(worm.store.describe().mode == CAVRA_MODE_ADVISORY);
    const auto probe = worm->probe();
    CHECK(probe.find("lock")->message.find("NOT LOCKED") != std::string::npos);
    for (const auto& item : probe.items)
      CHECK(item.verdict != CAVRA_PROBE_MISSING);
    const auto governance = worm->put(kKey, {.text = "x"});
    CHECK(governance.status == CAVRA_E_REFUSED);

    const Wish wish{.mode = CAVRA_MODE_ADVISORY, .legal_hold = true};
    const auto put = worm->put(kKey, {.text = "x"}, wish);
    CAPTURE(put.message);
    REQUIRE(put.status == CAVRA_OK);
    const auto info = worm->stat(kKey).info;
    CHECK(info.mode == CAVRA_MODE_ADVISORY);
    CHECK(info.is_complete == 1);
    CHECK(info.retain_until_unix_s == kYear2033);
    CHECK(info.legal_hold == 1);
    CHECK(worm->clear_hold(kKey).status == CAVRA_OK);
    CHECK(worm->stat(kKey).info.legal_hold == 0);
    CHECK(worm->raise(kKey, {.mode = CAVRA_MODE_ADVISORY, .retain_until = kYear2096}).status ==
          CAVRA_OK);
    CHECK(worm->stat(kKey).info.retain_until_unix_s == kYear2096);
    CHECK(worm->raise(kKey, {}).status == CAVRA_E_REFUSED);  // governance
    CHECK(worm->put(kKey, {.text = "x"}, wish).outcome == CAVRA_PUT_ALREADY_PRESENT);
    CHECK(worm->put(kKey, {.text = "y"}, wish).status == CAVRA_E_CONFLICT);
    struct stat raw{};
    REQUIRE(::stat((*place / "worm" / kKey).c_str(), &raw) == 0);
    CHECK((raw.st_mode & 0222) == 0);
    REQUIRE(::chmod((*place / "worm" / kKey).c_str(), 0644) == 0);
    CHECK(worm->stat(kKey).info.mode == CAVRA_MODE_NONE);
    CHECK(worm->put(kKey, {.text = "x"}, wish).status == CAVRA_OK);
    CHECK(worm->stat(kKey).info.mode == CAVRA_MODE_ADVISORY);
  }
}

TEST_CASE("flags on a file system that does not hold them are no lock") {
  for (const char* const kind : {"tmpfs", "overlay"}) {
    const auto place = new_place(kind);
    if (!place) continue;
    CAPTURE(kind);
    Worm worm(*place / "worm", true);
    REQUIRE(worm->put(kKey, {.text = "x"}, {.mode = CAVRA_MODE_ADVISORY}).status == CAVRA_OK);
    set_flag(*place / "worm" / kKey, kImmutable);
    for (const char* const folder : {"worm/s", "worm"})
      set_flag(*place / folder, kAppendOnly);
    CHECK(worm->stat(kKey).info.mode == CAVRA_MODE_ADVISORY);
    Worm locking(*place / "worm");
    CHECK(locking->stat(kKey).info.mode == CAVRA_MODE_NONE);
    CHECK(locking->stat(kKey).info.is_complete == 0);
  }
}

TEST_CASE("an advisory store that is to lock from now on locks what is put again") {
  for (const fs::path& place : new_lockable_places()) {
    {
      Worm advisory(place / "worm", true);
      REQUIRE(advisory->put(kKey, {.text = "x"}, {.mode = CAVRA_MODE_ADVISORY}).status == CAVRA_OK);
      CHECK_FALSE(has_flag(place / "worm", kAppendOnly));
    }
    Worm worm(place / "worm");
    CHECK(worm->stat(kKey).info.mode == CAVRA_MODE_NONE);
    REQUIRE(worm->put(kKey, {.text = "x"}).status == CAVRA_OK);
    CHECK(worm->stat(kKey).info.mode == CAVRA_MODE_GOVERNANCE);
    for (const char* const path : {"", "s", ".cavra-store", ".cavra-store/records"})
      CHECK(has_flag(place / "worm" / path, kAppendOnly));
    CHECK(has_flag(place / "worm/.cavra-store/store.json", kImmutable));
    // And back: what is locked stays locked, and is said to be.
    Worm advisory(place / "worm", true);
    CHECK(advisory->stat(kKey).info.mode == CAVRA_MODE_GOVERNANCE);
  }
}

TEST_CASE("settings that make no sense are told before anything is done") {
  struct Row {
    std::string_view settings;
    cavra_status status;
  };
  static constexpr std::array rows{
      Row{R"({"root":"worm"})", CAVRA_OK},
      Row{R"({"root":"worm","require":"advisory"})", CAVRA_OK},
      Row{R"({"root":"worm/","require":"filesystem"})", CAVRA_OK},
      Row{R"({})", CAVRA_E_USAGE},
      Row{R"([])", CAVRA_E_USAGE},
      Row{R"({"root":""})", CAVRA_E_USAGE},
      Row{R"({"root":7})", CAVRA_E_USAGE},
      Row{R"({"root":"/"})", CAVRA_E_USAGE},
      Row{R"({"root":"../.."})", CAVRA_E_USAGE},
      Row{R"({"root":"a\u0000b"})", CAVRA_E_USAGE},
      Row{R"({"root":"worm","require":"maybe"})", CAVRA_E_USAGE},
      Row{R"({"root":"worm","require":null})", CAVRA_E_USAGE},
      Row{R"({"root":"/etc/passwd"})", CAVRA_E_REFUSED},
      Row{R"({"root":"worm")", CAVRA_E_USAGE},
      Row{"", CAVRA_E_USAGE},
  };
  for (const auto& [settings, status] : rows) {
    CAPTURE(settings);
    CHECK(try_open(std::string(settings), "/tmp").status == status);
  }
  CHECK(try_open(R"({"root":"worm"})", "not/absolute").status == CAVRA_E_USAGE);
}
