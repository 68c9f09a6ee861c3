// A store in memory, to test what uses stores; and, built with another CAVRA_TEST_LIE, stores that
// lie as real ones have done.
//
// Settings make it a store that is probed: `tells` are the verdicts of its probe,
// `least_retention_s` is its own rule, `sessions_wanted` what it says, `attempt` is what becomes of
// attempts to break a lock.
//
// All openings with the same settings, within one process, are the same store.
#include <rapidjson/document.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <mutex>
#include <thread>

#include "cavra/plugin.hpp"

namespace {

using namespace cavra;

enum class Lie {
  none,
  answers_from_cache,  // drops the lock; the session that put tells what it sent
  drops_lock,          // says yes to the lock, and keeps none
  echoes_lock,         // tells the lock and does not enforce it
};
constexpr Lie kLie = Lie::CAVRA_TEST_LIE;

constexpr sdk::PluginInfo kInfo{.id = CAVRA_TEST_ID,
                                .version = "0.1.0",
                                .vendor = "CAVRA tests",
                                .licence = "Apache-2.0",
                                .settings_schema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "name": {"type": "string"},
    "prefix": {"type": "string"},
    "mode": {"enum": ["none", "advisory", "governance", "compliance"]},
    "tells": {"type": "array", "items": {"enum": ["ok", "missing", "excess", "unknown"]}},
    "least_retention_s": {"type": "integer"},
    "sessions_wanted": {"type": "integer"},
    "attempt": {"enum": ["by_rights", "fails", "is_denied_and_done", "waits"]}
  }
})"};

struct StoredObject {
  std::vector<std::byte> bytes;
  sdk::ObjectInfo info;
  sdk::Sha256 sha256{};
};

struct World {
  std::mutex mutex;
  std::map<std::string, StoredObject, std::less<>> objects;
  std::uint64_t puts = 0;
};

struct Behaviour {
  std::string prefix;
  std::vector<std::string> tells;
  std::int64_t least_retention_s = 0;
  std::string attempt;
};

sdk::ProbeItem::Verdict verdict_of(std::string_view word) {
  using enum sdk::ProbeItem::Verdict;
  if (word == "ok") return ok;
  if (word == "missing") return missing;
  return word == "excess" ? excess : unknown;
}

std::shared_ptr<World> world_of(std::string_view settings) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<World>, std::less<>> worlds;
  const std::lock_guard guard(mutex);
  auto& world = worlds[std::string(settings)];
  if (!world) world = std::make_shared<World>();
  return world;
}

Error not_found(std::string_view key) {
  return {ErrorCode::not_found, "no object \"" + std::string(key) + "\" in memory"};
}

class MemorySession {
 public:
  static constexpr std::uint32_t kMaxBatchObjects = 16;

  MemorySession(std::shared_ptr<World> world, const Behaviour& behaviour, const sdk::Log& log)
      : world_(std::move(world)), behaviour_(behaviour), log_(log) {}

  Result<sdk::PutResult> put(const sdk::Call& call, const sdk::PutRequest& request,
                             sdk::Source& source) {
    if (log_.is_wanted())
      log_.debug("put " + std::string(request.key) + " of archive " +
                 std::string(request.archive_prefix));
    {
      const std::lock_guard guard(world_->mutex);
      if (const auto* there = find(request.key)) {
        if (there->sha256 == request.sha256 && there->info.length == request.length)
          return sdk::PutResult{.version = there->info.version};
        return Error{ErrorCode::conflict,
                     "other bytes are there under \"" + std::string(request.key) + '"'};
      }
    }
    StoredObject object;
    CAVRA_CHECK(read_all(call, source, object.bytes));
    CAVRA_CHECK(source.finish());
    object.sha256 = request.sha256;
    object.info.length = object.bytes.size();
    object.info.stored_at_unix_s = std::time(nullptr);
    if (kLie == Lie::none || kLie == Lie::echoes_lock) object.info.lock = request.lock;
    if (behaviour_.least_retention_s > 0)
      object.info.lock.retain_until_unix_s =
          std::max(object.info.lock.retain_until_unix_s.value_or(0),
                   std::time(nullptr) + behaviour_.least_retention_s);

    const std::lock_guard guard(world_->mutex);
    object.info.version = std::to_string(++world_->puts);
    const sdk::ObjectInfo seen = object.info;
    world_->objects.insert_or_assign(std::string(request.key), std::move(object));
    if (kLie == Lie::answers_from_cache) {
      auto& sent = cache_[std::string(request.key)] = seen;
      sent.lock = request.lock;
    }
    return sdk::PutResult{.is_created = true, .version = seen.version};
  }

  Result<sdk::ObjectInfo> stat(const sdk::Call&, std::string_view key, std::string_view version) {
    if (const auto sent = cache_.find(key); sent != cache_.end()) return sent->second;
    const std::lock_guard guard(world_->mutex);
    const auto* object = find(key, version);
    if (object == nullptr) return not_found(key);
    return object->info;
  }

  Result<void> get(const sdk::Call& call, std::string_view key, std::string_view version,
                   std::uint64_t offset, sdk::Sink& sink) {
    std::vector<std::byte> bytes;
    {
      const std::lock_guard guard(world_->mutex);
      const auto* object = find(key, version);
      if (object == nullptr) return not_found(key);
      bytes = object->bytes;
    }
    for (std::size_t at = std::min<std::size_t>(offset, bytes.size()); at < bytes.size();) {
      CAVRA_CHECK(call.check());
      const auto part =
          std::span(bytes).subspan(at, std::min<std::size_t>(65536, bytes.size() - at));
      CAVRA_CHECK(sink.write(part));
      at += part.size();
    }
    return {};
  }

  // The object may become another one between its bytes and its state: so it is told before.
  Result<sdk::ObjectInfo> read(const sdk::Call& call, std::string_view key,
                               std::string_view version, sdk::Sink& sink) {
    CAVRA_TRY(sdk::ObjectInfo info, stat(call, key, version));
    CAVRA_CHECK(get(call, key, info.version, 0, sink));
    return info;
  }

  // The cursor is the last key told.
  Result<std::string> list(const sdk::Call& call, const sdk::ListRequest& request,
                           sdk::ListSink& sink) {
    CAVRA_CHECK(call.check());
    const std::lock_guard guard(world_->mutex);
    auto at = request.cursor.empty() ? world_->objects.lower_bound(request.prefix)
                                     : world_->objects.upper_bound(request.cursor);
    std::uint32_t told = 0;
    std::string last;
    for (; at != world_->objects.end() && at->first.starts_with(request.prefix); ++at) {
      if (told++ == request.limit) return last;
      const auto& info = at->second.info;
      CAVRA_CHECK(sink.entry({.key = at->first,
                              .version = info.version,
                              .length = info.length,
                              .stored_at_unix_s = info.stored_at_unix_s}));
      last = at->first;
    }
    return std::string{};
  }

  Result<void> raise_lock(const sdk::Call&, std::string_view key, std::string_view version,
                          const sdk::Lock& lock) {
    return change(key, version, [&](sdk::Lock& kept) {
      if (kLie == Lie::drops_lock || kLie == Lie::answers_from_cache) return;
      kept.mode = std::max(kept.mode, lock.mode);
      kept.retain_until_unix_s = std::max(kept.retain_until_unix_s, lock.retain_until_unix_s);
      kept.legal_hold = kept.legal_hold || lock.legal_hold;
    });
  }

  Result<void> set_hold(const sdk::Call&, std::string_view key, std::string_view version) {
    return change(key, version, [](sdk::Lock& lock) { lock.legal_hold = true; });
  }
  Result<void> clear_hold(const sdk::Call&, std::string_view key, std::string_view version) {
    return change(key, version, [](sdk::Lock& lock) { lock.legal_hold = false; });
  }

  Result<void> probe(const sdk::Call&, sdk::ProbeSink& sink) {
    for (const std::string& word : behaviour_.tells)
      CAVRA_CHECK(sink.item({.verdict = verdict_of(word), .name = "told", .message = word}));
    return sink.item({.verdict = sdk::ProbeItem::Verdict::note,
                      .name = "memory",
                      .message = "objects are in memory, and gone when the program ends",
                      .least_retention_s = behaviour_.least_retention_s});
  }

  Result<void> put_many(const sdk::Call& call, std::span<sdk::PutItem> items) {
    for (auto& item : items)
      item.result = put(call, item.request, item.source);
    return {};
  }
  Result<void> barrier(const sdk::Call& call) { return call.check(); }

  Result<sdk::AttemptOutcome> attempt(const sdk::Call& call, sdk::Attempt, std::string_view key,
                                      std::string_view version) {
    const std::string& prefix = behaviour_.prefix;
    const std::string allowed = prefix.empty() ? "cavra-probe/" : prefix + "/cavra-probe/";
    if (!key.starts_with(allowed))
      return Error{ErrorCode::refused, "only objects below \"" + allowed + "\" may be attacked"};
    const std::string& what = behaviour_.attempt;
    if (what == "by_rights") return sdk::AttemptOutcome::refused_by_rights;
    if (what == "fails") return Error{ErrorCode::io, "the disk is on fire"};
    while (what == "waits") {
      CAVRA_CHECK(call.check());
      std::this_thread::yield();
    }
    const std::lock_guard guard(world_->mutex);
    const auto* object = find(key, version);
    if (object == nullptr) return not_found(key);
    if (what == "is_denied_and_done") {
      world_->objects.erase(world_->objects.find(key));
      return sdk::AttemptOutcome::refused_by_lock;
    }
    const bool is_kept = object->info.lock.retain_until_unix_s.value_or(0) > std::time(nullptr);
    return is_kept && kLie == Lie::none ? sdk::AttemptOutcome::refused_by_lock
                                        : sdk::AttemptOutcome::succeeded;
  }

 private:
  static Result<void> read_all(const sdk::Call& call, sdk::Source& source,
                               std::vector<std::byte>& bytes) {
    while (bytes.size() < source.length()) {
      CAVRA_CHECK(call.check());
      const std::size_t at = bytes.size();
      bytes.resize(at + std::min<std::size_t>(65536, source.length() - at));
      CAVRA_TRY(const std::size_t got, source.read_at(at, std::span(bytes).subspan(at)));
      if (got == 0) return Error{ErrorCode::io, "the source ended early"};
      bytes.resize(at + got);
    }
    return {};
  }

  StoredObject* find(std::string_view key, std::string_view version = {}) {
    const auto found = world_->objects.find(key);
    if (found == world_->objects.end()) return nullptr;
    if (!version.empty() && found->second.info.version != version) return nullptr;
    return &found->second;
  }

  template <class Change>
  Result<void> change(std::string_view key, std::string_view version, Change change_lock) {
    const std::lock_guard guard(world_->mutex);
    auto* object = find(key, version);
    if (object == nullptr) return not_found(key);
    change_lock(object->info.lock);
    return {};
  }

  std::shared_ptr<World> world_;
  const Behaviour& behaviour_;  // the store's
  const sdk::Log& log_;         // the store's
  std::map<std::string, sdk::ObjectInfo, std::less<>> cache_;
};

class MemoryStore {
 public:
  static Result<std::unique_ptr<MemoryStore>> open(const sdk::OpenRequest& request) {
    rapidjson::Document settings;
    settings.Parse(request.settings_json.data(), request.settings_json.size());
    if (settings.HasParseError() || !settings.IsObject())
      return Error{ErrorCode::usage, "the settings are no JSON object"};
    auto store = std::make_unique<MemoryStore>();
    store->world_ = world_of(request.settings_json);
    store->log_ = request.log;
    store->log_.debug("opens memory");
    if (!request.state_folder.empty())
      store->log_.debug("might keep hints in " + std::string(request.state_folder));
    store->info_.location = "memory";
    store->info_.has_versions = true;
    store->info_.has_legal_hold = true;
    store->info_.mode = mode_of(settings);
    store->behaviour_ = behaviour_of(settings);
    store->info_.key_prefix = store->behaviour_.prefix;
    if (settings.HasMember("sessions_wanted"))
      store->info_.sessions_wanted = settings["sessions_wanted"].GetUint();
    store->info_.strength = "whoever ends this program removes everything";
    return store;
  }
  // From a thread of its own, as a plugin may.
  ~MemoryStore() {
    if (log_.is_wanted()) std::thread([this] { log_.debug("closes memory"); }).join();
  }
  MemoryStore() = default;
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;
  const sdk::StoreInfo& describe() const { return info_; }
  Result<std::unique_ptr<MemorySession>> session() {
    return std::make_unique<MemorySession>(world_, behaviour_, log_);
  }

 private:
  static Behaviour behaviour_of(const rapidjson::Document& settings) {
    Behaviour made;
    if (settings.HasMember("prefix")) made.prefix = settings["prefix"].GetString();
    if (settings.HasMember("tells"))
      for (const auto& word : settings["tells"].GetArray())
        made.tells.emplace_back(word.GetString());
    if (settings.HasMember("least_retention_s"))
      made.least_retention_s = settings["least_retention_s"].GetInt64();
    if (settings.HasMember("attempt")) made.attempt = settings["attempt"].GetString();
    return made;
  }
  static sdk::LockMode mode_of(const rapidjson::Document& settings) {
    if (!settings.HasMember("mode")) return sdk::LockMode::governance;
    const std::string_view mode = settings["mode"].GetString();
    if (mode == "compliance") return sdk::LockMode::compliance;
    if (mode == "none") return sdk::LockMode::none;
    return mode == "advisory" ? sdk::LockMode::advisory : sdk::LockMode::governance;
  }

  std::shared_ptr<World> world_;
  Behaviour behaviour_;
  sdk::Log log_;
  sdk::StoreInfo info_;
};

}  // namespace

CAVRA_PLUGIN(kInfo, MemoryStore)
