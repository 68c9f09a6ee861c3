#include "trust/file_owner.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

#include "cavra/support/encoding.hpp"

namespace cavra::trust {

namespace {

// The id that sudo says root acts for. Who can set root's environment needs no file to be believed.
template <class Id>
std::optional<Id> id_before_sudo(const char* variable) {
  if (::geteuid() != 0) return std::nullopt;
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  Id id = 0;
  const char* const end = text + std::strlen(text);
  const auto [stop, problem] = std::from_chars(text, end, id);
  if (problem != std::errc{} || stop != end || text == end) return std::nullopt;
  return id;
}

bool is_own_user(uid_t owner) {
  return owner == 0 || owner == ::geteuid() || owner == id_before_sudo<uid_t>("SUDO_UID");
}

// With one group a user (umask 002) nobody else is in it.
bool is_own_group(gid_t group) {
  return group == ::getegid() || group == id_before_sudo<gid_t>("SUDO_GID");
}

std::string mode_of(const struct stat& status) {
  std::array<char, 8> octal{};
  std::snprintf(octal.data(), octal.size(), "%04o", static_cast<unsigned>(status.st_mode & 07777));
  return octal.data();
}

std::string foreign_owner(const struct stat& status, const std::string& path) {
  return "it belongs to another user (uid " + std::to_string(status.st_uid) +
         "), and must be root's or yours; `sudo chown " + std::to_string(::geteuid()) + ' ' +
         quoted(path) + "` if you know what is in it";
}

}  // namespace

std::string why_not_trusted(const struct stat& status, const std::string& path,
                            ChosenBy chosen_by) {
  if (chosen_by == ChosenBy::config && !is_own_user(status.st_uid))
    return foreign_owner(status, path);
  if ((status.st_mode & S_IWOTH) != 0)
    return "everyone may write it (mode " + mode_of(status) +
           "), and so decide what is trusted; look at what is in it, and `chmod o-w " +
           quoted(path) + '`';
  if ((status.st_mode & S_IWGRP) != 0 && !is_own_group(status.st_gid))
    return "a group that is not your own (gid " + std::to_string(status.st_gid) +
           ") may write it (mode " + mode_of(status) +
           "), and so decide what is trusted; look at what is in it, and `chmod g-w " +
           quoted(path) + '`';
  return {};
}

std::string why_not_private(const struct stat& status, const std::string& path) {
  if (!is_own_user(status.st_uid)) return foreign_owner(status, path);
  if ((status.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) == 0) return {};
  return "others than its owner may read or write it (mode " + mode_of(status) +
         "); `chmod 600` it, and replace the key if somebody may have read it";
}

std::string why_folder_not_trusted(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0) return {};  // opening the file will tell
  // The sticky bit keeps others' files in place.
  if ((status.st_mode & S_IWOTH) == 0 || (status.st_mode & S_ISVTX) != 0) return {};
  return "everyone may write its folder, and so put another file in its place; `chmod o-w " +
         quoted(folder.native()) + '`';
}

}  // namespace cavra::trust
