// Where a bundle is written: what lay there, comes there meanwhile, or was left there.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>

#include "bundle/writer_test_data.hpp"

namespace cavra {
namespace {

using namespace cavra::testing;

TEST_CASE("an earlier bundle is replaced in one step, and its files go") {
  Place place;
  place.folder.write("note.txt", "x");
  BundleRequest request = place.request();
  request.attachments = {place.folder.file("note.txt")};
  (void)must(write(kTwo, request));
  const std::string before = place.read("manifest.json");
  request.attachments.clear();
  (void)must(write(lines({decision("allow", "other")}), request));
  CHECK(place.read("manifest.json") != before);
  CHECK(place.verify().bundle.has_value());
  CHECK(place.names() == std::vector<std::string>{"bundle", "note.txt"});
  CHECK_FALSE(std::filesystem::exists(place.output / "note.txt"));
}

TEST_CASE("an earlier bundle stays as it was where the new one fails") {
  const Place place;
  (void)must(write(kTwo, place.request()));
  CHECK_FALSE(write("nonsense", place.request()).has_value());
  CHECK(place.verify().bundle.has_value());
  CHECK(place.names() == std::vector<std::string>{"bundle"});
}

TEST_CASE("what is no bundle is never replaced") {
  struct Row {
    const char* what;
    std::function<void(const Place&)> make;
  };
  const std::vector<Row> rows{
      {"a file", [](const Place& p) { p.folder.write("bundle", "x"); }},
      {"a folder with a file",
       [](const Place& p) {
         std::filesystem::create_directory(p.output);
         p.folder.write("bundle/thesis.tex", "x");
       }},
      {"a bundle with one file more",
       [](const Place& p) {
         (void)must(write(kTwo, p.request()));
         p.folder.write("bundle/thesis.tex", "x");
       }},
      {"a foreign manifest",
       [](const Place& p) {
         std::filesystem::create_directory(p.output);
         p.folder.write("bundle/manifest.json", "{\"files\":[]}");
       }},
      {"a link to a folder",
       [](const Place& p) {
         std::filesystem::create_directory(p.folder.file("real"));
         std::filesystem::create_symlink("real", p.output);
       }},
      {"a link to nothing",
       [](const Place& p) { std::filesystem::create_symlink("no", p.output); }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Place place;
    row.make(place);
    const auto before = place.names();
    const auto written = write(kTwo, place.request());
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().code == ErrorCode::refused);
    CHECK(place.names() == before);
  }
}

TEST_CASE("an empty folder is taken, parents are made, and a failure removes them again") {
  const Place place;
  std::filesystem::create_directory(place.output);
  (void)must(write(kTwo, place.request()));
  CHECK(place.verify().bundle.has_value());

  BundleRequest request = place.request();
  request.output = place.output.parent_path() / "x" / "y" / "bundle";
  CHECK_FALSE(write("nonsense", request).has_value());
  CHECK_FALSE(std::filesystem::exists(place.output.parent_path() / "x"));
  (void)must(write(kTwo, request));
  CHECK(std::filesystem::exists(request.output / "manifest.json"));

  for (const char* bad : {"", "/", ".", "..", "a/.."}) {
    CAPTURE(bad);
    request.output = bad;
    CHECK(write(kTwo, request).error().code == ErrorCode::usage);
  }
}

TEST_CASE("files and folders have the modes that the umask leaves") {
  const Place place;
  const mode_t before = ::umask(027);
  (void)must(write(kTwo, place.request()));
  ::umask(before);
  const auto mode = [](const std::filesystem::path& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions()) & 0777U;
  };
  CHECK(mode(place.output) == 0750);
  CHECK(mode(place.output / "manifest.json") == 0640);
  CHECK(mode(place.output / "evidence.json") == 0640);
}

// Signs well, and does something else before: what another process may do meanwhile.
class MeddlingSigner final : public Signer {
 public:
  explicit MeddlingSigner(std::function<void()> meddle) : meddle_(std::move(meddle)) {}
  std::string_view key_id() const override { return "k-1"; }
  std::string_view algorithm() const override { return "Ed25519"; }
  Result<Signature> sign(std::span<const std::byte> message) const override {
    meddle_();
    return TestBundle::signer()->sign(message);
  }

 private:
  std::function<void()> meddle_;
};

TEST_CASE("what came to the place while the bundle was written is not touched") {
  const Place place;
  const auto write_with = [&](std::function<void()> meddle) {
    return write(kTwo, place.request(), DecisionFormat::automatic, MeddlingSigner(meddle));
  };
  auto written = write_with([&] { place.folder.write("bundle", "a file"); });
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == ErrorCode::refused);
  CHECK(place.folder.read("bundle") == "a file");
  CHECK(place.names() == std::vector<std::string>{"bundle"});

  std::filesystem::remove(place.output);
  std::filesystem::create_directory(place.output);
  written = write_with([&] { place.folder.write("bundle/thesis.tex", "text"); });
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == ErrorCode::refused);
  CHECK(place.read("thesis.tex") == "text");
  CHECK(place.names() == std::vector<std::string>{"bundle"});
}

TEST_CASE("a file that came into an earlier bundle while it was replaced is kept") {
  const Place place;
  (void)must(write(kTwo, place.request()));
  const MeddlingSigner signer([&] { place.folder.write("bundle/thesis.tex", "text"); });
  const auto written = write(kTwo, place.request(), DecisionFormat::automatic, signer);
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == ErrorCode::io);
  CHECK(place.verify().bundle.has_value());  // the new one is in place
  const auto names = place.names();
  REQUIRE(names.size() == 2);
  CHECK(names[0].starts_with(".bundle.cavra-"));
  CHECK(place.folder.read(names[0] + "/thesis.tex") == "text");
  CHECK(contains(written.error().message, names[0]));
}

TEST_CASE("what killed runs left is removed, once nobody holds it, and nothing else") {
  const Place place;
  const auto make = [&](const std::string& name, mode_t mode) {
    const std::string path = place.folder.file(name);
    std::filesystem::create_directories(path);
    place.folder.write(name + "/evidence.json", "{");
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
  };
  (void)make(".bundle.cavra-00c0ffee", 01755);
  const std::string held = make(".bundle.cavra-11111111", 01755);
  const FileDescriptor holder(::open(held.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(::flock(holder.get(), LOCK_EX | LOCK_NB) == 0);
  // An earlier bundle, exchanged for a new one and not yet removed; and one with a file in it that
  // it does not list.
  const Place other;
  (void)must(write(kTwo, other.request()));
  for (const char* name : {".bundle.cavra-22222222", ".bundle.cavra-33333333"})
    std::filesystem::copy(other.output, place.folder.file(name));
  place.folder.write(".bundle.cavra-33333333/thesis.tex", "text");
  // Not ours, or another output's.
  (void)make(".bundle.cavra-xyzw0000", 01755);
  (void)make(".bundle.cavra-000000000", 01755);
  (void)make(".bundle2.cavra-00000000", 01755);
  std::filesystem::create_directory_symlink(other.output,
                                            place.folder.file(".bundle.cavra-44444444"));

  (void)must(write(kTwo, place.request()));
  CHECK(joined(place.names()) ==
        ".bundle.cavra-000000000; .bundle.cavra-11111111; .bundle.cavra-33333333; "
        ".bundle.cavra-44444444; .bundle.cavra-xyzw0000; .bundle2.cavra-00000000; bundle; ");
  CHECK(place.folder.read(".bundle.cavra-33333333/thesis.tex") == "text");
  CHECK(std::filesystem::exists(other.output / "manifest.json"));
  struct ::stat seen{};
  REQUIRE(::stat(place.output.c_str(), &seen) == 0);
  CHECK((seen.st_mode & S_ISVTX) == 0);
}

TEST_CASE("a staging folder is held while it is written") {
  const Place place;
  int seen = 0;
  const MeddlingSigner signer([&] {
    for (const std::string& name : place.names()) {
      const FileDescriptor fd(
          ::open(place.folder.file(name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      CHECK(::flock(fd.get(), LOCK_EX | LOCK_NB) != 0);
      ++seen;
    }
  });
  (void)must(write(kTwo, place.request(), DecisionFormat::automatic, signer));
  CHECK(seen == 1);
}

TEST_CASE("writing stops wherever it is cancelled, and leaves nothing") {
  const Place place;
  std::filesystem::create_directory(place.folder.file("files"));
  for (const char* name : {"files/a", "files/b"})
    place.folder.write(name, std::string(std::size_t{3} << 20, 'x'));
  BundleRequest request = place.request();
  request.attachments = {place.folder.file("files")};
  int asked = 0;
  int most = 0;
  request.is_cancelled = [&] { return ++asked > most; };
  int cancelled = 0;
  for (;; ++most) {
    asked = 0;
    const auto written = write(kTwo, request);
    if (written) break;
    CHECK(written.error().code == ErrorCode::cancelled);
    CHECK(joined(place.names()) == "files; ");
    ++cancelled;
  }
  CHECK(cancelled >= 10);  // six MiB of attachments alone ask so often
  CHECK(place.verify().bundle.has_value());
}

}  // namespace
}  // namespace cavra
