#include "plugin/storage_adapter.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "cavra/abi_struct.hpp"
#include "cavra/support/encoding.hpp"
#include "plugin/answers.hpp"
#include "plugin/foreign_text.hpp"
#include "plugin/lent.hpp"
#include "plugin/opened_store.hpp"

namespace cavra::plugin {

namespace {

constexpr std::uint32_t kPageEntries = 1000;
// Of one listing. A bundle's largest has a thousand full pages; a store that tells ten entries a
// page still gets there.
constexpr std::size_t kMaxPages = 100'000;
constexpr std::size_t kMaxMetadataBytes = 1024;
constexpr std::size_t kMaxBatchObjects = 256;  // each brings a cavra_error and a version: 4 KiB

std::string where(std::string_view call, std::string_view key) {
  return std::string(call) + ' ' + quoted(key, 300);
}

cavra_lock to_c(const Lock& lock) {
  auto c = abi::make<cavra_lock>();
  c.mode = static_cast<std::uint32_t>(lock.mode);
  c.retain_until_unix_s = lock.retain_until_unix_s.value_or(CAVRA_NO_DATE);
  c.legal_hold = lock.legal_hold ? 1 : 0;
  return c;
}

// A PutRequest and its lock as C, lending both.
class LentRequest {
 public:
  explicit LentRequest(const PutRequest& request)
      : lock_(to_c(request.lock)), request_(abi::make<cavra_put_request>()) {
    request_.key = abi::str(request.key);
    request_.length = request.length;
    std::memcpy(request_.sha256, request.sha256.bytes.data(), sizeof(request_.sha256));
    request_.media_type = abi::str(request.media_type);
    request_.metadata_json = abi::str(request.metadata_json);
    request_.lock = &lock_;
    request_.archive_prefix = abi::str(request.archive_prefix);
  }
  LentRequest(const LentRequest&) = delete;
  LentRequest& operator=(const LentRequest&) = delete;
  [[nodiscard]] const cavra_put_request* get() const noexcept { return &request_; }

 private:
  cavra_lock lock_;
  cavra_put_request request_;
};

Result<void> check_request(const PutRequest& request, const ObjectSource& source) {
  CAVRA_CHECK(check_key(request.key));
  if (request.sha256.size != sizeof(cavra_put_request::sha256) ||
      request.length != source.length() || request.metadata_json.size() > kMaxMetadataBytes)
    return Error{ErrorCode::usage,
                 "the request to put " + quoted(request.key, 300) + " does not fit its bytes"};
  const std::string& prefix = request.archive_prefix;
  if (!prefix.empty() && (!prefix.ends_with('/') || !request.key.starts_with(prefix)))
    return Error{ErrorCode::usage,
                 "the key " + quoted(request.key, 300) + " is not below " + quoted(prefix, 300)};
  return {};
}

class SessionAdapter final : public StorageSession {
 public:
  SessionAdapter(std::shared_ptr<const OpenedStore> store, cavra_session* session)
      : store_(std::move(store)), table_(store_->plugin().storage), session_(session) {}
  ~SessionAdapter() override {
    try {
      table_.session_close(session_);
    } catch (...) {  // it must not, and there is nobody left to tell
    }
  }

  Result<PutResult> put(const CallContext& context, const PutRequest& request,
                        ObjectSource& source) override {
    CAVRA_CHECK(check_request(request, source));
    const LentCall call(context);
    const LentRequest lent(request);
    LentSource bytes(source, call);
    auto result = abi::make<cavra_put_result>();
    const std::string place = where("put", request.key);
    CAVRA_CHECK(store_->ask(place, &call, &bytes.trouble(), [&](cavra_error* error) {
      return table_.put(session_, call.get(), lent.get(), bytes.get(), &result, error);
    }));
    return read_put(place, result, bytes);
  }

  Result<ObjectInfo> stat(const CallContext& context, const std::string& key,
                          const std::string& version) override {
    CAVRA_CHECK(check_key(key));
    const LentCall call(context);
    auto info = abi::make<cavra_object_info>();
    const std::string place = where("stat", key);
    CAVRA_CHECK(store_->ask(place, &call, nullptr, [&](cavra_error* error) {
      return table_.stat(session_, call.get(), abi::str(key), abi::str(version), &info, error);
    }));
    return read_info(place, version, info);
  }

  Result<void> get(const CallContext& context, const std::string& key, const std::string& version,
                   std::uint64_t offset, const ByteSink& sink) override {
    CAVRA_CHECK(check_key(key));
    const LentCall call(context);
    LentByteSink bytes(sink, call);
    return store_->ask(where("get", key), &call, &bytes.trouble(), [&](cavra_error* error) {
      return table_.get(session_, call.get(), abi::str(key), abi::str(version), offset, bytes.get(),
                        error);
    });
  }

  [[nodiscard]] bool reads_state() const override { return table_.read != nullptr; }
  Result<ObjectInfo> read(const CallContext& context, const std::string& key,
                          const std::string& version, const ByteSink& sink) override {
    if (table_.read == nullptr) return StorageSession::read(context, key, version, sink);
    CAVRA_CHECK(check_key(key));
    const LentCall call(context);
    LentByteSink bytes(sink, call);
    auto info = abi::make<cavra_object_info>();
    const std::string place = where("read", key);
    CAVRA_CHECK(store_->ask(place, &call, &bytes.trouble(), [&](cavra_error* error) {
      return table_.read(session_, call.get(), abi::str(key), abi::str(version), bytes.get(), &info,
                         error);
    }));
    return read_info(place, version, info);
  }

  Result<void> list(const CallContext& context, const std::string& prefix,
                    const ListSink& sink) override {
    LentCall call(context);
    LentListSink entries(prefix, sink, call);
    auto cursor = abi::make<cavra_list_cursor>();
    const std::string place = where("list", prefix);
    for (std::size_t page = 0; page < kMaxPages; ++page) {
      const std::string before(cursor.text, cursor.text_len);
      entries.begin_page(kPageEntries);
      CAVRA_CHECK(store_->ask(place, &call, &entries.trouble(), [&](cavra_error* error) {
        return table_.list(session_, call.get(), abi::str(prefix), kPageEntries, &cursor,
                           entries.get(), error);
      }));
      cursor.size = sizeof(cursor);
      if (cursor.text_len > sizeof(cursor.text))
        return store_->broken(place, "gives a cursor longer than its place");
      if (cursor.text_len > 0 && before == std::string_view(cursor.text, cursor.text_len))
        return store_->broken(place, "gives the same cursor again");
      if (const auto may_go_on = call.check(); !may_go_on)
        return Error{may_go_on.error().code, place + ": " + may_go_on.error().message,
                     may_go_on.error().retryable};
      if (cursor.text_len == 0) return {};
      if (entries.is_page_empty())
        return store_->broken(place, "gives a page without entries and says that there are more");
      call.begin_next_page();
    }
    return store_->broken(place, "does not end: " + std::to_string(kMaxPages) + " pages have come");
  }

  Result<void> raise_lock(const CallContext& context, const std::string& key,
                          const std::string& version, const Lock& lock) override {
    CAVRA_CHECK(check_key(key));
    const LentCall call(context);
    const cavra_lock wanted = to_c(lock);
    return store_->ask(where("raise_lock", key), &call, nullptr, [&](cavra_error* error) {
      return table_.raise_lock(session_, call.get(), abi::str(key), abi::str(version), &wanted,
                               error);
    });
  }

  Result<void> set_hold(const CallContext& context, const std::string& key,
                        const std::string& version) override {
    return change_hold("set_hold", table_.set_hold, context, key, version);
  }
  Result<void> clear_hold(const CallContext& context, const std::string& key,
                          const std::string& version) override {
    return change_hold("clear_hold", table_.clear_hold, context, key, version);
  }

  Result<std::vector<ProbeItem>> probe(const CallContext& context) override {
    const LentCall call(context);
    LentProbeSink items(call);
    CAVRA_CHECK(store_->ask("probe", &call, &items.trouble(), [&](cavra_error* error) {
      return table_.probe(session_, call.get(), items.get(), error);
    }));
    return items.take_items();
  }

  Result<void> seal(const CallContext& context, const std::string& prefix) override {
    if (table_.seal == nullptr) return {};
    const LentCall call(context);
    return store_->ask(where("seal", prefix), &call, nullptr, [&](cavra_error* error) {
      return table_.seal(session_, call.get(), abi::str(prefix), error);
    });
  }

  [[nodiscard]] std::size_t max_batch_objects() const override {
    const auto& batch = store_->plugin().batch;
    return batch ? std::min<std::size_t>(batch->max_objects, kMaxBatchObjects) : 0;
  }
  Result<void> put_many(const CallContext& context, std::span<BatchItem> items) override;
  Result<void> barrier(const CallContext& context) override;
  [[nodiscard]] bool has_destructive_test() const override {
    return store_->plugin().destructive_test.has_value();
  }
  Result<AttemptOutcome> attempt(const CallContext& context, Attempt act, const std::string& key,
                                 const std::string& version) override;

 private:
  using HoldEntry = decltype(cavra_storage_v1::set_hold);

  Result<void> change_hold(std::string_view name, HoldEntry entry, const CallContext& context,
                           const std::string& key, const std::string& version) {
    if (entry == nullptr)
      return Error{ErrorCode::unsupported,
                   "plugin " + store_->plugin().facts.id + " has no legal holds"};
    CAVRA_CHECK(check_key(key));
    const LentCall call(context);
    return store_->ask(where(name, key), &call, nullptr, [&](cavra_error* error) {
      return entry(session_, call.get(), abi::str(key), abi::str(version), error);
    });
  }

  Result<ObjectInfo> read_info(const std::string& place, const std::string& version,
                               const cavra_object_info& info) const {
    CAVRA_TRY(ObjectInfo seen, store_->checked(place, read_object_info(info)));
    if (!version.empty() && seen.version != version)
      return store_->broken(place, "was asked for version " + quoted(version) +
                                       " and tells of version " + quoted(seen.version));
    return seen;
  }

  // What a put that says OK claims, held against what it did with the source.
  Result<PutResult> read_put(const std::string& place, const cavra_put_result& result,
                             const LentSource& bytes) const {
    CAVRA_TRY(PutResult read, store_->checked(place, read_put_result(result)));
    if (read.is_created && !bytes.is_finished())
      return store_->broken(place, "completed the object without asking for the verdict");
    if (store_->description().has_versions && read.version.empty())
      return store_->broken(place, "tells no version, and of versions in describe");
    return read;
  }

  std::shared_ptr<const OpenedStore> store_;
  const cavra_storage_v1& table_;
  cavra_session* session_;
};

// One object of a batch, with all that is lent for it.
struct LentItem {
  LentItem(const BatchItem& item, const LentCall& call)
      : request(*item.request), source(*item.source, call) {
    c.request = request.get();
    c.source = source.get();
    c.result = &result;
    c.err = &error;
    c.status = CAVRA_E_INTERNAL;
  }

  LentRequest request;
  LentSource source;
  cavra_put_result result = abi::make<cavra_put_result>();
  cavra_error error = abi::make<cavra_error>();
  cavra_put_item c = abi::make<cavra_put_item>();
};

Result<void> SessionAdapter::put_many(const CallContext& context, std::span<BatchItem> items) {
  const auto& batch = store_->plugin().batch;
  if (!batch) return StorageSession::put_many(context, items);
  if (items.size() > max_batch_objects())
    return Error{ErrorCode::usage, "a batch of " + std::to_string(items.size()) + " objects"};
  const LentCall call(context);
  std::vector<std::unique_ptr<LentItem>> lent;
  std::vector<cavra_put_item*> pointers;
  for (const BatchItem& item : items) {
    CAVRA_CHECK(check_request(*item.request, *item.source));
    pointers.push_back(&lent.emplace_back(std::make_unique<LentItem>(item, call))->c);
  }
  CAVRA_CHECK(store_->ask("put_many", &call, nullptr, [&](cavra_error* error) {
    return batch->put_many(session_, call.get(), pointers.data(), pointers.size(), error);
  }));
  for (std::size_t i = 0; i < items.size(); ++i) {
    const LentItem& one = *lent[i];
    const std::string place = where("put_many", items[i].request->key);
    const Result<void> done =
        store_->ask(place, &call, &one.source.trouble(), [&](cavra_error* error) {
          *error = one.error;
          return one.c.status;
        });
    items[i].result = done ? read_put(place, one.result, one.source) : done.error();
  }
  return {};
}

Result<void> SessionAdapter::barrier(const CallContext& context) {
  const auto& batch = store_->plugin().batch;
  if (!batch) return StorageSession::barrier(context);
  const LentCall call(context);
  return store_->ask("barrier", &call, nullptr, [&](cavra_error* error) {
    return batch->barrier(session_, call.get(), error);
  });
}

Result<AttemptOutcome> SessionAdapter::attempt(const CallContext& context, Attempt act,
                                               const std::string& key, const std::string& version) {
  const auto& test = store_->plugin().destructive_test;
  if (!test) return StorageSession::attempt(context, act, key, version);
  CAVRA_CHECK(check_key(key));
  // The plugin refuses other keys too; both would have to be wrong (invariant I4).
  const std::string& prefix = store_->description().key_prefix;
  const std::string allowed = (prefix.empty() ? "" : prefix + "/") + "cavra-probe/";
  if (!key.starts_with(allowed))
    return Error{ErrorCode::refused,
                 "the destructive test is for objects below " + quoted(allowed, 300) + " alone"};
  static constexpr std::array kActs{CAVRA_ATTEMPT_DELETE, CAVRA_ATTEMPT_OVERWRITE,
                                    CAVRA_ATTEMPT_SHORTEN, CAVRA_ATTEMPT_CLEAR};
  const LentCall call(context);
  std::uint32_t outcome = 0;
  const std::string place = where("attempt", key);
  CAVRA_CHECK(store_->ask(place, &call, nullptr, [&](cavra_error* error) {
    return test->attempt(session_, call.get(), kActs.at(static_cast<std::size_t>(act)),
                         abi::str(key), abi::str(version), &outcome, error);
  }));
  switch (outcome) {
    case CAVRA_ATTEMPT_REFUSED_BY_LOCK:
      return AttemptOutcome::refused_by_lock;
    case CAVRA_ATTEMPT_REFUSED_BY_RIGHTS:
      return AttemptOutcome::refused_by_rights;
    case CAVRA_ATTEMPT_SUCCEEDED:
      return AttemptOutcome::succeeded;
    default:
      return store_->broken(place, "outcome " + std::to_string(outcome) + " does not exist");
  }
}

class BackendAdapter final : public StorageBackend {
 public:
  explicit BackendAdapter(std::shared_ptr<const OpenedStore> store) : store_(std::move(store)) {}

  [[nodiscard]] const StoreDescription& describe() const override { return store_->description(); }

  Result<std::unique_ptr<StorageSession>> session() override {
    cavra_session* session = nullptr;
    CAVRA_CHECK(store_->ask("session_open", nullptr, nullptr, [&](cavra_error* error) {
      return store_->plugin().storage.session_open(store_->get(), &session, error);
    }));
    if (session == nullptr)
      return store_->broken("session_open", "says that it is open, and gives no session");
    return std::unique_ptr<StorageSession>(std::make_unique<SessionAdapter>(store_, session));
  }

 private:
  std::shared_ptr<const OpenedStore> store_;
};

}  // namespace

Result<std::unique_ptr<StorageBackend>> open_backend(const LoadedPlugin& plugin,
                                                     const StoreOptions& options) {
  CAVRA_TRY(std::shared_ptr<OpenedStore> store, OpenedStore::open(plugin, options));
  return std::unique_ptr<StorageBackend>(std::make_unique<BackendAdapter>(std::move(store)));
}

}  // namespace cavra::plugin
