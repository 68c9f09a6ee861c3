#include "sealer.hpp"

#include <linux/fs.h>

#include <cerrno>
#include <cstddef>
#include <string>

#include "os_error.hpp"
#include "sealing_thread.hpp"

namespace cavra::local_worm {
namespace {

Error flag_error(std::string_view what, int error) {
  const std::string tried = "lock " + std::string(what);
  switch (error) {
    case EPERM:
      return {ErrorCode::refused,
              tried + ": the kernel did not allow the flag; " +
                  std::string(advice_on_missing_capability()),
              false};
    case ENOTTY:
    case EOPNOTSUPP:
      return {ErrorCode::refused,
              tried +
                  ": this file system has no such flags; put the store on ext4 or XFS, or set "
                  "\"require\": \"advisory\"",
              false};
    default:
      return os_error(tried, error);
  }
}

Result<void> answer_of(const FlagJob& job, std::string_view what) {
  if (job.problem != 0) return flag_error(what, job.problem);
  return {};
}

Result<void> set_flag(int fd, unsigned flag, std::string_view what) {
  FlagJob job{.fd = fd, .flag = flag};
  SealingThread::set_flags({&job, 1});
  return answer_of(job, what);
}

}  // namespace

std::string_view advice_on_missing_capability() {
  return "this process lacks CAP_LINUX_IMMUTABLE of the machine itself (containers drop it): "
         "be root, or start it by `setpriv --reuid USER --regid GROUP --init-groups "
         "--inh-caps +linux_immutable --ambient-caps +linux_immutable`, or set "
         "\"require\": \"advisory\" to store without a lock";
}

Result<void> Sealer::make_immutable(int fd, std::string_view what) const {
  return set_flag(fd, FS_IMMUTABLE_FL, what);
}

std::vector<Result<void>> Sealer::make_immutable(std::span<const ToSeal> files) const {
  std::vector<FlagJob> jobs;
  jobs.reserve(files.size());
  for (const ToSeal& file : files)
    jobs.push_back({.fd = file.fd, .flag = FS_IMMUTABLE_FL});
  SealingThread::set_flags(jobs);
  std::vector<Result<void>> answers;
  answers.reserve(files.size());
  for (std::size_t i = 0; i < files.size(); ++i)
    answers.push_back(answer_of(jobs[i], files[i].what));
  return answers;
}

Result<void> Sealer::make_append_only(int fd, std::string_view what) const {
  return set_flag(fd, FS_APPEND_FL, what);
}

}  // namespace cavra::local_worm
