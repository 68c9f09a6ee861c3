// The C++ side of cavra/plugin.h for authors of plugins: a store is a class with a few methods.
//
//   constexpr sdk::PluginInfo kInfo{.id = "org.example.memory", …};
//   class MemorySession {
//     Result<sdk::PutResult> put(const sdk::Call&, const sdk::PutRequest&, sdk::Source&);
//     Result<sdk::ObjectInfo> stat(const sdk::Call&, std::string_view key, std::string_view
//     version); Result<void> get(const sdk::Call&, std::string_view key, std::string_view version,
//                      std::uint64_t offset, sdk::Sink&);
//     Result<std::string> list(const sdk::Call&, const sdk::ListRequest&, sdk::ListSink&);
//     Result<void> raise_lock(const sdk::Call&, std::string_view key, std::string_view version,
//                             const sdk::Lock&);
//     Result<void> probe(const sdk::Call&, sdk::ProbeSink&);
//     // Optional, found by name: set_hold and clear_hold (session, key, version as in stat);
//     // seal(const sdk::Call&, std::string_view prefix); put_many and barrier; attempt;
//     // Result<sdk::ObjectInfo> read(const sdk::Call&, std::string_view key, std::string_view
//     // version, sdk::Sink&).
//   };
//   class MemoryStore {
//     static Result<std::unique_ptr<MemoryStore>> open(const sdk::OpenRequest&);
//     const sdk::StoreInfo& describe() const;  // asked once, right after open()
//     // Optional, asked at each describe(); lent as long as the store lives:
//     std::string_view identity() const noexcept;
//     Result<std::unique_ptr<MemorySession>> session();
//   };
//   CAVRA_PLUGIN(kInfo, MemoryStore)  // once, outside of any namespace
//
// The duties of each call are in cavra/plugin.h. Exceptions that leave a method become
// CAVRA_E_INTERNAL. Texts and spans are lent until the call returns. Threads: as in cavra/plugin.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "cavra/abi_struct.hpp"
#include "cavra/plugin.h"
#include "cavra/plugin_concepts.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::sdk {

// ---- errors ----------------------------------------------------------------------------------

inline cavra_status report(cavra_error* err, cavra_status code, std::string_view message,
                           bool retryable = false) noexcept {
  if (err == nullptr) return code;
  auto filled = abi::make<cavra_error>();
  filled.code = code;
  filled.retryable = retryable ? 1 : 0;
  const std::string_view clipped = abi::clip(message, sizeof(filled.message));
  filled.message_len = static_cast<std::uint32_t>(clipped.size());
  std::memcpy(filled.message, clipped.data(), clipped.size());
  abi::deliver(*err, filled);
  return code;
}

// Runs the body of one entry: nothing is thrown across (rule 3).
template <class Body>
cavra_status guard(cavra_error* err, Body&& body) noexcept {
  try {
    const Result<void> result = std::forward<Body>(body)();
    if (result) return CAVRA_OK;
    const Error& error = result.error();
    return report(err, static_cast<cavra_status>(error.code), error.message, error.retryable);
  } catch (const std::exception& thrown) {
    return report(err, CAVRA_E_INTERNAL, thrown.what());
  } catch (...) {
    return report(err, CAVRA_E_INTERNAL, "unknown exception");
  }
}

// ---- between the C structs and the C++ types ---------------------------------------------------

namespace detail {

inline OpenRequest to_open_request(const cavra_open_request& c) noexcept {
  return {.settings_json = abi::view(c.settings_json),
          .base_folder = abi::view(c.base_folder),
          .max_sessions = c.max_sessions,
          .max_buffer_bytes = c.max_buffer_bytes,
          .call = Call(c.call),
          .log = Log(c.log),
          .state_folder = abi::view(c.state_folder)};
}

inline Lock to_lock(const cavra_lock& c) noexcept {
  Lock lock;
  lock.mode = LockMode{c.mode};
  if (c.retain_until_unix_s != CAVRA_NO_DATE) lock.retain_until_unix_s = c.retain_until_unix_s;
  lock.legal_hold = c.legal_hold != 0;
  return lock;
}

inline PutRequest to_put_request(const cavra_put_request& c) noexcept {
  PutRequest request;
  request.key = abi::view(c.key);
  request.length = c.length;
  std::memcpy(request.sha256.data(), c.sha256, request.sha256.size());
  request.media_type = abi::view(c.media_type);
  request.metadata_json = abi::view(c.metadata_json);
  if (c.lock != nullptr) request.lock = to_lock(abi::receive(*c.lock));
  request.archive_prefix = abi::view(c.archive_prefix);
  return request;
}

// Copies text into a fixed array. Errors: internal, where it does not fit.
template <std::size_t kCapacity>
Result<void> fill(char (&array)[kCapacity], std::uint32_t& length, std::string_view text,
                  std::string_view what) {
  if (text.size() > kCapacity) {
    return Error{ErrorCode::internal,
                 std::string(what) + " is longer than " + std::to_string(kCapacity) + " bytes"};
  }
  std::memcpy(array, text.data(), text.size());
  length = static_cast<std::uint32_t>(text.size());
  return {};
}

inline Result<void> deliver_put_result(cavra_put_result& out, const PutResult& result) {
  auto filled = abi::make<cavra_put_result>();
  filled.outcome = result.is_created ? CAVRA_PUT_CREATED : CAVRA_PUT_ALREADY_PRESENT;
  filled.digest_checked = result.is_digest_checked ? 1 : 0;
  CAVRA_CHECK(fill(filled.version, filled.version_len, result.version, "the version"));
  abi::deliver(out, filled);
  return {};
}

inline Result<void> deliver_object_info(cavra_object_info& out, const ObjectInfo& info) {
  auto filled = abi::make<cavra_object_info>();
  filled.length = info.length;
  if (info.sha256) {
    filled.has_sha256 = 1;
    std::memcpy(filled.sha256, info.sha256->data(), info.sha256->size());
  }
  filled.stored_at_unix_s = info.stored_at_unix_s.value_or(CAVRA_NO_DATE);
  filled.mode = static_cast<std::uint32_t>(info.lock.mode);
  filled.legal_hold = info.lock.legal_hold ? 1 : 0;
  filled.retain_until_unix_s = info.lock.retain_until_unix_s.value_or(CAVRA_NO_DATE);
  filled.is_latest = CAVRA_LATEST_UNKNOWN;
  if (info.is_latest) filled.is_latest = *info.is_latest ? 1 : 0;
  filled.is_complete = info.is_complete ? 1 : 0;
  CAVRA_CHECK(fill(filled.version, filled.version_len, info.version, "the version"));
  abi::deliver(out, filled);
  return {};
}

// One opened store: the author's backend, and what describe() lends.
template <class Backend>
struct Store {
  explicit Store(std::unique_ptr<Backend> opened)
      : backend(std::move(opened)), info(backend->describe()) {
    for (const Right& right : info.rights) {
      auto& c = rights.emplace_back(abi::make<cavra_right>());
      c.name = abi::str(right.name);
      c.needed_for = abi::str(right.needed_for);
      c.reason = abi::str(right.reason);
    }
    for (const cavra_right& right : rights)
      right_pointers.push_back(&right);
  }

  [[nodiscard]] cavra_store_info describe() const noexcept {
    auto c = abi::make<cavra_store_info>();
    c.flags = (info.has_versions ? CAVRA_STORE_HAS_VERSIONS : 0) |
              (info.has_legal_hold ? CAVRA_STORE_HAS_LEGAL_HOLD : 0) |
              (info.checks_sha256 ? CAVRA_STORE_CHECKS_SHA256 : 0) |
              (info.has_no_dot_ends ? CAVRA_STORE_NO_DOT_ENDS : 0);
    c.location = abi::str(info.location);
    c.identity = abi::str(identity());
    c.key_prefix = abi::str(info.key_prefix);
    c.mode = static_cast<std::uint32_t>(info.mode);
    c.max_key_part_bytes = info.max_key_part_bytes;
    c.max_key_bytes = info.max_key_bytes;
    c.rights_count = static_cast<std::uint32_t>(right_pointers.size());
    c.rights = right_pointers.data();
    c.last_retain_until_unix_s = info.last_retain_until_unix_s.value_or(CAVRA_NO_DATE);
    c.longest_retention_s = info.longest_retention_s.value_or(0);
    c.largest_object_bytes = info.largest_object_bytes.value_or(0);
    c.strength = abi::str(info.strength);
    c.sessions_wanted = info.sessions_wanted;
    return c;
  }

  [[nodiscard]] std::string_view identity() const noexcept {
    if constexpr (HasIdentity<Backend>) return std::as_const(*backend).identity();
    return info.identity;
  }

  std::unique_ptr<Backend> backend;
  StoreInfo info;
  std::vector<cavra_right> rights;
  std::vector<const cavra_right*> right_pointers;
};

}  // namespace detail

// ---- the tables -------------------------------------------------------------------------------

// Makes the C tables of one plugin. Used through CAVRA_PLUGIN.
template <const PluginInfo& kInfo, class Backend>
class Plugin {
  static_assert(detail::HasOpen<Backend>,
                "a CAVRA backend needs: static Result<std::unique_ptr<Backend>> "
                "open(const sdk::OpenRequest&)");
  static_assert(detail::HasDescribe<Backend>,
                "a CAVRA backend needs: const sdk::StoreInfo& describe() const");
  static_assert(detail::HasSession<Backend>,
                "a CAVRA backend needs: Result<std::unique_ptr<Session>> session()");

  using Store = detail::Store<Backend>;
  using Session =
      typename std::remove_cvref_t<decltype(*std::declval<Backend&>().session())>::element_type;

  static_assert(detail::HasPut<Session>,
                "a CAVRA session needs: Result<sdk::PutResult> put(const sdk::Call&, const "
                "sdk::PutRequest&, sdk::Source&)");
  static_assert(detail::HasStat<Session>,
                "a CAVRA session needs: Result<sdk::ObjectInfo> stat(const sdk::Call&, "
                "std::string_view key, std::string_view version)");
  static_assert(detail::HasGet<Session>,
                "a CAVRA session needs: Result<void> get(const sdk::Call&, std::string_view key, "
                "std::string_view version, std::uint64_t offset, sdk::Sink&)");
  static_assert(detail::HasList<Session>,
                "a CAVRA session needs: Result<std::string> list(const sdk::Call&, const "
                "sdk::ListRequest&, sdk::ListSink&)");
  static_assert(detail::HasRaiseLock<Session>,
                "a CAVRA session needs: Result<void> raise_lock(const sdk::Call&, "
                "std::string_view key, std::string_view version, const sdk::Lock&)");
  static_assert(detail::HasProbe<Session>,
                "a CAVRA session needs: Result<void> probe(const sdk::Call&, sdk::ProbeSink&)");
  static_assert(detail::NamesSetHold<Session> == detail::NamesClearHold<Session>,
                "a CAVRA session has both set_hold and clear_hold, or neither");
  static_assert(detail::NamesPutMany<Session> == detail::NamesBarrier<Session>,
                "a CAVRA session has both put_many and barrier, or neither");

  static Store& store_of(cavra_store* store) noexcept { return *reinterpret_cast<Store*>(store); }
  static Session& session_of(cavra_session* session) noexcept {
    return *reinterpret_cast<Session*>(session);
  }

  static cavra_status open(const cavra_open_request* request, cavra_store** out,
                           cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      const cavra_open_request covered = abi::receive(*request);
      CAVRA_TRY(auto backend, Backend::open(detail::to_open_request(covered)));
      *out = reinterpret_cast<cavra_store*>(new Store(std::move(backend)));
      return {};
    });
  }

  static void close(cavra_store* store) noexcept { delete reinterpret_cast<Store*>(store); }

  static cavra_status describe(cavra_store* store, cavra_store_info* info, cavra_error*) noexcept {
    abi::deliver(*info, store_of(store).describe());
    return CAVRA_OK;
  }

  static cavra_status session_open(cavra_store* store, cavra_session** out,
                                   cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      CAVRA_TRY(auto session, store_of(store).backend->session());
      *out = reinterpret_cast<cavra_session*>(session.release());
      return {};
    });
  }

  static void session_close(cavra_session* session) noexcept {
    delete reinterpret_cast<Session*>(session);
  }

  static cavra_status put(cavra_session* session, const cavra_call* call,
                          const cavra_put_request* request, const cavra_source* source,
                          cavra_put_result* result, cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      Source bytes(source);
      const auto covered = abi::receive(*request);
      CAVRA_TRY(const PutResult done,
                session_of(session).put(Call(call), detail::to_put_request(covered), bytes));
      return detail::deliver_put_result(*result, done);
    });
  }

  static cavra_status stat(cavra_session* session, const cavra_call* call, cavra_str key,
                           cavra_str version, cavra_object_info* info, cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      CAVRA_TRY(const ObjectInfo seen,
                session_of(session).stat(Call(call), abi::view(key), abi::view(version)));
      return detail::deliver_object_info(*info, seen);
    });
  }

  static cavra_status get(cavra_session* session, const cavra_call* call, cavra_str key,
                          cavra_str version, std::uint64_t offset, const cavra_sink* sink,
                          cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      Sink bytes(sink);
      return session_of(session).get(Call(call), abi::view(key), abi::view(version), offset, bytes);
    });
  }

  static cavra_status read(cavra_session* session, const cavra_call* call, cavra_str key,
                           cavra_str version, const cavra_sink* sink, cavra_object_info* info,
                           cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      Sink bytes(sink);
      CAVRA_TRY(const ObjectInfo seen,
                session_of(session).read(Call(call), abi::view(key), abi::view(version), bytes));
      return detail::deliver_object_info(*info, seen);
    });
  }

  static cavra_status list(cavra_session* session, const cavra_call* call, cavra_str prefix,
                           std::uint32_t limit, cavra_list_cursor* cursor,
                           const cavra_list_sink* sink, cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      ListSink entries(sink);
      const auto from = abi::receive(*cursor);
      const ListRequest request{
          .prefix = abi::view(prefix), .cursor = {from.text, from.text_len}, .limit = limit};
      CAVRA_TRY(const std::string next, session_of(session).list(Call(call), request, entries));
      auto filled = abi::make<cavra_list_cursor>();
      CAVRA_CHECK(detail::fill(filled.text, filled.text_len, next, "the cursor"));
      abi::deliver(*cursor, filled);
      return {};
    });
  }

  static cavra_status raise_lock(cavra_session* session, const cavra_call* call, cavra_str key,
                                 cavra_str version, const cavra_lock* lock,
                                 cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      return session_of(session).raise_lock(Call(call), abi::view(key), abi::view(version),
                                            detail::to_lock(abi::receive(*lock)));
    });
  }

  static cavra_status set_hold(cavra_session* session, const cavra_call* call, cavra_str key,
                               cavra_str version, cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      return session_of(session).set_hold(Call(call), abi::view(key), abi::view(version));
    });
  }

  static cavra_status clear_hold(cavra_session* session, const cavra_call* call, cavra_str key,
                                 cavra_str version, cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      return session_of(session).clear_hold(Call(call), abi::view(key), abi::view(version));
    });
  }

  static cavra_status probe(cavra_session* session, const cavra_call* call,
                            const cavra_probe_sink* sink, cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      ProbeSink items(sink);
      return session_of(session).probe(Call(call), items);
    });
  }

  static cavra_status seal(cavra_session* session, const cavra_call* call, cavra_str prefix,
                           cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      return session_of(session).seal(Call(call), abi::view(prefix));
    });
  }

  static cavra_status put_many(cavra_session* session, const cavra_call* call,
                               cavra_put_item* const* items, std::size_t count,
                               cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      std::vector<PutItem> objects;
      objects.reserve(count);
      for (const cavra_put_item* item : std::span(items, count)) {
        objects.emplace_back(detail::to_put_request(abi::receive(*item->request)),
                             Source(item->source));
      }
      CAVRA_CHECK(session_of(session).put_many(Call(call), std::span(objects)));
      for (std::size_t i = 0; i < count; ++i) {
        items[i]->status = guard(items[i]->err, [&]() -> Result<void> {
          CAVRA_TRY(const PutResult done, std::move(objects[i].result));
          return detail::deliver_put_result(*items[i]->result, done);
        });
      }
      return {};
    });
  }

  static cavra_status barrier(cavra_session* session, const cavra_call* call,
                              cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> { return session_of(session).barrier(Call(call)); });
  }

  static cavra_status attempt(cavra_session* session, const cavra_call* call, std::uint32_t act,
                              cavra_str key, cavra_str version, std::uint32_t* outcome,
                              cavra_error* err) noexcept {
    return guard(err, [&]() -> Result<void> {
      CAVRA_TRY(const AttemptOutcome seen,
                session_of(session).attempt(Call(call), Attempt{act}, abi::view(key),
                                            abi::view(version)));
      *outcome = static_cast<std::uint32_t>(seen);
      return {};
    });
  }

  static constexpr cavra_storage_v1 make_storage() noexcept {
    cavra_storage_v1 table{};
    table.size = sizeof(table);
    table.open = open;
    table.close = close;
    table.describe = describe;
    table.session_open = session_open;
    table.session_close = session_close;
    table.put = put;
    table.stat = stat;
    table.get = get;
    table.list = list;
    table.raise_lock = raise_lock;
    table.probe = probe;
    if constexpr (detail::NamesSetHold<Session>) table.set_hold = set_hold;
    if constexpr (detail::NamesClearHold<Session>) table.clear_hold = clear_hold;
    if constexpr (detail::NamesSeal<Session>) table.seal = seal;
    if constexpr (detail::NamesRead<Session>) table.read = read;
    return table;
  }

  static constexpr cavra_storage_batch_v1 make_batch() noexcept {
    cavra_storage_batch_v1 table{};
    table.size = sizeof(table);
    if constexpr (detail::NamesPutMany<Session>) {
      table.max_objects = Session::kMaxBatchObjects;
      table.put_many = put_many;
      table.barrier = barrier;
    }
    return table;
  }

  static constexpr cavra_storage_destructive_test_v1 make_destructive_test() noexcept {
    cavra_storage_destructive_test_v1 table{};
    table.size = sizeof(table);
    if constexpr (detail::NamesAttempt<Session>) table.attempt = attempt;
    return table;
  }

  static constexpr cavra_storage_v1 kStorage = make_storage();
  static constexpr cavra_storage_batch_v1 kBatch = make_batch();
  static constexpr cavra_storage_destructive_test_v1 kDestructiveTest = make_destructive_test();

  static constexpr cavra_interface make_interface(std::string_view name,
                                                  const void* table) noexcept {
    return {sizeof(cavra_interface), 0, abi::str(name), table};
  }
  static constexpr cavra_interface kStorageInterface = make_interface(CAVRA_STORAGE_V1, &kStorage);
  static constexpr cavra_interface kBatchInterface =
      make_interface(CAVRA_STORAGE_BATCH_V1, &kBatch);
  static constexpr cavra_interface kDestructiveTestInterface =
      make_interface(CAVRA_STORAGE_DESTRUCTIVE_TEST_V1, &kDestructiveTest);

  struct Interfaces {
    std::array<const cavra_interface*, 3> list{};
    std::uint32_t count = 0;
  };
  static constexpr Interfaces make_interfaces() noexcept {
    Interfaces all;
    all.list[all.count++] = &kStorageInterface;
    if constexpr (detail::NamesPutMany<Session>) all.list[all.count++] = &kBatchInterface;
    if constexpr (detail::NamesAttempt<Session>) all.list[all.count++] = &kDestructiveTestInterface;
    return all;
  }
  static constexpr Interfaces kInterfaces = make_interfaces();

  static constexpr cavra_plugin kPlugin{
      sizeof(cavra_plugin),    CAVRA_ABI_MAJOR,         CAVRA_ABI_MINOR,
      kInterfaces.count,       abi::str(kInfo.id),      abi::str(kInfo.version),
      abi::str(kInfo.vendor),  abi::str(kInfo.licence), abi::str(kInfo.settings_schema),
      kInterfaces.list.data(),
  };

 public:
  static const cavra_plugin* get(std::uint32_t abi_major) noexcept {
    return abi_major == CAVRA_ABI_MAJOR ? &kPlugin : nullptr;
  }
};

}  // namespace cavra::sdk

// The one exported symbol. `info` is a constexpr sdk::PluginInfo at namespace scope.
#define CAVRA_PLUGIN(info, Backend)                                                       \
  extern "C" CAVRA_EXPORT const cavra_plugin* cavra_plugin_get(std::uint32_t abi_major) { \
    return ::cavra::sdk::Plugin<info, Backend>::get(abi_major);                           \
  }
