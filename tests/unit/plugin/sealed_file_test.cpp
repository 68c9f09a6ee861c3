#include "plugin/sealed_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include "cavra/plugin_registry.hpp"
#include "plugin/loaded_plugin.hpp"
#include "plugin/plugin_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

std::string refusal(const std::filesystem::path& file) {
  const auto sealed = plugin::seal_file(file);
  if (sealed) return "taken";
  CHECK((sealed.error().code == ErrorCode::usage));
  return sealed.error().message;
}

}  // namespace

TEST_CASE("seal_file keeps the bytes of a file and hashes them") {
  const TemporaryFolder folder;
  const std::string text(700000, 'x');
  write_file(folder.path() / "a.so", text);
  const auto sealed = plugin::seal_file(folder.path() / "a.so");
  REQUIRE(sealed);
  CHECK(sealed->size == text.size());
  CHECK(sealed->sha256 == sha256(text).hex());
  const auto mapped = plugin::MappedBytes::of(*sealed);
  REQUIRE(mapped);
  CHECK((as_text(mapped->bytes()) == text));
}

TEST_CASE("nobody changes a sealed file") {
  const TemporaryFolder folder;
  write_file(folder.path() / "a.so", "abc");
  const auto sealed = plugin::seal_file(folder.path() / "a.so");
  REQUIRE(sealed);
  const int fd = sealed->memfd.get();
  CHECK(::pwrite(fd, "x", 1, 0) == -1);
  CHECK(errno == EPERM);
  CHECK(::ftruncate(fd, 0) == -1);
  CHECK(::ftruncate(fd, 100) == -1);
  CHECK(::mmap(nullptr, 3, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  CHECK(::fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == -1);
  CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("seal_file refuses files that others could have written") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.so";
  write_file(file, "abc");
  struct Row {
    mode_t mode;
    const char* message;
  };
  static constexpr std::array rows{
      Row{0644, "taken"},
      Row{0755, "taken"},
      Row{0500, "taken"},
      Row{0664, "may be written by others than its owner (chmod go-w the file)"},
      Row{0646, "may be written by others than its owner (chmod go-w the file)"},
  };
  for (const auto& [mode, message] : rows) {
    CAPTURE(mode);
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    CHECK(refusal(file) == message);
  }
}

TEST_CASE("seal_file refuses a file of another user") {
  if (::geteuid() != 0) {
    MESSAGE("left out: only root can give a file to another user");
    return;
  }
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.so";
  write_file(file, "abc");
  REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
  CHECK(refusal(file) == "belongs to another user (uid 65534): it must be root's or yours");
}

TEST_CASE("seal_file refuses a folder that everyone may write, unless it is sticky") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.so";
  write_file(file, "abc");
  REQUIRE(::chmod(folder.path().c_str(), 0777) == 0);
  CHECK(refusal(file) == "lies in a folder that everyone may write (chmod o-w the folder)");
  REQUIRE(::chmod(folder.path().c_str(), 01777) == 0);
  CHECK(refusal(file) == "taken");
}

TEST_CASE("seal_file refuses what is no regular file") {
  const TemporaryFolder folder;
  const auto at = [&](const char* name) { return folder.path() / name; };
  write_file(at("a.so"), "abc");
  std::filesystem::create_symlink("a.so", at("link.so"));
  REQUIRE(::mkfifo(at("fifo.so").c_str(), 0600) == 0);
  std::filesystem::create_directory(at("folder.so"));
  CHECK(refusal(at("link.so")) == "is a symbolic link: name the file itself");
  CHECK(refusal(at("fifo.so")) == "is not a regular file");
  CHECK(refusal(at("folder.so")) == "is not a regular file");
  CHECK(refusal(at("gone.so")) == "is not there");
  CHECK(refusal(at("gone/a.so")) == "opening its folder: No such file or directory");
}

TEST_CASE("seal_file refuses a file that is too large before it reads it") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.so";
  write_file(file, "");
  REQUIRE(::truncate(file.c_str(), static_cast<off_t>(kMaxPluginBytes + 1)) == 0);
  CHECK(refusal(file) == "is larger than 256 MiB");
}

TEST_CASE("what was hashed is what runs, though the file is replaced before it is loaded") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.so";
  std::filesystem::copy_file(plugin_file("memory"), file);
  auto sealed = plugin::seal_file(file);
  REQUIRE(sealed);
  // Both ways: another file under the name, and other bytes in the file.
  std::filesystem::rename(file, folder.path() / "b.so");
  std::filesystem::copy_file(plugin_file("nothing"), file);
  write_file(folder.path() / "b.so", "no plugin at all");
  const auto loaded = plugin::load_plugin(*std::move(sealed), "a", file);
  REQUIRE(loaded);
  CHECK((*loaded)->facts.id == "org.cavra.test.memory");
  CHECK((*loaded)->facts.sha256 == sha256(read_file(plugin_file("memory"))).hex());
}
