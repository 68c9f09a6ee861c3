#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iostream>

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
    CHECK(static_cast<bool>(read_secret_file(path, 100, false)) == ((row.mode & S_IWOTH) == 0));
  }
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  CHECK(contains(read_secret_file(path, 100, true).error().message, "(mode 0644)"));
}

TEST_CASE("a key that is given as a file's name is not repeated") {
  const std::string pem(as_text(testing::test_key("a").pem().expose()));
  const std::string line = "-----BEGIN PRIVATE KEY----- MC4CAQAwBQYDK2VwBCIEI";
  for (const std::string& name : {pem, line, std::string("one line\nand another")}) {
    for (const Error& error :
         {read_small_file(name, 100).error(), read_trust_file(name, 100, ChosenBy::person).error(),
          read_secret_file(name, 100, true).error()}) {
      CHECK(error.code == ErrorCode::usage);
      CHECK(contains(error.message, "give a file name, not the key itself"));
      CHECK_FALSE(contains(error.message, name.substr(0, 8)));
    }
  }
}

TEST_CASE("a file that decides what is trusted is not for others to write") {
  const TemporaryFolder folder;
  const std::string path = folder.write("roots", "x");
  struct Row {
    mode_t mode;
    std::string_view says;  // by whomever it was chosen
  };
  static constexpr std::array rows{
      Row{0644, ""},           Row{0400, ""},
      Row{0664, ""},  // the user's own group: umask 002
      Row{0666, "`chmod o-w"}, Row{0602, "everyone may write it (mode 0602)"},
  };
  for (const auto& [mode, says] : rows) {
    CAPTURE(mode);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    for (const ChosenBy chosen_by : {ChosenBy::config, ChosenBy::person}) {
      const auto read = read_trust_file(path, 100, chosen_by);
      CHECK(static_cast<bool>(read) == says.empty());
      if (read) continue;
      CHECK(read.error().code == ErrorCode::usage);
      CHECK(contains(read.error().message, says));
      CHECK(contains(read.error().message, cavra::quoted(path)));
    }
    CHECK(read_small_file(path, 100));
  }

  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  REQUIRE(::chmod(folder.file("").c_str(), 0777) == 0);
  CHECK(contains(read_trust_file(path, 100, ChosenBy::config).error().message,
                 "everyone may write its folder"));
  CHECK(read_trust_file(path, 100, ChosenBy::person));
  REQUIRE(::chmod(folder.file("").c_str(), 01777) == 0);
  CHECK(read_trust_file(path, 100, ChosenBy::config));
}

TEST_CASE("whose a file is decides, too, where the configuration chose it") {
  if (::geteuid() != 0) {
    std::cout << "files of other users: left out, only root can make them\n";
    return;
  }
  const TemporaryFolder folder;
  const std::string path = folder.write("key", "x");
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  REQUIRE(::chown(path.c_str(), 12345, 12345) == 0);
  const std::string says = "it belongs to another user (uid 12345)";
  CHECK(contains(read_trust_file(path, 100, ChosenBy::config).error().message, says));
  CHECK(read_trust_file(path, 100, ChosenBy::person));
  const auto key = read_secret_file(path, 100, true);
  REQUIRE_FALSE(key);
  CHECK(key.error().code == ErrorCode::refused);
  CHECK(contains(key.error().message, says));

  // A group of others may not write, whoever chose the file.
  REQUIRE(::chmod(path.c_str(), 0660) == 0);
  CHECK(contains(read_trust_file(path, 100, ChosenBy::person).error().message, "`chmod g-w"));

  // Root in somebody's place is as that user.
  ::setenv("SUDO_UID", "12345", 1);
  ::setenv("SUDO_GID", "12345", 1);
  CHECK(read_trust_file(path, 100, ChosenBy::config));
  for (const char* text : {"", "12346", "12345x", "-1", "99999999999"}) {
    CAPTURE(text);
    ::setenv("SUDO_UID", text, 1);
    CHECK_FALSE(read_trust_file(path, 100, ChosenBy::config));
  }
  ::unsetenv("SUDO_UID");
  ::unsetenv("SUDO_GID");
}

TEST_CASE("a private key is known by its beginning") {
  const std::string line = "-----BEGIN PRIVATE KEY-----\nMC4C";
  for (const std::string& text :
       {line, "\xef\xbb\xbf" + line, " \r\n\t\n" + line, "\xef\xbb\xbf\n" + line,
        std::string("-----BEGIN ENCRYPTED PRIVATE KEY-----"),
        std::string("-----BEGIN OPENSSH PRIVATE KEY-----\n"),
        std::string("-----BEGIN RSA PRIVATE KEY-----\r\n"),
        std::string("-----BEGIN PGP PRIVATE KEY BLOCK-----\n")}) {
    CAPTURE(text);
    CHECK(begins_private_key(as_bytes(text)));
  }
  for (const std::string text :
       {"", "   ", "-----BEGIN PUBLIC KEY-----\nPRIVATE KEY", "-----BEGIN CERTIFICATE-----",
        "A page about -----BEGIN PRIVATE KEY-----\n", "BEGIN PRIVATE KEY"}) {
    CAPTURE(text);
    CHECK_FALSE(begins_private_key(as_bytes(text)));
  }
}

}  // namespace
}  // namespace cavra
