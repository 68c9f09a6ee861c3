#include "act_turn.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "cavra/hasher.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"
#include "signals.hpp"

namespace cavra::cli {

Result<ActTurn> ActTurn::take(const Config& config, const std::string& archive_prefix) {
  constexpr std::chrono::milliseconds kLook{100};
  const std::filesystem::path folder = config.state / "acts";
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) return os_error("make the folder " + quoted(folder.native()), problem.value());
  const std::filesystem::path path = folder / (sha256(archive_prefix).hex() + ".lock");
  FileDescriptor file(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  if (!file) return os_error("open " + quoted(path.native()), errno);
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return os_error("lock " + quoted(path.native()), errno);
    if (is_interrupted())
      return Error{
          ErrorCode::cancelled,
          "interrupted while another act on this archive is under way; nothing was changed"};
    std::this_thread::sleep_for(kLook);
  }
  return ActTurn(std::move(file));
}

}  // namespace cavra::cli
