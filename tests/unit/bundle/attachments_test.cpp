// What is attached to a bundle, and what may not be.
#include <sys/stat.h>

#include <filesystem>
#include <functional>

#include "bundle/writer_test_data.hpp"

namespace cavra {
namespace {

using namespace cavra::testing;

TEST_CASE("attachments are members, sorted, under their own names") {
  const Place place;
  std::filesystem::create_directories(place.folder.file("in/tree/b/c"));
  std::filesystem::create_directories(place.folder.file("in/tree/none"));
  place.folder.write("in/tree/b/c/deep", std::string(1'000'000, 'x'));
  place.folder.write("in/tree/a.txt", "a");
  place.folder.write("in/single.bin", "");
  BundleRequest request = place.request();
  request.attachments = {place.folder.file("in/tree/"), place.folder.file("in/single.bin")};
  CHECK(must(write(kTwo, request)).member_count == 9);
  const VerifyReport report = place.verify();
  REQUIRE(report.bundle.has_value());
  std::vector<std::string> members;
  for (const Member& member : report.bundle->members().subspan(6))
    members.push_back(member.path);
  CHECK(joined(members) == "single.bin; tree/a.txt; tree/b/c/deep; ");
  CHECK(place.read("tree/b/c/deep") == std::string(1'000'000, 'x'));
}

TEST_CASE("attachments that cannot be members are refused, and leave nothing") {
  struct Row {
    const char* what;
    std::function<std::vector<std::filesystem::path>(const Place&)> make;
  };
  const auto file = [](const Place& place, const std::string& name) {
    const std::filesystem::path path = place.folder.file("in/" + name);
    std::filesystem::create_directories(path.parent_path());
    place.folder.write("in/" + name, "x");
    return path;
  };
  const std::vector<Row> rows{
      {"not there", [&](const Place& p) { return std::vector{file(p, "a").parent_path() / "b"}; }},
      {"a member's name", [&](const Place& p) { return std::vector{file(p, "siem-event.json")}; }},
      {"the manifest's name",
       [&](const Place& p) { return std::vector{file(p, "manifest.json")}; }},
      {"twice", [&](const Place& p) { return std::vector{file(p, "a"), file(p, "a")}; }},
      {"a file and a folder",
       [&](const Place& p) { return std::vector{file(p, "1/a"), file(p, "2/a/b").parent_path()}; }},
      {"a backslash", [&](const Place& p) { return std::vector{file(p, "a\\b")}; }},
      {"not UTF-8", [&](const Place& p) { return std::vector{file(p, "a\xFF")}; }},
      {"a control character in a folder",
       [&](const Place& p) { return std::vector{file(p, "d/a\nb").parent_path()}; }},
      {"a link",
       [&](const Place& p) {
         const auto link = file(p, "a").parent_path() / "link";
         std::filesystem::create_symlink("a", link);
         return std::vector{link};
       }},
      {"a link in a folder",
       [&](const Place& p) {
         const auto folder = file(p, "d/a").parent_path();
         std::filesystem::create_symlink("/etc", folder / "link");
         return std::vector{folder};
       }},
      {"a pipe in a folder",
       [&](const Place& p) {
         const auto folder = file(p, "d/a").parent_path();
         REQUIRE(::mkfifo((folder / "pipe").c_str(), 0644) == 0);
         return std::vector{folder};
       }},
      {"no name", [&](const Place&) { return std::vector<std::filesystem::path>{"/"}; }},
      {"dots", [&](const Place&) { return std::vector<std::filesystem::path>{".."}; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Place place;
    BundleRequest request = place.request();
    request.attachments = row.make(place);
    const auto written = write(kTwo, request);
    REQUIRE_FALSE(written.has_value());
    CAPTURE(written.error().message);
    CHECK(written.error().code == ErrorCode::usage);
    CHECK_FALSE(std::filesystem::exists(place.output));
  }
}

TEST_CASE("a private key is no attachment, whatever its name") {
  const Place place;
  const std::string pem(as_text(test_key("bundle").pem().expose()));
  std::filesystem::create_directories(place.folder.file("files/deep"));
  BundleRequest request = place.request();
  request.attachments = {place.folder.file("files")};
  const auto refusal = [&] {
    const auto written = write(kTwo, request);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ErrorCode::usage);
    CHECK_FALSE(std::filesystem::exists(place.output));
    return written.error().message;
  };
  for (const std::string& text : {pem, "\xef\xbb\xbf\r\n" + pem, std::string(4000, ' ') + pem}) {
    place.folder.write("files/deep/notes.txt", text);
    CHECK(contains(refusal(), "notes.txt\" is a private key, and a bundle is kept for years"));
  }
  // A page about keys is one, and so is a public key.
  place.folder.write("files/deep/notes.txt", "# How to make a key\n" + pem);
  place.folder.write("files/key.pem", test_key("bundle").public_key().pem());
  (void)must(write(kTwo, request));
  std::filesystem::remove_all(place.output);

  // The key that signs, by whatever name and in whatever form.
  place.folder.write("key", "an HMAC key");
  std::filesystem::create_hard_link(place.folder.file("key"), place.folder.file("files/notes"));
  std::filesystem::create_symlink("key", place.folder.file("link"));
  request.secrets = {place.folder.file("nowhere"), place.folder.file("link")};
  CHECK(contains(refusal(), "notes\" is the key that signs"));
}

}  // namespace
}  // namespace cavra
