#include "archive/file_source.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "trust/trust_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

struct SourceCase {
  TemporaryFolder folder;
  std::string file = folder.write("member", "hello world\n");
  Digest digest = sha256("hello world\n");
  int opened = 0;
  std::uint64_t told = 0;

  engine::FileSource make() {
    struct stat seen{};
    REQUIRE(::stat(file.c_str(), &seen) == 0);
    return {[this]() -> Result<FileDescriptor> {
              ++opened;
              return FileDescriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
            },
            FileIdentity::of(seen),
            digest,
            "member",
            make_sha256(),
            [this](std::uint64_t bytes) { told += bytes; }};
  }
};

std::string read(engine::FileSource& source, std::uint64_t offset, std::size_t size) {
  std::vector<std::byte> buffer(size);
  const std::size_t got = must(source.read_at(offset, buffer));
  return std::string(as_text(std::span(buffer).first(got)));
}

}  // namespace

TEST_CASE("a source gives the bytes, again below what was read, and then its verdict") {
  SourceCase test;
  auto source = test.make();
  CHECK(source.length() == 12);
  CHECK(test.opened == 0);
  CHECK(read(source, 0, 5) == "hello");
  CHECK(read(source, 0, 5) == "hello");
  CHECK(read(source, 3, 4) == "lo w");  // over the end of what was read
  CHECK(read(source, 7, 100) == "orld\n");
  CHECK(read(source, 12, 5).empty());
  CHECK(read(source, 2, 3) == "llo");
  CHECK(test.told == 12);
  CHECK(source.finish());
  CHECK(source.finish());
  CHECK(test.opened <= 2);
}

TEST_CASE("a gap, or a verdict before the end, is the plugin's mistake") {
  SourceCase test;
  auto source = test.make();
  CHECK(read(source, 0, 5) == "hello");
  std::array<std::byte, 1> buffer{};
  CHECK(source.read_at(6, buffer).error().code == ErrorCode::internal);
  CHECK(source.read_at(~std::uint64_t{0}, buffer).error().code == ErrorCode::internal);
  CHECK(source.finish().error().code == ErrorCode::internal);
}

TEST_CASE("what differs from what was verified is corrupt") {
  SourceCase test;
  SUBCASE("the digest") {
    test.digest = sha256("something else");
  }
  auto source = test.make();
  SUBCASE("shorter") {
    std::filesystem::resize_file(test.file, 4);
  }
  SUBCASE("written to") {
    std::ofstream(test.file, std::ios::in) << "HELLO";
  }
  SUBCASE("longer") {
    std::ofstream(test.file, std::ios::app) << "!";
  }
  std::array<std::byte, 100> buffer{};
  const auto got = source.read_at(0, buffer);
  if (got) CHECK(*got == 12);
  const Error error = got ? source.finish().error() : got.error();
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(contains(error.message, "changed since it was verified"));
}

TEST_CASE("an empty file needs its verdict too") {
  SourceCase test;
  test.file = test.folder.write("empty", "");
  test.digest = sha256("");
  CHECK(test.make().finish());
  test.digest = sha256("x");
  CHECK(test.make().finish().error().code == ErrorCode::corrupt);
}

TEST_CASE("what the opener says is what the source says") {
  SourceCase test;
  auto source = test.make();
  engine::FileSource broken([] { return Error{ErrorCode::corrupt, "replaced"}; }, {}, {}, "member",
                            make_sha256(), nullptr);
  CHECK(broken.finish().error().message == "replaced");
}
