#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include "cavra/support/encoding.hpp"
#include "cavra/verify.hpp"

namespace cavra {

Result<Bundle> Bundle::open(const std::string& folder) {
  // Links on the way to the bundle are the caller's own; in the bundle none is followed.
  FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) return Bundle(std::move(fd), folder);
  const int problem = errno;
  const std::string name = "the bundle " + quoted(folder);
  if (problem == ENOENT) return Error{ErrorCode::usage, name + " is not there; name its folder"};
  if (problem == ENOTDIR)
    return Error{ErrorCode::usage, name + " is no folder; name the folder with its manifest.json"};
  return Error{ErrorCode::usage,
               name + " cannot be opened: " + std::generic_category().message(problem)};
}

}  // namespace cavra
