// A store that answers rubbish of a kind that the key (the prefix, the settings) names: what the
// host must find out. Without the glue, which would not let it.
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cavra/abi_struct.hpp"
#include "cavra/plugin.h"

namespace {

using namespace std::string_literals;
using cavra::abi::deliver;
using cavra::abi::str;
using cavra::abi::view;

// The last part of a key.
std::string_view kind_of(cavra_str key) {
  const std::string_view text = view(key);
  return text.substr(text.find_last_of('/') + 1);
}

struct Store {
  std::string described;  // the kind of rubbish in describe()
  int asked = 0;
  std::string identity;
  std::vector<cavra_right> rights;
  std::vector<const cavra_right*> pointers;
};

cavra_status open(const cavra_open_request* request, cavra_store** out, cavra_error* err) {
  const std::string_view settings = view(request->settings_json);
  if (settings.find("\"cancelled\"") != std::string_view::npos) return CAVRA_E_CANCELLED;
  if (settings.find("\"message\"") != std::string_view::npos) {
    err->message_len = 4000000000U;
    std::memset(err->message, 'x', sizeof(err->message));
    err->message[0] = '\x1b';
    err->message[1] = '\xff';
    err->retryable = 9;
    return CAVRA_E_FORBIDDEN;
  }
  if (request->log != nullptr) {
    const auto write = [log = request->log](cavra_str line) { log->write(log->ctx, line); };
    write(str("\x1b[2J\xff, and\na second line"));
    write({nullptr, 5});
    write(str(std::string(CAVRA_MAX_TEXT_BYTES + 1, 'x')));
  }
  auto* const store = new Store;
  const auto begin = settings.find(":\"");
  if (begin != std::string_view::npos)
    store->described = settings.substr(begin + 2, settings.find('"', begin + 2) - begin - 2);
  *out = reinterpret_cast<cavra_store*>(store);
  return CAVRA_OK;
}
void close(cavra_store* store) {
  delete reinterpret_cast<Store*>(store);
}

cavra_status describe(cavra_store* opened, cavra_store_info* out, cavra_error*) {
  auto& store = *reinterpret_cast<Store*>(opened);
  const std::string_view kind = store.described;
  auto info = cavra::abi::make<cavra_store_info>();
  info.location = str("nowhere");
  info.mode = CAVRA_MODE_GOVERNANCE;
  info.last_retain_until_unix_s = CAVRA_NO_DATE;
  info.strength = str("anyone");
  if (kind == "no location") info.location = {nullptr, 0};
  if (kind == "null with a length") info.location = {nullptr, 5};
  if (kind == "endless location") info.location = {"x", SIZE_MAX};
  if (kind == "location in Latin-1") info.location = str("caf\xe9");
  if (kind == "strength with an escape") info.strength = str("\x1b]0;owned\x07");
  if (kind == "strength with a hidden turn") info.strength = str("safe\u202eton");
  if (kind == "mode") info.mode = 77;
  if (kind == "prefix with a slash") info.key_prefix = str("a/");
  if (kind == "prefix above") info.key_prefix = str("a/../b");
  if (kind == "date") info.last_retain_until_unix_s = INT64_MAX;
  if (kind == "negative retention") info.longest_retention_s = -1;
  if (kind == "holds without calls") info.flags = CAVRA_STORE_HAS_LEGAL_HOLD;
  if (kind == "versions") info.flags = CAVRA_STORE_HAS_VERSIONS;
  if (kind == "too many rights") info.rights_count = 4000000000U;
  if (kind == "rights from nowhere") info.rights_count = 1;
  if (kind == "hole in rights") {
    store.pointers = {nullptr};
    info.rights_count = 1;
    info.rights = store.pointers.data();
  }
  if (kind == "identity later" && store.asked++ > 0) {
    store.identity = "identity " + std::to_string(store.asked);
    info.identity = str(store.identity);
    info.location = str("elsewhere");
  }
  if (kind == "key bytes") info.max_key_bytes = 1000000;
  deliver(*out, info);
  return CAVRA_OK;
}

cavra_status session_open(cavra_store* store, cavra_session** out, cavra_error*) {
  *out = reinterpret_cast<cavra_session*>(store);
  return CAVRA_OK;
}
void session_close(cavra_session*) {}

cavra_status read_all(const cavra_source* source) {
  std::array<char, 7> buffer;
  for (std::uint64_t at = 0; at < source->length;) {
    std::size_t got = 0;
    const auto status = source->read_at(source->ctx, at, buffer.data(), buffer.size(), &got);
    if (status != CAVRA_OK) return status;
    at += got;
  }
  return CAVRA_OK;
}

// Breaks the duties around the source, and says how the callbacks answered.
cavra_status misuse(std::string_view kind, const cavra_source* source) {
  std::array<char, 16> buffer;
  std::size_t got = 0;
  if (kind == "reads beyond the end")
    return source->read_at(source->ctx, source->length + 1, buffer.data(), 1, &got);
  if (kind == "leaves a gap") return source->read_at(source->ctx, 3, buffer.data(), 1, &got);
  if (kind == "reads into nothing") return source->read_at(source->ctx, 0, nullptr, 1, &got);
  if (kind == "reads and does not listen")
    return source->read_at(source->ctx, 0, buffer.data(), 1, nullptr);
  if (kind == "finishes early") return source->finish(source->ctx);
  if (kind == "reads from a thread") {
    cavra_status status = CAVRA_OK;
    std::thread([&] { status = source->read_at(source->ctx, 0, buffer.data(), 1, &got); }).join();
    return status;
  }
  return CAVRA_OK;
}

cavra_status put(cavra_session*, const cavra_call* call, const cavra_put_request* request,
                 const cavra_source* source, cavra_put_result* out, cavra_error* err) {
  const std::string_view kind = kind_of(request->key);
  auto result = cavra::abi::make<cavra_put_result>();
  result.outcome = CAVRA_PUT_CREATED;

  if (const cavra_status status = misuse(kind, source); status != CAVRA_OK) {
    // As one that swallows what the host said.
    if (status != CAVRA_E_USAGE) return CAVRA_E_INTERNAL;
    deliver(*out, result);
    return CAVRA_OK;
  }
  while (kind == "reads for ever") {
    std::size_t got = 0;
    char byte = 0;
    if (const auto status = source->read_at(source->ctx, 0, &byte, 0, &got); status != CAVRA_OK)
      return status;
  }
  const cavra_status read = read_all(source);
  if (kind == "swallows a failed read") {
    deliver(*out, result);
    return CAVRA_OK;
  }
  if (read != CAVRA_OK) return read;
  if (kind == "never finishes") {
    deliver(*out, result);
    return CAVRA_OK;
  }
  const cavra_status verdict = source->finish(source->ctx);
  if (kind == "finishes twice") source->finish(source->ctx);
  if (kind == "completes all the same") {
    deliver(*out, result);
    return CAVRA_OK;
  }
  if (kind == "renames the verdict" && verdict != CAVRA_OK) return CAVRA_E_UNAVAILABLE;
  if (verdict != CAVRA_OK) return verdict;

  if (kind == "outcome") result.outcome = 3;
  if (kind == "flag") result.digest_checked = 2;
  if (kind == "version length") result.version_len = CAVRA_MAX_VERSION_BYTES + 1;
  if (kind == "version control") {
    result.version[0] = '\n';
    result.version_len = 1;
  }
  deliver(*out, result);
  if (kind == "throws") throw "up";
  if (kind == "status") return 77;
  if (kind == "success by another number") return 1;
  if (kind == "cancelled by nobody") return CAVRA_E_CANCELLED;
  if (kind == "asks whether to stop" && call->is_cancelled(call->ctx) == 1)
    return CAVRA_E_CANCELLED;
  if (kind == "no reason") return CAVRA_E_REFUSED;
  if (kind == "retry") {
    const std::string_view message = "busy\nbusy";
    err->retryable = 1;
    std::memcpy(err->message, message.data(), message.size());
    err->message_len = static_cast<std::uint32_t>(message.size());
    return CAVRA_E_UNAVAILABLE;
  }
  return CAVRA_OK;
}

cavra_status stat(cavra_session*, const cavra_call*, cavra_str key, cavra_str version,
                  cavra_object_info* out, cavra_error*) {
  const std::string_view kind = kind_of(key);
  auto info = cavra::abi::make<cavra_object_info>();
  info.stored_at_unix_s = CAVRA_NO_DATE;
  info.retain_until_unix_s = CAVRA_NO_DATE;
  info.is_latest = 1;
  info.is_complete = 1;
  std::memcpy(info.version, version.data, version.len);
  info.version_len = static_cast<std::uint32_t>(version.len);
  if (kind == "mode") info.mode = 31;
  if (kind == "hold") info.legal_hold = 2;
  if (kind == "latest") info.is_latest = 3;
  if (kind == "latest not known") info.is_latest = CAVRA_LATEST_UNKNOWN;
  if (kind == "complete") info.is_complete = 2;
  if (kind == "digest flag") info.has_sha256 = 3;
  if (kind == "late") info.retain_until_unix_s = INT64_MAX;
  if (kind == "early") info.stored_at_unix_s = INT64_MIN + 1;
  if (kind == "version length") info.version_len = UINT32_MAX;
  if (kind == "version UTF-8") {
    info.version[0] = '\x80';
    info.version_len = 1;
  }
  if (kind == "other version") {
    info.version[0] = 'z';
    info.version_len = 1;
  }
  deliver(*out, info);
  return kind == "status" ? -1 : CAVRA_OK;
}

cavra_status get(cavra_session*, const cavra_call*, cavra_str key, cavra_str, uint64_t,
                 const cavra_sink* sink, cavra_error*) {
  const std::string_view kind = kind_of(key);
  if (kind == "for ever") {
    // Nothing at all, again and again, and as one that does not listen.
    while (sink->write(sink->ctx, "abc", 0) == CAVRA_OK) {
    }
    return CAVRA_OK;
  }
  if (kind == "bytes from nowhere") return sink->write(sink->ctx, nullptr, 5);
  if (kind == "swallows") {
    static_cast<void>(sink->write(sink->ctx, "abc", 3));
    return CAVRA_OK;
  }
  return sink->write(sink->ctx, "abc", 3);
}

cavra_status read(cavra_session* session, const cavra_call* call, cavra_str key, cavra_str version,
                  const cavra_sink* sink, cavra_object_info* info, cavra_error* err) {
  const cavra_status told = get(session, call, key, version, 0, sink, err);
  return told == CAVRA_OK ? stat(session, call, key, version, info, err) : told;
}

struct Teller {
  const cavra_list_sink* sink;
  std::string prefix;

  cavra_status operator()(const std::string& name, std::string_view version = "1",
                          std::uint32_t kind = CAVRA_ENTRY_OBJECT) const {
    return raw(prefix + name, version, kind);
  }
  cavra_status raw(std::string_view key, std::string_view version = "1",
                   std::uint32_t kind = CAVRA_ENTRY_OBJECT, std::uint32_t is_latest = 1,
                   std::int64_t stored_at = CAVRA_NO_DATE) const {
    auto entry = cavra::abi::make<cavra_list_entry>();
    entry.kind = kind;
    entry.key = str(key);
    entry.version = str(version);
    entry.stored_at_unix_s = stored_at;
    entry.is_latest = is_latest;
    return sink->entry(sink->ctx, &entry);
  }
};

cavra_status list(cavra_session*, const cavra_call*, cavra_str prefix, uint32_t limit,
                  cavra_list_cursor* cursor, const cavra_list_sink* sink, cavra_error*) {
  std::string_view kind = view(prefix);
  if (kind.ends_with('/')) kind.remove_suffix(1);
  const Teller tell{sink, std::string(view(prefix))};
  if (kind == "outside") return tell.raw("elsewhere");
  if (kind == "null") return sink->entry(sink->ctx, nullptr);
  if (kind == "empty key") return tell.raw("");
  if (kind == "key UTF-8") return tell("\xc3");
  if (kind == "key NUL") return tell("a\0b"s);
  if (kind == "long key") return tell(std::string(CAVRA_MAX_KEY_BYTES, 'k'));
  if (kind == "entry kind") return tell("a", "1", 9);
  if (kind == "flag") return tell.raw(tell.prefix + "a", "1", CAVRA_ENTRY_OBJECT, 7);
  if (kind == "date") return tell.raw(tell.prefix + "a", "1", CAVRA_ENTRY_OBJECT, 1, INT64_MAX);
  if (kind == "version") return tell("a", "\x01");
  if (kind == "twice") return tell("a"), tell("a");
  if (kind == "descends") return tell("b"), tell("a");
  if (kind == "too many") {
    for (std::uint32_t i = 0; i <= limit; ++i) {
      const std::string number = std::to_string(100000 + i);
      if (const auto status = tell(number); status != CAVRA_OK) return status;
    }
  }
  if (kind == "swallows") {
    tell("a");
    return CAVRA_OK;
  }
  if (kind == "cursor length") cursor->text_len = UINT32_MAX;
  if (kind == "stuck") {
    cursor->text[0] = 'x';
    cursor->text_len = 1;
    static int calls = 0;
    return tell("a", std::to_string(++calls));
  }
  if (kind == "empty page") {
    cursor->text[0] = 'x';
    cursor->text_len = 1;
  }
  if (kind == "alternates" || kind == "counts up") {
    std::uint32_t page = 0;
    if (cursor->text_len == sizeof(page)) std::memcpy(&page, cursor->text, sizeof(page));
    page = kind == "alternates" && page == 2 ? 1 : page + 1;
    std::memcpy(cursor->text, &page, sizeof(page));
    cursor->text_len = sizeof(page);
    return tell("a", std::to_string(page));
  }
  if (kind == "in order") {
    // Two pages; an upload among the objects, and a second version.
    if (cursor->text_len == 0) {
      tell("a", "2"), tell("a", "1"), tell("zz", "u", CAVRA_ENTRY_INCOMPLETE_UPLOAD);
      cursor->text[0] = '\0';
      cursor->text[1] = '\xff';
      cursor->text_len = 2;
    } else {
      tell("b\nc"), tell("d//e", "", CAVRA_ENTRY_DELETE_MARKER);
      cursor->text_len = 0;
    }
  }
  return CAVRA_OK;
}

cavra_status raise_lock(cavra_session*, const cavra_call*, cavra_str, cavra_str, const cavra_lock*,
                        cavra_error*) {
  return CAVRA_OK;
}

cavra_status probe(cavra_session* session, const cavra_call*, const cavra_probe_sink* sink,
                   cavra_error*) {
  const std::string_view kind = reinterpret_cast<const Store*>(session)->described;
  auto item = cavra::abi::make<cavra_probe_item>();
  item.verdict = kind.empty() ? 6 : CAVRA_PROBE_NOTE;
  item.name = str("a");
  if (kind == "negative least") item.least_retention_s = -1;
  if (kind == "endless least") item.least_retention_s = INT64_MAX;
  return sink->item(sink->ctx, &item);
}

cavra_status put_many(cavra_session* session, const cavra_call* call, cavra_put_item* const* items,
                      size_t count, cavra_error*) {
  for (size_t i = 0; i < count; ++i) {
    cavra_put_item& item = *items[i];
    if (kind_of(item.request->key) == "forgotten") continue;
    item.status = put(session, call, item.request, item.source, item.result, item.err);
  }
  return CAVRA_OK;
}
cavra_status barrier(cavra_session*, const cavra_call*, cavra_error*) {
  return CAVRA_OK;
}

cavra_status attempt(cavra_session*, const cavra_call*, uint32_t, cavra_str, cavra_str,
                     uint32_t* outcome, cavra_error*) {
  *outcome = 4;
  return CAVRA_OK;
}

constexpr cavra_storage_v1 kTable{sizeof(kTable), 0,       open,  close,   describe, session_open,
                                  session_close,  put,     stat,  get,     list,     raise_lock,
                                  nullptr,        nullptr, probe, nullptr, read};
constexpr cavra_storage_batch_v1 kBatchTable{sizeof(kBatchTable), 1000000, put_many, barrier};
constexpr cavra_storage_destructive_test_v1 kTestTable{sizeof(kTestTable), 0, attempt};
constexpr cavra_interface kStorage{sizeof(kStorage), 0, str(CAVRA_STORAGE_V1), &kTable};
constexpr cavra_interface kBatch{sizeof(kBatch), 0, str(CAVRA_STORAGE_BATCH_V1), &kBatchTable};
constexpr cavra_interface kTest{sizeof(kTest), 0, str(CAVRA_STORAGE_DESTRUCTIVE_TEST_V1),
                                &kTestTable};
constexpr const cavra_interface* kInterfaces[]{&kStorage, &kBatch, &kTest};
constexpr cavra_plugin kPlugin{sizeof(kPlugin),
                               CAVRA_ABI_MAJOR,
                               CAVRA_ABI_MINOR,
                               3,
                               str("org.cavra.test.rubbish"),
                               str("0.1.0"),
                               str("CAVRA tests"),
                               str("Apache-2.0"),
                               str(R"({"type": "object"})"),
                               kInterfaces};

}  // namespace

extern "C" CAVRA_EXPORT const cavra_plugin* cavra_plugin_get(uint32_t) {
  return &kPlugin;
}
