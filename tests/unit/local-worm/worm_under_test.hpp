// The local WORM store as its tests have it: the loaded .so behind its C tables.
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
#include "worm_place.hpp"

namespace worm_test {

constexpr std::int64_t kYear2033 = 2000000000;
constexpr std::int64_t kYear2096 = 4000000000;

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

  struct Object {
    std::string key;
    Bytes bytes;
    Wish wish = {};
  };
  // One for each object. Where the call itself failed, each has its answer.
  std::vector<Put> put_many(const std::vector<Object>& objects, const Stop& stop = {});
  Answer barrier(const Stop& stop = {});

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

  struct Attempt : Answer {
    std::uint32_t outcome = 0;
  };
  Attempt attempt(std::uint32_t act, const std::string& key, const std::string& version = {});

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

}  // namespace worm_test
