#include "cloud/upload_notes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "cavra/support/file_descriptor.hpp"

namespace cavra::cloud {

namespace {

constexpr std::size_t kMaxIdBytes = 1024;
constexpr int kMaxNotes = 1000;
constexpr std::chrono::hours kLongestUse{24 * 30};

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdBytes &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

// Nobody else could have written there.
FileDescriptor open_folder(const std::filesystem::path& folder) {
  FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat seen{};
  const bool is_own = fd && ::fstat(fd.get(), &seen) == 0 && seen.st_uid == ::geteuid() &&
                      (seen.st_mode & 022) == 0;
  return is_own ? std::move(fd) : FileDescriptor{};
}

// Whether there is room for one more, once those are gone that nobody came back for.
bool has_room(const std::filesystem::path& folder) {
  const auto old = std::filesystem::file_time_type::clock::now() - kLongestUse;
  std::error_code problem;
  int notes = 0;
  for (std::filesystem::directory_iterator each(folder, problem), end; !problem && each != end;
       each.increment(problem)) {
    std::error_code unknown;
    const auto written = each->last_write_time(unknown);
    if (!unknown && written < old && std::filesystem::remove(each->path(), unknown)) continue;
    if (++notes >= kMaxNotes) return false;
  }
  return !problem;
}

}  // namespace

std::optional<std::string> UploadNotes::find(std::string_view particulars) const {
  if (!are_kept() || !is_digest(particulars)) return std::nullopt;
  const FileDescriptor folder = open_folder(folder_);
  if (!folder) return std::nullopt;
  const FileDescriptor file(::openat(folder.get(), std::string(particulars).c_str(),
                                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  std::array<char, kMaxIdBytes + 1> text{};
  const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : -1;
  if (got <= 0) return std::nullopt;
  const std::string_view id(text.data(), static_cast<std::size_t>(got));
  return is_id(id) ? std::optional<std::string>(id) : std::nullopt;
}

void UploadNotes::keep(std::string_view particulars, std::string_view upload_id) const {
  if (!are_kept() || !is_digest(particulars) || !is_id(upload_id)) return;
  std::error_code problem;
  const std::filesystem::path store = folder_.parent_path();
  std::filesystem::create_directories(store.parent_path(), problem);
  for (const auto& own : {store, folder_})
    if (::mkdir(own.c_str(), 0700) != 0 && errno != EEXIST) return;
  if (!has_room(folder_)) return;
  const FileDescriptor folder = open_folder(folder_);
  if (!folder) return;
  const std::string name(particulars);
  const FileDescriptor file(::openat(folder.get(), (name + ".new").c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return;
  const bool is_written = ::write(file.get(), upload_id.data(), upload_id.size()) ==
                          static_cast<ssize_t>(upload_id.size());
  if (is_written)
    (void)::renameat(folder.get(), (name + ".new").c_str(), folder.get(), name.c_str());
  else
    (void)::unlinkat(folder.get(), (name + ".new").c_str(), 0);
}

void UploadNotes::drop(std::string_view particulars) const {
  if (!are_kept() || !is_digest(particulars)) return;
  if (const FileDescriptor folder = open_folder(folder_))
    (void)::unlinkat(folder.get(), std::string(particulars).c_str(), 0);
}

}  // namespace cavra::cloud
