#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <mutex>
#include <thread>

#include "cavra/support/file_descriptor.hpp"
#include "worm_under_test.hpp"

using namespace worm_test;
namespace fs = std::filesystem;

namespace {

const std::string kKey = "s-1/abc/bundle/a.json";

bool has_no_debris(const fs::path& root) {
  return tree_of(root / ".cavra-store/staging").empty();
}

// As a writer leaves it that dies between the name and the flag.
void unseal(const fs::path& file) {
  clear_flags(file);
}

}  // namespace

TEST_CASE("put stores the bytes under their key, locked, and stat and get show it") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    const auto put = worm->put(kKey, {.text = "hello"});
    CAPTURE(put.message);
    REQUIRE(put.status == CAVRA_OK);
    CHECK(put.outcome == CAVRA_PUT_CREATED);

    Worm other(place / "worm");  // another opening, as the core proves it
    const auto stat = other->stat(kKey);
    REQUIRE(stat.status == CAVRA_OK);
    CHECK(stat.info.mode == CAVRA_MODE_GOVERNANCE);
    CHECK(stat.info.retain_until_unix_s == kYear2033);
    CHECK(stat.info.legal_hold == 0);
    CHECK(stat.info.length == 5);
    CHECK(stat.info.is_complete == 1);
    CHECK(stat.info.is_latest == 1);
    CHECK(stat.info.has_sha256 == 0);
    CHECK(stat.info.version_len == 0);
    CHECK(std::abs(stat.info.stored_at_unix_s - ::time(nullptr)) < 100);
    CHECK(other->get(kKey).text == "hello");
    CHECK(other->get(kKey, 3).text == "lo");
    CHECK(other->get(kKey, 5).text == "");

    const fs::path file = place / "worm" / kKey;
    CHECK(has_flag(file, kImmutable));
    for (fs::path folder = file.parent_path(); folder != place; folder = folder.parent_path())
      CHECK(has_flag(folder, kAppendOnly));
    CHECK(has_flag(place / "worm/.cavra-store/store.json", kImmutable));
    CHECK(read_file(file) == "hello");
    CHECK(read_attribute(file, "user.cavra.lock")
              .starts_with("v1 retain_until=2033-05-18T03:33:20Z size=5 sha256="));
    CHECK(read_attribute(file, "user.cavra.media_type") == "application/json");
    CHECK(read_attribute(file, "user.cavra.metadata") == R"({"member":"a"})");
    struct stat raw{};
    REQUIRE(::stat(file.c_str(), &raw) == 0);
    CHECK((raw.st_mode & 07777) == 0444);
    CHECK(raw.st_atim.tv_sec == kYear2033);
    CHECK(has_no_debris(place / "worm"));
  }
}

TEST_CASE("put takes the mode of new files from the umask") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const mode_t before = ::umask(027);
    Worm worm(place / "worm");
    const auto put = worm->put(kKey, {.text = "x"});
    ::umask(before);
    REQUIRE(put.status == CAVRA_OK);
    struct stat raw{};
    REQUIRE(::stat((place / "worm" / kKey).c_str(), &raw) == 0);
    CHECK((raw.st_mode & 07777) == 0440);
  }
}

TEST_CASE("put takes objects of every size, in whatever pieces they come") {
  struct Row {
    std::size_t length;
    std::size_t most_a_read;
  };
  static constexpr std::array rows{Row{0, SIZE_MAX},           Row{1, SIZE_MAX},
                                   Row{(1U << 20) - 1, 4096},  Row{1U << 20, SIZE_MAX},
                                   Row{(1U << 20) + 1, 77777}, Row{40U << 20, SIZE_MAX}};
  for (const fs::path& place : new_lockable_places()) {
    Worm worm(place / "worm");
    int count = 0;
    for (const auto& [length, most_a_read] : rows) {
      CAPTURE(place);
      CAPTURE(length);
      std::string text(length, '\0');
      for (std::size_t i = 0; i < length; ++i)
        text[i] = static_cast<char>(i * 31 + i / 4096);
      const std::string key = "s/" + std::to_string(++count);
      const auto put = worm->put(key, {.text = text, .most_a_read = most_a_read});
      CAPTURE(put.message);
      REQUIRE(put.status == CAVRA_OK);
      CHECK((worm->get(key).text == text));
      CHECK(worm->stat(key).info.length == length);
    }
  }
}

TEST_CASE("put of the same bytes again finds them, and other bytes are a conflict") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    bool is_read = false;
    const auto note = [&](std::uint64_t) { is_read = true; };
    const auto again = worm->put(kKey, {.text = "hello", .on_read = note});
    CHECK(again.status == CAVRA_OK);
    CHECK(again.outcome == CAVRA_PUT_ALREADY_PRESENT);
    CHECK_FALSE(is_read);
    for (const char* const other : {"hullo", "hello!", "", "HELLO"}) {
      CAPTURE(other);
      CHECK(worm->put(kKey, {.text = other}).status == CAVRA_E_CONFLICT);
    }
    // A later date is for raise_lock.
    CHECK(worm->put(kKey, {.text = "hello"}, {.retain_until = kYear2096}).outcome ==
          CAVRA_PUT_ALREADY_PRESENT);
    CHECK(worm->stat(kKey).info.retain_until_unix_s == kYear2033);
    CHECK(worm->get(kKey).text == "hello");
  }
}

TEST_CASE("put completes what a dead writer left named and unlocked") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path file = place / "worm" / kKey;
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);

    unseal(file);
    CHECK(worm->stat(kKey).info.mode == CAVRA_MODE_NONE);
    CHECK(worm->stat(kKey).info.is_complete == 0);
    CHECK(worm->put(kKey, {.text = "hallo"}).status == CAVRA_E_CONFLICT);
    CHECK(worm->put(kKey, {.text = "hello!"}).status == CAVRA_E_CONFLICT);
    CHECK(worm->put(kKey, {.text = "hello", .verdict = CAVRA_E_CORRUPT}).status == CAVRA_E_CORRUPT);
    CHECK_FALSE(has_flag(file, kImmutable));
    const auto put = worm->put(kKey, {.text = "hello"});
    CHECK(put.status == CAVRA_OK);
    CHECK(put.outcome == CAVRA_PUT_ALREADY_PRESENT);
    CHECK(has_flag(file, kImmutable));
    CHECK(worm->stat(kKey).info.is_complete == 1);
    CHECK(worm->stat(kKey).info.retain_until_unix_s == kYear2033);
  }
}

TEST_CASE("put gives a foreign file with the right bytes its lock, and makes it read-only") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path file = place / "worm" / kKey;
    Worm worm(place / "worm");
    REQUIRE(worm->put("s-1/abc/bundle/first", {.text = "1"}).status == CAVRA_OK);
    std::ofstream(file) << "hello";
    CHECK(worm->stat(kKey).info.mode == CAVRA_MODE_NONE);
    CHECK(worm->stat(kKey).info.retain_until_unix_s == CAVRA_NO_DATE);
    const auto put = worm->put(kKey, {.text = "hello"}, {.legal_hold = true});
    CAPTURE(put.message);
    REQUIRE(put.status == CAVRA_OK);
    const auto info = worm->stat(kKey).info;
    CHECK(info.mode == CAVRA_MODE_GOVERNANCE);
    CHECK(info.retain_until_unix_s == kYear2033);
    CHECK(info.legal_hold == 1);
    struct stat raw{};
    REQUIRE(::stat(file.c_str(), &raw) == 0);
    CHECK((raw.st_mode & 0222) == 0);
  }
}

TEST_CASE("put takes neither date nor time from a file that somebody laid there") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path file = place / "worm" / kKey;
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    std::string lock(256, '\0');
    const ssize_t size = ::getxattr(file.c_str(), "user.cavra.lock", lock.data(), lock.size());
    REQUIRE(size > 0);
    lock.resize(static_cast<std::size_t>(size));
    unseal(file);
    const std::string later =
        "v1 retain_until=9999-12-31T23:59:59Z" + lock.substr(lock.find(" size"));
    REQUIRE(::setxattr(file.c_str(), "user.cavra.lock", later.data(), later.size(), 0) == 0);
    const timespec times[2] = {{.tv_sec = 4'000'000'000, .tv_nsec = 0},
                               {.tv_sec = 4'000'000'000, .tv_nsec = 0}};
    REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
    REQUIRE(::chmod(file.c_str(), 0444) == 0);
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    const auto info = worm->stat(kKey).info;
    CHECK(info.is_complete == 1);
    CHECK(info.retain_until_unix_s == kYear2033);
    CHECK(info.stored_at_unix_s < 4'000'000'000);
  }
}

TEST_CASE("put heals folders that a dead writer left without their flag") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    for (const char* const folder : {"worm", "worm/s-1", "worm/s-1/abc/bundle"}) {
      CAPTURE(folder);
      clear_flags(place / folder);
      // The file could be moved away: that is no lock.
      CHECK(worm->stat(kKey).info.mode == CAVRA_MODE_NONE);
      CHECK(worm->stat(kKey).info.is_complete == 0);
      Worm next(place / "worm");
      CHECK(next->put(kKey, {.text = "hello"}).status == CAVRA_OK);
      CHECK(has_flag(place / folder, kAppendOnly));
      CHECK(next->stat(kKey).info.is_complete == 1);
    }
  }
}

TEST_CASE("put does not lock a file that somebody can still write to") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path file = place / "worm" / kKey;
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    unseal(file);
    {
      const cavra::FileDescriptor writer(::open(file.c_str(), O_RDWR | O_CLOEXEC));
      REQUIRE(writer);
      const auto put = worm->put(kKey, {.text = "hello"});
      CHECK(put.status == CAVRA_E_REFUSED);
      CHECK(put.is_retryable);
      CHECK(put.message.find("open or mapped for writing") != std::string::npos);
      CHECK_FALSE(has_flag(file, kImmutable));
    }
    CHECK(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
  }
}

TEST_CASE("put does not call an object locked that was opened for writing as it was sealed") {
  // The writer comes while the existing file is compared: its open() waits for our lease to end.
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    const fs::path file = place / "worm" / kKey;
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    unseal(file);
    const auto intrude = [&](std::uint64_t) {
      // Does not wait, but has broken the lease.
      const int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
      CHECK(fd == -1);
      CHECK(errno == EWOULDBLOCK);
    };
    const auto put = worm->put(kKey, {.text = "hello", .on_read = intrude});
    CHECK(put.status == CAVRA_E_REFUSED);
    CHECK(put.message.find("opened it for writing") != std::string::npos);
  }
}

TEST_CASE("put leaves nothing where the host's verdict on the bytes is not OK") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    CHECK(worm->put(kKey, {.text = "hello", .verdict = CAVRA_E_CORRUPT}).status == CAVRA_E_CORRUPT);
    CHECK(worm->stat(kKey).status == CAVRA_E_NOT_FOUND);
    CHECK(worm->list("").keys.empty());
    CHECK(has_no_debris(place / "worm"));
    // Bytes that end early or whose length differs from the request's.
    CHECK(worm->put(kKey, {.text = "hello", .announced = 6}).status == CAVRA_E_CORRUPT);
    CHECK(worm->stat(kKey).status == CAVRA_E_NOT_FOUND);
    CHECK(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
  }
}

TEST_CASE("put stops when it is cancelled or out of time, and leaves nothing") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    bool is_cancelled = false;
    const Bytes bytes{.text = std::string(5U << 20, 'x'), .on_read = [&](std::uint64_t offset) {
                        if (offset >= (2U << 20)) is_cancelled = true;
                      }};
    const Stop stop{.is_cancelled = [&] { return is_cancelled; }};
    CHECK(worm->put(kKey, bytes, {}, stop).status == CAVRA_E_CANCELLED);
    CHECK(worm->stat(kKey).status == CAVRA_E_NOT_FOUND);
    CHECK(has_no_debris(place / "worm"));

    const auto late = worm->put(kKey, {.text = "x"}, {}, {.deadline_monotonic_ms = 1});
    CHECK(late.status == CAVRA_E_TIMEOUT);
    CHECK(late.is_retryable);
    CHECK(worm->stat(kKey).status == CAVRA_E_NOT_FOUND);

    REQUIRE(worm->put(kKey, {.text = bytes.text}).status == CAVRA_OK);
    CHECK(worm->get(kKey, 0, stop).status == CAVRA_E_CANCELLED);
  }
}

TEST_CASE("get ends with the sink's status") {
  TemporaryFolder folder;
  Worm worm(folder.path / "worm", true);
  REQUIRE(worm->put(kKey, {.text = "hello"}, {.mode = CAVRA_MODE_ADVISORY}).status == CAVRA_OK);
  CHECK(worm->get(kKey, 0, {}, 3).status == CAVRA_E_CORRUPT);
}

TEST_CASE("two writers of one key: one creates it, and both find it locked") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm first(place / "worm");
    Worm second(place / "worm");
    constexpr int kKeys = 40;
    std::array<std::array<cavra_status, kKeys>, 2> statuses{};
    std::array<std::array<std::uint32_t, kKeys>, 2> outcomes{};
    const auto write = [&](std::size_t who, Worm& worm) {
      for (std::size_t i = 0; i < kKeys; ++i) {
        const auto put = worm->put("s/" + std::to_string(i) + "/x", {.text = std::to_string(i)});
        statuses[who][i] = put.status;
        outcomes[who][i] = put.outcome;
      }
    };
    std::thread other([&] { write(1, second); });
    write(0, first);
    other.join();
    for (std::size_t i = 0; i < kKeys; ++i) {
      CAPTURE(i);
      CHECK(statuses[0][i] == CAVRA_OK);
      CHECK(statuses[1][i] == CAVRA_OK);
      CHECK(std::ranges::count(std::array{outcomes[0][i], outcomes[1][i]}, CAVRA_PUT_CREATED) <= 1);
      const std::string key = "s/" + std::to_string(i) + "/x";
      CHECK(first->stat(key).info.is_complete == 1);
      CHECK(second->get(key).text == std::to_string(i));
    }
    CHECK(first.store.identity() == second.store.identity());
  }
}

TEST_CASE("two writers of other bytes under one key: one of them gets a conflict") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm first(place / "worm");
    Worm second(place / "worm");
    // Both have written their bytes before either has a name.
    std::mutex mutex;
    bool is_second_done = false;
    const auto overtake = [&](std::uint64_t) {
      const std::scoped_lock lock(mutex);
      if (std::exchange(is_second_done, true)) return;
      CHECK(second->put(kKey, {.text = "two"}).outcome == CAVRA_PUT_CREATED);
    };
    CHECK(first->put(kKey, {.text = "one", .on_read = overtake}).status == CAVRA_E_CONFLICT);
    CHECK(first->get(kKey).text == "two");
    is_second_done = false;
    const auto overtake_alike = [&](std::uint64_t) {
      if (std::exchange(is_second_done, true)) return;
      CHECK(second->put("k", {.text = "one"}).outcome == CAVRA_PUT_CREATED);
    };
    const auto put = first->put("k", {.text = "one", .on_read = overtake_alike});
    CHECK(put.status == CAVRA_OK);
    CHECK(put.outcome == CAVRA_PUT_ALREADY_PRESENT);
  }
}

TEST_CASE("put refuses keys that this store cannot hold") {
  static const std::array keys{
      std::string(".."),           std::string("a/../b"), std::string("/a"),
      std::string("a/"),           std::string("a//b"),   std::string("./a"),
      std::string("a/./b"),        std::string(""),       std::string(".cavra-store/store.json"),
      std::string(".hidden/a"),    std::string("a\nb"),   std::string("a/\x7f"),
      std::string("a\0b", 3),      std::string("\xff/a"), std::string(256, 'x'),
      "a/" + std::string(256, 'x')};
  for (const fs::path& place : new_lockable_places()) {
    Worm worm(place / "worm");
    for (const std::string& key : keys) {
      CAPTURE(key);
      CHECK(worm->put(key, {.text = "x"}).status == CAVRA_E_REFUSED);
      CHECK(worm->stat(key).status == CAVRA_E_REFUSED);
    }
    CHECK_FALSE(fs::exists(place / "worm"));
    CHECK(worm->put("a/.hidden/" + std::string(255, 'x'), {.text = "x"}).status == CAVRA_OK);
  }
}

TEST_CASE("put refuses names that differ in case only, and a name inside of an object") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    REQUIRE(worm->put("Session/README", {.text = "x"}).status == CAVRA_OK);
    REQUIRE(worm->put("Session/\xc3\xa4", {.text = "x"}).status == CAVRA_OK);  // a-umlaut
    for (const char* const key :
         {"Session/readme", "session/other", "Session/\xc3\x84", "SESSION/README"}) {
      CAPTURE(key);
      const auto put = worm->put(key, {.text = "x"});
      CHECK(put.status == CAVRA_E_REFUSED);
      CHECK(put.message.find("in case") != std::string::npos);
      Worm fresh(place / "worm");  // which reads the folder anew
      CHECK(fresh->put(key, {.text = "x"}).status == CAVRA_E_REFUSED);
    }
    CHECK(worm->put("Session/README/inside", {.text = "x"}).status == CAVRA_E_REFUSED);
    CHECK(worm->put("Session", {.text = "x"}).status == CAVRA_E_CONFLICT);
    CHECK(worm->stat("Session").status == CAVRA_E_NOT_FOUND);
    // A name that was only tried is free for its other spelling.
    CHECK(worm->put("Session/b", {.text = "x", .verdict = CAVRA_E_CORRUPT}).status != CAVRA_OK);
    CHECK(worm->put("Session/B", {.text = "x"}).status == CAVRA_OK);
  }
}

TEST_CASE("put refuses locks that this store cannot give") {
  for (const fs::path& place : new_lockable_places()) {
    Worm worm(place / "worm");
    const auto compliance = worm->put(kKey, {.text = "x"}, {.mode = CAVRA_MODE_COMPLIANCE});
    CHECK(compliance.status == CAVRA_E_REFUSED);
    const auto late = worm->put(kKey, {.text = "x"}, {.retain_until = 253402300800});
    CHECK(late.status == CAVRA_E_REFUSED);
    CHECK_FALSE(fs::exists(place / "worm"));
    CHECK(worm->put(kKey, {.text = "x"}, {.retain_until = 253402300799}).status == CAVRA_OK);
    CHECK(worm->stat(kKey).info.retain_until_unix_s == 253402300799);
    CHECK(worm->put("no-date", {.text = "x"}, {.retain_until = CAVRA_NO_DATE}).status == CAVRA_OK);
    CHECK(worm->stat("no-date").info.retain_until_unix_s == CAVRA_NO_DATE);
    CHECK(worm->stat("no-date").info.mode == CAVRA_MODE_GOVERNANCE);
  }
}

TEST_CASE("put and stat follow no symbolic link, wait for no pipe and cross no mount") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    REQUIRE(worm->put("s/a", {.text = "x"}).status == CAVRA_OK);
    fs::create_directory(place / "outside");
    std::ofstream(place / "outside/x") << "x";
    fs::create_directory_symlink(place / "outside", place / "worm/s/link");
    fs::create_symlink(place / "outside/file", place / "worm/s/file");
    REQUIRE(::mkfifo((place / "worm/s/pipe").c_str(), 0666) == 0);
    fs::create_directory(place / "worm/s/mount");
    REQUIRE(::mount((place / "outside").c_str(), (place / "worm/s/mount").c_str(), nullptr, MS_BIND,
                    nullptr) == 0);
    for (const char* const key : {"s/link/x", "s/file", "s/pipe", "s/mount/x"}) {
      CAPTURE(key);
      CHECK(worm->put(key, {.text = "x"}).status == CAVRA_E_REFUSED);
      CHECK(worm->stat(key).status == CAVRA_E_REFUSED);
      CHECK(worm->get(key).status == CAVRA_E_REFUSED);
    }
    CHECK(worm->list("").keys == std::vector<std::string>{"s/a"});
    CHECK(worm->seal("s/").status == CAVRA_E_REFUSED);  // the mount is in the way
    CHECK_FALSE(has_flag(place / "outside", kAppendOnly));
    CHECK_FALSE(has_flag(place / "outside", kImmutable));
    CHECK(::umount((place / "worm/s/mount").c_str()) == 0);
  }
}

TEST_CASE("put says what is wrong where the disk is full or read-only") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    Worm worm(place / "worm");
    const auto full = worm->put(kKey, {.text = "x", .announced = 1ULL << 40});
    CHECK((full.status == CAVRA_E_IO || full.status == CAVRA_E_CORRUPT));
    CHECK(full.message.find("space") != std::string::npos);
    CHECK(worm->stat(kKey).status == CAVRA_E_NOT_FOUND);
    REQUIRE(worm->put("there", {.text = "x"}).status == CAVRA_OK);

    REQUIRE(::mount(place.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) == 0);
    REQUIRE(::mount(nullptr, place.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) ==
            0);
    {
      Worm reader(place / "worm");
      const auto put = reader->put(kKey, {.text = "x"});
      CHECK(put.status == CAVRA_E_REFUSED);
      CHECK(put.message.find("read-only") != std::string::npos);
      CHECK(reader->stat("there").info.is_complete == 1);
      CHECK(reader->get("there").text == "x");
    }
    CHECK(::umount(place.c_str()) == 0);
  }
}
