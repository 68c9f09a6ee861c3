#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "cavra/keys.hpp"
#include "trust/trust_test_data.hpp"

namespace cavra {
namespace {

using testing::contains;
using testing::TemporaryFolder;

TEST_CASE("read_small_file gives all bytes up to the limit, through links too") {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\n", 4);
  const std::string path = folder.write("file", bytes);
  const std::string link = folder.file("link");
  REQUIRE(::symlink(path.c_str(), link.c_str()) == 0);
  for (const std::string& name : {path, link}) {
    const auto text = read_small_file(name, 4);
    REQUIRE(text);
    CHECK(*text == bytes);
    const auto secret = read_secret_file(name, 4, false);
    REQUIRE(secret);
    CHECK(as_text(secret->expose()) == bytes);
  }
  const auto empty = read_small_file(folder.write("empty", ""), 4);
  REQUIRE(empty);
  CHECK(empty->empty());
}

TEST_CASE("a file that cannot be read is a usage error that names it") {
  const TemporaryFolder folder;
  const std::string fifo = folder.file("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  struct Row {
    std::string path;
    std::string_view says;
  };
  const std::array rows{
      Row{folder.file("none"), "No such file"},
      Row{folder.file(""), "no regular file"},
      Row{fifo, "no regular file"},
      Row{"/dev/zero", "no regular file"},
      Row{folder.write("large", "12345"), "5 bytes, and at most 4"},
      Row{folder.write("x", "y") + std::string("\0z", 2), "NUL"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const auto text = read_small_file(row.path, 4);
    REQUIRE_FALSE(text);
    CHECK(text.error().code == ErrorCode::usage);
    CHECK(contains(text.error().message, row.says));
    CHECK(contains(text.error().message, cavra::quoted(row.path)));
    const auto secret = read_secret_file(row.path, 4, false);
    REQUIRE_FALSE(secret);
    CHECK(secret.error().code == ErrorCode::usage);
  }
}

TEST_CASE("a file that has more than its size tells is refused") {
  // Files of /proc have size 0 and something in them.
  const auto text = read_small_file("/proc/self/status", 1 << 20);
  REQUIRE_FALSE(text);
  CHECK(contains(text.error().message, "changed while it was read"));
}

TEST_CASE("a private key file that others may read or write is refused where that is asked") {
  const TemporaryFolder folder;
  const std::string path = folder.write("key", "secret");
  struct Row {
    mode_t mode;
    bool is_private;
  };
  static constexpr std::array rows{Row{0600, true},  Row{0400, true},  Row{0700, true},
                                   Row{0640, false}, Row{0620, false}, Row{0604, false},
                                   Row{0602, false}, Row{0644, false}};
  for (const Row& row : rows) {
    CAPTURE(row.mode);
    REQUIRE(::chmod(path.c_str(), row.mode) == 0);
    const auto secret = read_secret_file(path, 100, true);
    CHECK(static_cast<bool>(secret) == row.is_private);
    if (!secret) {
      CHECK(secret.error().code == ErrorCode::refused);
      CHECK(contains(secret.error().message, "chmod 600"));
    }
    CHECK(read_secret_file(path, 100, false));
  }
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  CHECK(contains(read_secret_file(path, 100, true).error().message, "(mode 0644)"));
}

}  // namespace
}  // namespace cavra
