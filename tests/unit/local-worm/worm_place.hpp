// Places of each kind to put a store, and the means to be hard on what lies there. See
// tests/support/loop-mount.sh.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace worm_test {

// ---- places ------------------------------------------------------------------------------------

// A new folder in the file system of that kind ("ext4", "xfs", "tmpfs", "overlay"). Empty where
// there is none: then a line says what is left out, and CAVRA_TEST_MUST_RUN makes that a failure.
// `needs_capability`: also empty without CAP_LINUX_IMMUTABLE.
std::optional<std::filesystem::path> new_place(const std::string& kind,
                                               bool needs_capability = true);
// One for each kind whose flags hold: ext4, xfs and btrfs.
std::vector<std::filesystem::path> new_lockable_places();

// A folder in the temporary one, gone with this. For stores without flags.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path path;
};

// ---- being hard on it --------------------------------------------------------------------------

// The flags as FS_IOC_SETFLAGS has them.
constexpr int kImmutable = 0x10;
constexpr int kAppendOnly = 0x20;
bool has_flag(const std::filesystem::path& path, int flag);
// What only the privileged can: clears both flags.
void clear_flags(const std::filesystem::path& path);
void set_flag(const std::filesystem::path& path, int flag);

std::string read_attribute(const std::filesystem::path& path, const char* name);
std::string read_file(const std::filesystem::path& path);
// Every path below `root`, sorted.
std::vector<std::string> tree_of(const std::filesystem::path& root);

// Runs `body` on a thread that has what the process began with: the plugin takes
// CAP_LINUX_IMMUTABLE from each thread that comes into it.
void with_privilege(const std::function<void()>& body);
// The numbers of the threads that were there before main(), but the main one: that one, and what a
// sanitizer may have.
const std::vector<std::string>& threads_of_the_tests();

// Runs `body` in a child process after `prepare`, and returns the text that `body` gave.
std::string in_child(const std::function<void()>& prepare,
                     const std::function<std::string()>& body);
// It has one thread, with what this process began with.
// For `prepare`: gives up CAP_LINUX_IMMUTABLE for good; becomes user `uid` with that capability as
// its only one; becomes user `uid` with none.
void drop_capability();
void become_user_with_capability(unsigned uid);
void become_user(unsigned uid);

}  // namespace worm_test
