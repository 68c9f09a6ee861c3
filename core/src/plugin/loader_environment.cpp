// check_loader_environment(): variables that make the dynamic loader take other libraries.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include "cavra/plugin_registry.hpp"
#include "cavra/support/file_descriptor.hpp"

namespace cavra {

namespace {

constexpr std::array<std::string_view, 3> kVariables{"LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT"};

// The environment that the program was started with, as the loader read it then: getenv() tells
// what became of it since. Entries end in NUL (proc(5)). At most ARG_MAX, 6 MiB by the kernel.
Result<std::string> initial_environment() {
  const FileDescriptor fd(::open("/proc/self/environ", O_RDONLY | O_CLOEXEC));
  if (!fd) return Error{ErrorCode::io, "/proc/self/environ cannot be read: mount /proc"};
  std::string text;
  std::array<char, 4096> part;
  for (;;) {
    const ssize_t got = ::read(fd.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{ErrorCode::io, "/proc/self/environ cannot be read: mount /proc"};
    if (got == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<void> check_loader_environment() {
  CAVRA_TRY(const std::string environment, initial_environment());
  for (std::string_view rest = environment; !rest.empty();) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    for (const std::string_view name : kVariables) {
      // Set to nothing is as good as not set: ld.so(8).
      if (entry.size() > name.size() + 1 && entry.starts_with(name) && entry[name.size()] == '=')
        return Error{
            ErrorCode::usage,
            std::string(name) +
                " is set, so that a plugin's sha256 does not say what would run: unset it"};
    }
  }
  return {};
}

}  // namespace cavra
