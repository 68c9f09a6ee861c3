// A plugin that is wrong in one way, which CAVRA_TEST_BAD names: what the host must refuse before
// or right after loading it. Built many times; without the glue, which would not let it.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "cavra/abi_struct.hpp"
#include "cavra/plugin.h"

namespace {

enum class Bad {
  nothing,
  other_major,
  other_minor,
  serves_nobody,
  throws_when_asked,
  no_id,
  odd_id,
  id_with_escape,
  no_schema,
  schema_no_json,
  schema_unknown_rule,
  short_struct,
  no_interfaces,
  hole_in_interfaces,
  other_interface_only,
  interface_twice,
  null_table,
  without_raise_lock,
  without_put,
  half_holds,
  table_too_short,
  older_table,
  future_table,
  empty_batch,
  empty_destructive_test,
  throws_in_open,
  throws_int_in_open,
  open_gives_null,
  session_gives_null,
  exits_when_loaded,
  exits_in_open,
  exits_at_exit,
};
constexpr Bad kBad = Bad::CAVRA_TEST_BAD;

// Tells that code of this file has run, where a test asks for it.
struct Marker {
  Marker() {
    if (const char* const path = std::getenv("CAVRA_TEST_MARKER")) {
      if (std::FILE* const file = std::fopen(path, "w")) std::fclose(file);
    }
    if (kBad == Bad::exits_when_loaded) std::exit(0);
    if (kBad == Bad::exits_at_exit) std::atexit([] { std::exit(0); });
  }
};
const Marker marker;

constexpr const char* id() {
  switch (kBad) {
    case Bad::no_id:
      return "";
    case Bad::odd_id:
      return "tape";
    case Bad::id_with_escape:
      return "org.\x1b[2J";
    default:
      return CAVRA_TEST_ID;
  }
}

constexpr const char* schema() {
  switch (kBad) {
    case Bad::no_schema:
      return "";
    case Bad::schema_no_json:
      return "{\"type\": ";
    case Bad::schema_unknown_rule:
      return R"({"type": "object", "properties": {"a": {"$ref": "https://example.org/a.json"}}})";
    default:
      return R"({"type": "object", "additionalProperties": false,
                 "properties": {"bucket": {"type": "string"}}})";
  }
}

cavra_status unsupported() {
  return CAVRA_E_UNSUPPORTED;
}

int a_store;
int a_session;

cavra_status open(const cavra_open_request*, cavra_store** out, cavra_error*) {
  if (kBad == Bad::throws_in_open) throw std::runtime_error("the tape is torn");
  if (kBad == Bad::throws_int_in_open) throw 7;
  if (kBad == Bad::exits_in_open) std::exit(0);
  if (kBad != Bad::open_gives_null) *out = reinterpret_cast<cavra_store*>(&a_store);
  return CAVRA_OK;
}
void close(cavra_store*) {}
cavra_status describe(cavra_store*, cavra_store_info* info, cavra_error*) {
  info->location = cavra::abi::str("nowhere");
  info->last_retain_until_unix_s = CAVRA_NO_DATE;
  if (kBad == Bad::future_table) info->sessions_wanted = 7;
  return CAVRA_OK;
}
cavra_status session_open(cavra_store*, cavra_session** out, cavra_error*) {
  if (kBad != Bad::session_gives_null) *out = reinterpret_cast<cavra_session*>(&a_session);
  return CAVRA_OK;
}
void session_close(cavra_session*) {}
cavra_status put(cavra_session*, const cavra_call*, const cavra_put_request*, const cavra_source*,
                 cavra_put_result*, cavra_error*) {
  return unsupported();
}
cavra_status stat(cavra_session*, const cavra_call*, cavra_str, cavra_str, cavra_object_info*,
                  cavra_error*) {
  return unsupported();
}
cavra_status get(cavra_session*, const cavra_call*, cavra_str, cavra_str, uint64_t,
                 const cavra_sink*, cavra_error*) {
  return unsupported();
}
cavra_status list(cavra_session*, const cavra_call*, cavra_str, uint32_t, cavra_list_cursor*,
                  const cavra_list_sink*, cavra_error*) {
  return unsupported();
}
cavra_status raise_lock(cavra_session*, const cavra_call*, cavra_str, cavra_str, const cavra_lock*,
                        cavra_error*) {
  return unsupported();
}
cavra_status set_hold(cavra_session*, const cavra_call*, cavra_str, cavra_str, cavra_error*) {
  return unsupported();
}
// As a later release might have it: what this one knows, and more.
struct FutureItem {
  cavra_probe_item known;
  int64_t more[4];
};

// The releases that are not this one tell an item; in the older one's, least_retention_s is not
// there, and what lies in its place is something else.
cavra_status probe(cavra_session*, const cavra_call*, const cavra_probe_sink* sink, cavra_error*) {
  if (kBad != Bad::older_table && kBad != Bad::future_table) return CAVRA_OK;
  FutureItem item{{}, {-1, -1, -1, -1}};
  item.known.size =
      kBad == Bad::older_table ? offsetof(cavra_probe_item, least_retention_s) : sizeof(FutureItem);
  item.known.verdict = CAVRA_PROBE_NOTE;
  item.known.name = cavra::abi::str("rule");
  item.known.least_retention_s = 86400;
  return sink->item(sink->ctx, &item.known);
}
cavra_status seal(cavra_session*, const cavra_call*, cavra_str, cavra_error*) {
  return CAVRA_E_REFUSED;
}

// As a later release might have it: what this one knows, and more.
struct FutureStorage {
  cavra_storage_v1 known;
  void (*vacuum)();
  uint64_t colours[9];
};

constexpr cavra_storage_v1 make_table() {
  cavra_storage_v1 table{};
  table.size = sizeof(table);
  table.open = open;
  table.close = close;
  table.describe = describe;
  table.session_open = session_open;
  table.session_close = session_close;
  table.put = kBad == Bad::without_put ? nullptr : put;
  table.stat = stat;
  table.get = get;
  table.list = list;
  table.raise_lock = kBad == Bad::without_raise_lock ? nullptr : raise_lock;
  if (kBad == Bad::half_holds) table.set_hold = set_hold;
  table.probe = probe;
  table.seal = seal;
  // The entries are there in memory; a host that does not look at the size would call them.
  if (kBad == Bad::table_too_short) table.size = offsetof(cavra_storage_v1, list);
  if (kBad == Bad::older_table) table.size = offsetof(cavra_storage_v1, seal);
  if (kBad == Bad::future_table) table.size = sizeof(FutureStorage);
  return table;
}
constexpr FutureStorage kTable{make_table(), [] { std::abort(); }, {1, 2, 3, 4, 5, 6, 7, 8, 9}};
constexpr cavra_storage_batch_v1 kEmptyBatch{sizeof(kEmptyBatch), 1, nullptr, nullptr};
constexpr cavra_storage_destructive_test_v1 kEmptyTest{sizeof(kEmptyTest), 0, nullptr};

constexpr cavra_interface kStorage{
    sizeof(kStorage), 0,
    cavra::abi::str(kBad == Bad::other_interface_only ? "cavra.tape/1" : CAVRA_STORAGE_V1),
    kBad == Bad::null_table ? nullptr : &kTable};
constexpr cavra_interface kBatch{sizeof(kBatch), 0, cavra::abi::str(CAVRA_STORAGE_BATCH_V1),
                                 &kEmptyBatch};
constexpr cavra_interface kTest{sizeof(kTest), 0,
                                cavra::abi::str(CAVRA_STORAGE_DESTRUCTIVE_TEST_V1), &kEmptyTest};
constexpr const cavra_interface* kInterfaces[]{&kStorage, kBad == Bad::interface_twice ? &kStorage
                                                          : kBad == Bad::empty_batch   ? &kBatch
                                                          : kBad == Bad::empty_destructive_test
                                                              ? &kTest
                                                              : nullptr};
constexpr bool kHasTwo = kBad == Bad::interface_twice || kBad == Bad::empty_batch ||
                         kBad == Bad::empty_destructive_test || kBad == Bad::hole_in_interfaces;

constexpr cavra_plugin kPlugin{
    kBad == Bad::short_struct ? 8 : sizeof(kPlugin),
    kBad == Bad::other_major ? 9 : CAVRA_ABI_MAJOR,
    kBad == Bad::other_minor ? 77 : CAVRA_ABI_MINOR,
    kBad == Bad::no_interfaces ? 100000
    : kHasTwo                  ? 2
                               : 1,
    cavra::abi::str(id()),
    cavra::abi::str("0.1.0"),
    cavra::abi::str("CAVRA tests"),
    cavra::abi::str("Apache-2.0"),
    cavra::abi::str(schema()),
    kInterfaces,
};

}  // namespace

#ifdef CAVRA_TEST_NO_ENTRY
#define CAVRA_TEST_ENTRY cavra_plugin_fetch
#else
#define CAVRA_TEST_ENTRY cavra_plugin_get
#endif

extern "C" CAVRA_EXPORT const cavra_plugin* CAVRA_TEST_ENTRY(uint32_t) {
  if (kBad == Bad::serves_nobody) return nullptr;
  if (kBad == Bad::throws_when_asked) throw std::runtime_error("ask somebody else");
  return &kPlugin;
}

// Protected symbols are exported as default ones are; they are only bound differently.
#ifdef CAVRA_TEST_PROTECTED
#define CAVRA_TEST_EXPORT __attribute__((visibility("protected")))
#else
#define CAVRA_TEST_EXPORT CAVRA_EXPORT
#endif

extern "C" CAVRA_TEST_EXPORT int cavra_test_helper();
extern "C" CAVRA_TEST_EXPORT int cavra_test_helper() {
  return 1;
}
