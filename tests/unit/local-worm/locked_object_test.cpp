// What the kernel refuses once an object is there: tried with plain system calls, as root.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>

#include "cavra/support/file_descriptor.hpp"
#include "worm_under_test.hpp"

using namespace worm_test;
namespace fs = std::filesystem;

namespace {

const std::string kKey = "s-1/abc/bundle/a.json";

struct Try {
  std::string_view what;
  std::function<int(const char* path)> act;  // as a system call: -1 and errno
};

int open_and_close(const char* path, int flags) {
  const cavra::FileDescriptor fd(::open(path, flags | O_CLOEXEC, 0644));
  return fd ? 0 : -1;
}

int rename_aside(const char* path) {
  return ::rename(path, (std::string(path) + ".gone").c_str());
}

const timespec kThen[2] = {{.tv_sec = 1, .tv_nsec = 0}, {.tv_sec = 1, .tv_nsec = 0}};

const std::array kOnFiles{
    Try{"rm", ::unlink},
    Try{"mv", rename_aside},
    Try{"mv over it",
        [](const char* path) {
          const std::string other = fs::path(path).parent_path().parent_path() / "other";
          ::close(::open(other.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
          return ::rename(other.c_str(), path);
        }},
    Try{">", [](const char* path) { return open_and_close(path, O_WRONLY | O_TRUNC); }},
    Try{">>", [](const char* path) { return open_and_close(path, O_WRONLY | O_APPEND); }},
    Try{"open to write", [](const char* path) { return open_and_close(path, O_RDWR); }},
    Try{"truncate", [](const char* path) { return ::truncate(path, 0); }},
    Try{"chmod", [](const char* path) { return ::chmod(path, 0666); }},
    Try{"chown", [](const char* path) { return ::chown(path, 1, 1); }},
    Try{"ln", [](const char* path) { return ::link(path, (std::string(path) + ".ln").c_str()); }},
    Try{"touch -t", [](const char* path) { return ::utimensat(AT_FDCWD, path, kThen, 0); }},
    Try{"setfattr",
        [](const char* path) { return ::setxattr(path, "user.cavra.lock", "v1", 2, 0); }},
    Try{"setfattr -x", [](const char* path) { return ::removexattr(path, "user.cavra.lock"); }},
};

const std::array kOnFolders{
    Try{"mv", rename_aside},
    Try{"rmdir", ::rmdir},
    Try{"chmod", [](const char* path) { return ::chmod(path, 0777); }},
    Try{"chown", [](const char* path) { return ::chown(path, 1, 1); }},
};

template <class Tries>
void expect_refused(const Tries& tries, const fs::path& path) {
  CAPTURE(path);
  for (const Try& attempt : tries) {
    CAPTURE(attempt.what);
    const int result = attempt.act(path.c_str());
    CHECK(result == -1);
    CHECK(errno == EPERM);
  }
}

}  // namespace

TEST_CASE("nothing that root does without lifting the flag changes, hides or moves an object") {
  for (const fs::path& place : new_lockable_places()) {
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    REQUIRE(worm->set_hold(kKey).status == CAVRA_OK);
    const fs::path record = place / "worm/.cavra-store/records" / kKey / "000001.json";
    for (const fs::path& file :
         {place / "worm" / kKey, record, place / "worm/.cavra-store/store.json"}) {
      expect_refused(kOnFiles, file);
      for (fs::path folder = file.parent_path(); folder != place; folder = folder.parent_path())
        expect_refused(kOnFolders, folder);
    }
    // In a read-write open of the folder's own kind, too.
    CHECK(worm->stat(kKey).info.is_complete == 1);
    CHECK(worm->get(kKey).text == "hello");
  }
}

TEST_CASE("staging and records cannot be taken out of the store") {
  for (const fs::path& place : new_lockable_places()) {
    Worm worm(place / "worm");
    REQUIRE(worm->put(kKey, {.text = "hello"}).status == CAVRA_OK);
    for (const char* const name : {"staging", "records"}) {
      const fs::path folder = place / "worm/.cavra-store" / name;
      CHECK(rename_aside(folder.c_str()) == -1);
      CHECK(errno == EPERM);
    }
  }
}
