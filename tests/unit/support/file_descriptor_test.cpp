#include "cavra/support/file_descriptor.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <type_traits>

namespace cavra {
namespace {

FileDescriptor open_null() {
  return FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

TEST_CASE("a FileDescriptor closes what it owns when it goes") {
  int number = -1;
  {
    const FileDescriptor descriptor = open_null();
    REQUIRE(descriptor);
    number = descriptor.get();
    CHECK(is_open(number));
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("a FileDescriptor without a file is false and holds -1") {
  FileDescriptor none;
  CHECK_FALSE(none);
  CHECK(none.get() == -1);
  none.reset();
  CHECK(none.get() == -1);
  CHECK_FALSE(FileDescriptor(-1));
}

TEST_CASE("descriptor 0 counts as open") {
  // Not closed here: it is the test's own input.
  FileDescriptor input(::fcntl(0, F_GETFD) != -1 ? 0 : -1);
  const bool was_open = input.get() == 0;
  CHECK(static_cast<bool>(input) == was_open);
  const int kept = was_open ? ::fcntl(0, F_DUPFD_CLOEXEC, 3) : -1;
  input.reset();
  CHECK_FALSE(is_open(0));
  if (was_open) {
    CHECK(::dup2(kept, 0) == 0);
    ::close(kept);
  }
}

TEST_CASE("a FileDescriptor is moved, not copied") {
  static_assert(!std::is_copy_constructible_v<FileDescriptor>);
  static_assert(!std::is_copy_assignable_v<FileDescriptor>);
  static_assert(std::is_nothrow_move_constructible_v<FileDescriptor>);

  FileDescriptor first = open_null();
  const int number = first.get();
  FileDescriptor second = std::move(first);
  CHECK(first.get() == -1);
  CHECK(second.get() == number);
  CHECK(is_open(number));
}

TEST_CASE("moving onto a FileDescriptor closes what it had") {
  FileDescriptor target = open_null();
  FileDescriptor source = open_null();
  const int closed = target.get();
  const int kept = source.get();
  target = std::move(source);
  CHECK(target.get() == kept);
  CHECK(source.get() == -1);
  CHECK_FALSE(is_open(closed));
  CHECK(is_open(kept));

  FileDescriptor& same = target;
  target = std::move(same);
  CHECK(target.get() == kept);
  CHECK(is_open(kept));
}

TEST_CASE("reset closes at once") {
  FileDescriptor descriptor = open_null();
  const int number = descriptor.get();
  descriptor.reset();
  CHECK_FALSE(descriptor);
  CHECK_FALSE(is_open(number));
}

}  // namespace
}  // namespace cavra
