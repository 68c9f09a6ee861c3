// Decisions from a file, a pipe or standard input.
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <thread>

#include "bundle/bundle_test_data.hpp"
#include "cavra/bundle_writer.hpp"

namespace cavra {
namespace {

using namespace cavra::testing;

TEST_CASE("an fd source reads to the end, and names its file where it fails") {
  const TemporaryFolder folder;
  folder.write("in", "0123456789");
  const FileDescriptor fd(::open(folder.file("in").c_str(), O_RDONLY | O_CLOEXEC));
  const auto source = make_fd_source(fd.get(), "in");
  std::array<std::byte, 64> buffer{};
  CHECK(must(source->read(buffer)) == 10);
  CHECK(must(source->read(buffer)) == 0);
  const auto broken = make_fd_source(-1, "in")->read(buffer);
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().message.find("\"in\"") != std::string::npos);
}

TEST_CASE("an fd source that waits for a writer ends when it is cancelled") {
  const TemporaryFolder folder;
  const std::string fifo = folder.file("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const FileDescriptor fd(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::atomic<bool> is_cancelled = false;
  const auto source = make_fd_source(fd.get(), "fifo", [&] { return is_cancelled.load(); });
  std::array<std::byte, 64> buffer{};
  {
    FileDescriptor writer(::open(fifo.c_str(), O_WRONLY | O_CLOEXEC));
    std::thread late([&] {
      CHECK(::write(writer.get(), "abc", 3) == 3);
      writer.reset();
    });
    CHECK(must(source->read(buffer)) == 3);
    late.join();
    CHECK(must(source->read(buffer)) == 0);
  }
  const FileDescriptor silent(::open(fifo.c_str(), O_WRONLY | O_CLOEXEC));
  std::thread canceller([&] { is_cancelled = true; });
  const auto read = source->read(buffer);
  canceller.join();
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace cavra
