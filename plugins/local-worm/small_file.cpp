#include "small_file.hpp"

#include <unistd.h>

#include "cavra/support/encoding.hpp"
#include "file_flags.hpp"
#include "os_error.hpp"

namespace cavra::local_worm {

Result<std::string> read_small_file(int fd, std::size_t max_bytes, std::string_view what) {
  CAVRA_TRY(const FileStatus status, status_of(fd, what));
  if (!status.is_regular() || status.size > max_bytes) {
    return Error{
        ErrorCode::corrupt,
        quoted(what) + " is not a regular file of at most " + std::to_string(max_bytes) + " bytes",
        false};
  }
  std::string text(status.size, '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got =
        ::pread(fd, text.data() + have, text.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("read " + quoted(what));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

}  // namespace cavra::local_worm
