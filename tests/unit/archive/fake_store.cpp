#include "archive/fake_store.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>

#include "cavra/support/encoding.hpp"

namespace cavra::testing {

FakeStore::FakeStore()
    : stat_tells_latest(std::getenv("CAVRA_TEST_LATEST_BY_LISTING") == nullptr),
      reads_state(std::getenv("CAVRA_TEST_READS_STATE") != nullptr) {
  description.plugin_id = "org.example.fake";
  description.plugin_version = "1.2.3";
  description.plugin_sha256 = std::string(64, 'f');
  description.location = "memory";
  description.identity = "fake-1";
  description.key_prefix = "evidence";
  description.mode = LockMode::compliance;
  description.has_versions = true;
  description.has_legal_hold = true;
}

bool FakeStore::has(Fault fault, std::string_view key) const {
  return std::ranges::any_of(faults, [&](const FaultAt& each) {
    return each.fault == fault && key.find(each.key_part) != key.npos;
  });
}

Error FakeStore::error_of(Fault fault, std::string_view key) const {
  for (const FaultAt& each : faults)
    if (each.fault == fault && key.find(each.key_part) != key.npos)
      return {each.code, "the fake store fails as told"};
  return {ErrorCode::internal, "no such fault"};
}

StoredVersion* FakeStore::latest(const std::string& key) {
  const auto found = objects.find(key);
  return found == objects.end() || found->second.empty() ? nullptr : &found->second.back();
}

std::vector<std::string> FakeStore::keys() const {
  std::vector<std::string> all;
  for (const auto& [key, versions] : objects)
    all.push_back(key);
  return all;
}

void FakeStore::log(std::string event) {
  const std::lock_guard guard(mutex);
  events.push_back(std::move(event));
}

std::size_t FakeStore::count(std::string_view event_start) const {
  const std::lock_guard guard(mutex);
  return static_cast<std::size_t>(std::ranges::count_if(
      events, [&](const std::string& event) { return event.starts_with(event_start); }));
}

class FakeSession final : public StorageSession {
 public:
  explicit FakeSession(FakeBackend& backend) : backend_(backend), store_(backend.store_) {
    const std::size_t now = ++store_.open_sessions;
    std::size_t most = store_.most_sessions;
    while (now > most && !store_.most_sessions.compare_exchange_weak(most, now)) {
    }
  }
  ~FakeSession() override { --store_.open_sessions; }

  Result<PutResult> put(const CallContext& call, const PutRequest& request,
                        ObjectSource& source) override;
  Result<ObjectInfo> stat(const CallContext& call, const std::string& key,
                          const std::string& version) override;
  Result<void> get(const CallContext& call, const std::string& key, const std::string& version,
                   std::uint64_t offset, const ByteSink& sink) override;
  bool reads_state() const override { return store_.reads_state; }
  Result<ObjectInfo> read(const CallContext& call, const std::string& key,
                          const std::string& version, const ByteSink& sink) override {
    CAVRA_TRY(ObjectInfo info, stat(call, key, version));
    CAVRA_CHECK(get(call, key, version, 0, sink));
    return info;
  }
  Result<void> list(const CallContext& call, const std::string& prefix,
                    const ListSink& sink) override;
  Result<void> raise_lock(const CallContext& call, const std::string& key,
                          const std::string& version, const Lock& lock) override;
  Result<void> set_hold(const CallContext& call, const std::string& key,
                        const std::string& version) override;
  Result<void> clear_hold(const CallContext& call, const std::string& key,
                          const std::string& version) override;
  Result<std::vector<ProbeItem>> probe(const CallContext&) override { return store_.probe_items; }
  Result<void> seal(const CallContext&, const std::string& prefix) override {
    store_.log("seal " + prefix);
    if (store_.has(Fault::seal_fails, prefix)) return store_.error_of(Fault::seal_fails, prefix);
    return {};
  }
  std::size_t max_batch_objects() const override { return store_.max_batch_objects; }
  Result<void> put_many(const CallContext& call, std::span<BatchItem> items) override {
    store_.log("put_many " + std::to_string(items.size()));
    for (BatchItem& item : items)
      item.result = put(call, *item.request, *item.source);
    return {};
  }
  Result<void> barrier(const CallContext&) override {
    store_.log("barrier");
    return {};
  }
  bool has_destructive_test() const override { return store_.has_destructive_test; }
  Result<AttemptOutcome> attempt(const CallContext& call, Attempt act, const std::string& key,
                                 const std::string& version) override;

 private:
  Result<std::string> take(const PutRequest& request, ObjectSource& source) const;
  Lock lock_as_stored(const PutRequest& request) const;
  // Under the mutex.
  StoredVersion* find(const std::string& key, const std::string& version) const;

  FakeBackend& backend_;
  FakeStore& store_;
};

// In odd pieces, and each piece twice, as a retry would.
Result<std::string> FakeSession::take(const PutRequest& request, ObjectSource& source) const {
  const std::uint64_t length =
      store_.has(Fault::stores_half, request.key) ? request.length / 2 : request.length;
  std::string bytes;
  std::array<std::byte, 1000> buffer{};
  while (bytes.size() < length) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), length - bytes.size());
    CAVRA_TRY(const std::size_t got, source.read_at(bytes.size(), std::span(buffer).first(wanted)));
    CAVRA_TRY(const std::size_t again,
              source.read_at(bytes.size(), std::span(buffer).first(wanted)));
    if (again != got || got == 0) return Error{ErrorCode::io, "the source gave less"};
    bytes += as_text(std::span(buffer).first(got));
    if (store_.on_read) store_.on_read(request.key, bytes.size());
  }
  const bool skips =
      store_.has(Fault::stores_half, request.key) || store_.has(Fault::skips_finish, request.key);
  if (!skips) CAVRA_CHECK(source.finish());
  return bytes;
}

Lock FakeSession::lock_as_stored(const PutRequest& request) const {
  Lock lock = request.lock;
  if (lock.retain_until_unix_s) *lock.retain_until_unix_s += store_.locks_longer_s;
  if (store_.has(Fault::drops_lock, request.key)) lock = {};
  if (store_.has(Fault::shortens_lock, request.key)) *lock.retain_until_unix_s -= 3600;
  if (store_.has(Fault::drops_hold, request.key)) lock.legal_hold = false;
  return lock;
}

StoredVersion* FakeSession::find(const std::string& key, const std::string& version) const {
  const auto found = store_.objects.find(key);
  if (found == store_.objects.end() || found->second.empty()) return nullptr;
  if (version.empty()) {
    StoredVersion& last = found->second.back();
    return last.is_delete_marker ? nullptr : &last;
  }
  for (StoredVersion& each : found->second)
    if (each.version == version && !each.is_delete_marker) return &each;
  return nullptr;
}

Result<PutResult> FakeSession::put(const CallContext& call, const PutRequest& request,
                                   ObjectSource& source) {
  store_.log("put " + request.key);
  {
    const std::lock_guard guard(store_.mutex);
    store_.archive_prefixes.insert(request.archive_prefix);
  }
  if (store_.on_put) store_.on_put(request.key);
  if (store_.has(Fault::put_fails, request.key))
    return store_.error_of(Fault::put_fails, request.key);
  if (store_.has(Fault::waits_in_put, request.key)) {
    while (!call.is_cancelled || !call.is_cancelled())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return Error{ErrorCode::cancelled, "cancelled in put"};
  }
  if (store_.has(Fault::says_present, request.key)) {
    const std::lock_guard guard(store_.mutex);
    const StoredVersion* there = find(request.key, "");
    return PutResult{false, false, there == nullptr ? "v1" : there->version};
  }
  CAVRA_TRY(std::string bytes, take(request, source));
  if (store_.has(Fault::rots, request.key)) bytes.back() = static_cast<char>(bytes.back() ^ 1);

  const std::lock_guard guard(store_.mutex);
  auto& versions = store_.objects[request.key];
  for (const StoredVersion& there : versions)
    if (!there.is_delete_marker && there.bytes == bytes)
      return PutResult{false, true, there.version};
  if (find(request.key, "") != nullptr) return Error{ErrorCode::conflict, "other bytes are there"};
  const std::string version =
      store_.description.has_versions ? "v" + std::to_string(versions.size() + 1) : "";
  const StoredVersion stored{version, bytes, lock_as_stored(request), 1'800'000'000, false};
  if (store_.has(Fault::forgets, request.key)) {
    store_.objects.erase(request.key);
  } else {
    versions.push_back(stored);
  }
  ObjectInfo sent;
  sent.version = version;
  sent.length = request.length;
  sent.sha256 = request.sha256;
  sent.lock = request.lock;
  backend_.cache_[request.key] = sent;
  return PutResult{true, true, version};
}

Result<ObjectInfo> FakeSession::stat(const CallContext&, const std::string& key,
                                     const std::string& version) {
  store_.log("stat " + key);
  if (store_.on_stat) store_.on_stat(key);
  if (store_.has(Fault::stat_fails, key)) return store_.error_of(Fault::stat_fails, key);
  const std::lock_guard guard(store_.mutex);
  if (backend_.answers_from_cache_ && backend_.cache_.contains(key)) return backend_.cache_[key];
  const StoredVersion* there = find(key, version);
  if (there == nullptr) return Error{ErrorCode::not_found, "no such object"};
  ObjectInfo info;
  info.version = store_.has(Fault::other_version, key) ? "v99" : there->version;
  info.length = there->bytes.size();
  if (store_.has_digests) info.sha256 = sha256(there->bytes);
  if (store_.has(Fault::lies_about_digest, key)) info.sha256 = sha256("something else");
  info.stored_at_unix_s = there->stored_at_unix_s;
  info.lock = there->lock;
  if (store_.stat_tells_latest) {
    info.is_latest = there == &store_.objects[key].back();
  } else {
    info.is_latest.reset();
  }
  info.is_complete = !store_.has(Fault::incomplete, key);
  return info;
}

Result<void> FakeSession::get(const CallContext&, const std::string& key,
                              const std::string& version, std::uint64_t offset,
                              const ByteSink& sink) {
  store_.log("get " + key);
  if (store_.has(Fault::get_fails, key)) return store_.error_of(Fault::get_fails, key);
  std::string bytes;
  {
    const std::lock_guard guard(store_.mutex);
    const StoredVersion* there = find(key, version);
    if (there == nullptr || store_.has(Fault::gets_nothing, key))
      return Error{ErrorCode::not_found, "no such object"};
    bytes = there->bytes.substr(offset);
  }
  if (store_.has(Fault::gets_other_bytes, key)) bytes.back() = static_cast<char>(bytes.back() ^ 1);
  while (store_.has(Fault::gets_more, key))
    CAVRA_CHECK(sink(as_bytes(bytes)));
  for (std::size_t at = 0; at < bytes.size(); at += 777)
    CAVRA_CHECK(sink(as_bytes(std::string_view(bytes).substr(at, 777))));
  return {};
}

Result<void> FakeSession::list(const CallContext&, const std::string& prefix,
                               const ListSink& sink) {
  store_.log("list " + prefix);
  if (store_.has(Fault::list_fails, prefix)) return store_.error_of(Fault::list_fails, prefix);
  std::vector<ListEntry> entries;
  {
    const std::lock_guard guard(store_.mutex);
    for (const auto& [key, versions] : store_.objects) {
      if (!key.starts_with(prefix)) continue;
      for (const StoredVersion& each : versions) {
        ListEntry entry;
        entry.kind =
            each.is_delete_marker ? ListEntry::Kind::delete_marker : ListEntry::Kind::object;
        entry.key = key;
        entry.version = each.version;
        entry.length = each.bytes.size();
        entry.is_latest = &each == &versions.back();
        entries.push_back(std::move(entry));
      }
    }
    for (const std::string& key : store_.uploads) {
      ListEntry upload;
      upload.kind = ListEntry::Kind::incomplete_upload;
      upload.key = key;
      if (key.starts_with(prefix)) entries.push_back(std::move(upload));
    }
  }
  for (const ListEntry& entry : entries)
    CAVRA_CHECK(sink(entry));
  return {};
}

Result<void> FakeSession::raise_lock(const CallContext&, const std::string& key,
                                     const std::string& version, const Lock& lock) {
  store_.log("raise " + key);
  if (store_.has(Fault::raise_fails, key)) return store_.error_of(Fault::raise_fails, key);
  if (store_.has(Fault::raise_does_nothing, key)) return {};
  const std::lock_guard guard(store_.mutex);
  StoredVersion* there = find(key, version);
  if (there == nullptr) return Error{ErrorCode::not_found, "no such object"};
  there->lock.mode = std::max(there->lock.mode, lock.mode);
  if (lock.retain_until_unix_s && (!there->lock.retain_until_unix_s ||
                                   *there->lock.retain_until_unix_s < *lock.retain_until_unix_s))
    there->lock.retain_until_unix_s = lock.retain_until_unix_s;
  there->lock.legal_hold = there->lock.legal_hold || lock.legal_hold;
  return {};
}

Result<void> FakeSession::set_hold(const CallContext&, const std::string& key,
                                   const std::string& version) {
  store_.log("hold " + key);
  if (store_.has(Fault::hold_fails, key)) return store_.error_of(Fault::hold_fails, key);
  const std::lock_guard guard(store_.mutex);
  StoredVersion* there = find(key, version);
  if (there == nullptr) return Error{ErrorCode::not_found, "no such object"};
  there->lock.legal_hold = true;
  return {};
}

Result<void> FakeSession::clear_hold(const CallContext&, const std::string& key,
                                     const std::string& version) {
  store_.log("clear " + key);
  if (store_.has(Fault::hold_fails, key)) return store_.error_of(Fault::hold_fails, key);
  const std::lock_guard guard(store_.mutex);
  StoredVersion* there = find(key, version);
  if (there == nullptr) return Error{ErrorCode::not_found, "no such object"};
  if (!store_.has(Fault::clear_does_nothing, key)) there->lock.legal_hold = false;
  return {};
}

Result<AttemptOutcome> FakeSession::attempt(const CallContext&, Attempt act, const std::string& key,
                                            const std::string& version) {
  store_.log("attempt " + key);
  if (store_.on_attempt) store_.on_attempt(act);
  const std::lock_guard guard(store_.mutex);
  StoredVersion* const there = find(key, version);
  if (there == nullptr) return Error{ErrorCode::not_found, "no such object"};
  const FakeAttempt& told = store_.attempts[act];
  if (told.does == Deed::overwrites) there->bytes.back() = '?';
  if (told.does == Deed::shortens) --*there->lock.retain_until_unix_s;
  if (told.does == Deed::clears) there->lock = {};
  if (told.does == Deed::hides) store_.objects[key].push_back({"m1", "", {}, 0, true});
  if (told.does == Deed::removes) store_.objects.erase(key);
  return told.says;
}

const StoreDescription& FakeBackend::describe() const {
  if (!store_.identity_from_first_put.empty())
    description_.identity = store_.objects.empty() ? "" : store_.identity_from_first_put;
  return description_;
}

Result<std::unique_ptr<StorageSession>> FakeBackend::session() {
  if (session_error) return *session_error;
  return std::unique_ptr<StorageSession>(std::make_unique<FakeSession>(*this));
}

}  // namespace cavra::testing
