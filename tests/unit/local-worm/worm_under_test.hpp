// What the tests of the local WORM store share: the loaded .so behind its C table, places of each
// kind to put a store, and the means to be hard on it. See tests/support/loop-mount.sh.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/plugin.h"

namespace worm_test {

constexpr std::int64_t kYear2033 = 2000000000;
constexpr std::int64_t kYear2096 = 4000000000;

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

// ---- the plugin --------------------------------------------------------------------------------

const cavra_plugin& plugin();

struct Answer {
  cavra_status status = CAVRA_OK;
  std::string message;
  bool is_retryable = false;
};

struct Wish {
  std::uint32_t mode = CAVRA_MODE_GOVERNANCE;
  std::int64_t retain_until = kYear2033;
  bool legal_hold = false;
};

// The bytes of one put, and what the host does while they are read.
struct Bytes {
  std::string text;
  cavra_status verdict = CAVRA_OK;                  // what finish() says
  std::function<void(std::uint64_t)> on_read = {};  // called with each offset
  std::optional<std::string> digest_of = {};        // else the text's own
  std::size_t most_a_read = SIZE_MAX;
  std::uint64_t announced = UINT64_MAX;  // length; else the text's own
};

struct Stop {
  std::function<bool()> is_cancelled = {};
  std::int64_t deadline_monotonic_ms = 0;
};

class Session {
 public:
  explicit Session(cavra_store* store);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  struct Put : Answer {
    std::uint32_t outcome = 0;
  };
  Put put(const std::string& key, const Bytes& bytes, const Wish& wish = {}, const Stop& stop = {});

  struct Stat : Answer {
    cavra_object_info info{};
  };
  Stat stat(const std::string& key, const std::string& version = {});

  struct Get : Answer {
    std::string text;
  };
  Get get(const std::string& key, std::uint64_t offset = 0, const Stop& stop = {},
          std::size_t most = SIZE_MAX);

  struct Page : Answer {
    std::vector<std::string> keys;
    std::vector<std::uint64_t> lengths;
    std::string cursor;
  };
  Page list_page(const std::string& prefix, std::uint32_t limit, const std::string& cursor);
  // All pages.
  Page list(const std::string& prefix, std::uint32_t limit = 1000);

  Answer raise(const std::string& key, const Wish& wish);
  Answer set_hold(const std::string& key);
  Answer clear_hold(const std::string& key);
  Answer seal(const std::string& prefix);

  struct Probe : Answer {
    struct Item {
      std::uint32_t verdict;
      std::string name;
      std::string message;
    };
    std::vector<Item> items;
    const Item* find(std::string_view name) const;
  };
  Probe probe();

 private:
  cavra_session* session_ = nullptr;
};

class Store {
 public:
  explicit Store(const std::filesystem::path& root, bool is_advisory = false);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  cavra_store* get() { return store_; }
  cavra_store_info describe();
  std::string identity();

  Answer opened;

 private:
  cavra_store* store_ = nullptr;
};
Answer try_open(const std::string& settings_json, const std::string& base_folder = "/tmp");

// A store with one session.
struct Worm {
  explicit Worm(const std::filesystem::path& root, bool is_advisory = false)
      : store(root, is_advisory), session(store.get()) {}
  Session* operator->() { return &session; }
  Store store;
  Session session;
};

// ---- being hard on it
// ----------------------------------------------------------------------------

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

// Runs `body` in a child process after `prepare`, and returns the text that `body` gave.
std::string in_child(const std::function<void()>& prepare,
                     const std::function<std::string()>& body);
// For `prepare`: gives up CAP_LINUX_IMMUTABLE for good; becomes user `uid` with that capability as
// its only one; becomes user `uid` with none.
void drop_capability();
void become_user_with_capability(unsigned uid);
void become_user(unsigned uid);

}  // namespace worm_test
