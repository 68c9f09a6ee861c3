#include "cavra/write_file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "cavra/support/encoding.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "files/write_all.hpp"

namespace cavra {

namespace {

// Removes the temporary name unless it was renamed away.
class TemporaryName {
 public:
  explicit TemporaryName(std::string name) : name_(std::move(name)) {}
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  ~TemporaryName() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  void release() { name_.clear(); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
};

Result<void> sync_folder(const std::filesystem::path& folder) {
  const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0)
    return os_error("sync the folder " + quoted(folder.native()), errno);
  return {};
}

// A name beside `file` that nobody else has.
std::string temporary_name(const std::filesystem::path& folder, const std::filesystem::path& file) {
  std::array<std::byte, 8> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return {};
  return (folder / ("." + file.filename().native() + "." + to_hex(random))).native();
}

}  // namespace

Result<void> write_all(int fd, std::span<const std::byte> bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return os_error("write " + std::string(what), errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Error os_error(std::string_view tried, int error_number) {
  return {ErrorCode::io,
          "cannot " + std::string(tried) + ": " + std::generic_category().message(error_number)};
}

Result<void> write_file(const std::filesystem::path& file, std::span<const std::byte> bytes,
                        mode_t mode, Overwrite overwrite) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) return os_error("make the folder " + quoted(folder.native()), problem.value());

  const std::string name = temporary_name(folder, file);
  const FileDescriptor fd(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd) return os_error("make a file in " + quoted(folder.native()), errno);
  TemporaryName temporary(name);
  CAVRA_CHECK(write_all(fd.get(), bytes, quoted(file.native())));
  if (::fsync(fd.get()) != 0) return os_error("finish " + quoted(file.native()), errno);

  const unsigned flags = overwrite == Overwrite::no ? RENAME_NOREPLACE : 0;
  if (::renameat2(AT_FDCWD, name.c_str(), AT_FDCWD, file.c_str(), flags) != 0) {
    if (errno == EEXIST)
      return Error{ErrorCode::refused, quoted(file.native()) +
                                           " is there already and is not "
                                           "overwritten; name another file"};
    return os_error("rename to " + quoted(file.native()), errno);
  }
  temporary.release();
  return sync_folder(folder);
}

}  // namespace cavra
