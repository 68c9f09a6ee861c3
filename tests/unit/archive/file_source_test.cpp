#include "archive/file_source.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

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

  // The kernel's times of files go on in ticks: what comes after this has a later one.
  void wait_for_next_tick() const {
    struct stat seen{};
    REQUIRE(::stat(file.c_str(), &seen) == 0);
    const auto is_over = [&seen] {
      timespec now{};
      ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
      return std::pair(now.tv_sec, now.tv_nsec) >
             std::pair(seen.st_ctim.tv_sec, seen.st_ctim.tv_nsec);
    };
    while (!is_over())
      std::this_thread::yield();
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

TEST_CASE("a part is read again while a later one is read for the first time") {
  SourceCase test;
  std::string bytes;
  for (int i = 0; i < 1000; ++i)
    bytes += std::to_string(i) + ' ';
  test.file = test.folder.write("parts", bytes);
  test.digest = sha256(bytes);
  auto source = test.make();
  const std::size_t kPart = 700;
  std::size_t again = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 100) {
    CHECK(read(source, at, 100) == bytes.substr(at, 100));
    // Two parts behind, in pieces of another size, and now and then from the start.
    for (int piece = 0; at >= 2 * kPart && piece < 3; ++piece, again += 41)
      CHECK(read(source, again, 41) == bytes.substr(again, 41));
    if (at % 300 == 0) CHECK(read(source, 0, at) == bytes.substr(0, at));
  }
  CHECK(test.told == bytes.size());  // each byte once
  CHECK(test.opened == 1);
  CHECK(source.finish());
  CHECK(read(source, 0, 10) == bytes.substr(0, 10));  // a retry after the verdict
  CHECK(source.finish());
}

TEST_CASE("bytes that change between their first reading and a later one are noticed") {
  SourceCase test;
  auto source = test.make();
  CHECK(read(source, 0, 12) == "hello world\n");
  test.wait_for_next_tick();
  SUBCASE("before the verdict") {
    std::ofstream(test.file, std::ios::in) << "HELLO";
  }
  SUBCASE("after it") {
    CHECK(source.finish());
    std::ofstream(test.file, std::ios::in) << "HELLO";
  }
  SUBCASE("and its time is set back") {
    struct stat before{};
    REQUIRE(::stat(test.file.c_str(), &before) == 0);
    std::ofstream(test.file, std::ios::in) << "HELLO";
    const std::array times{before.st_atim, before.st_mtim};
    REQUIRE(::utimensat(AT_FDCWD, test.file.c_str(), times.data(), 0) == 0);
  }
  SUBCASE("and another one is put in its place") {
    std::filesystem::rename(test.folder.write("other", "HELLO WORLD\n"), test.file);
  }
  SUBCASE("and it is shorter") {
    std::filesystem::resize_file(test.file, 3);
  }
  std::array<std::byte, 5> buffer{};
  const auto again = source.read_at(0, buffer);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::corrupt);
  CHECK(contains(again.error().message, "changed since it was verified"));
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
