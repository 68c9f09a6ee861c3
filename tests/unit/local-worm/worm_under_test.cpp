#include "worm_under_test.hpp"

#include <dlfcn.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "cavra/support/encoding.hpp"

namespace worm_test {
namespace {

namespace fs = std::filesystem;

cavra_str lend(std::string_view text) {
  return {text.data(), text.size()};
}
std::string own(cavra_str text) {
  return text.len == 0 ? "" : std::string(text.data, text.len);
}

template <class Struct>
Struct make() {
  Struct value{};
  value.size = sizeof(Struct);
  return value;
}

template <class Table>
const Table& find_table(std::string_view name) {
  for (std::uint32_t i = 0; i < plugin().interface_count; ++i) {
    const cavra_interface& interface = *plugin().interfaces[i];
    if (own(interface.name) == name) return *static_cast<const Table*>(interface.table);
  }
  throw std::runtime_error("no " + std::string(name));
}

const cavra_storage_v1& table() {
  return find_table<cavra_storage_v1>(CAVRA_STORAGE_V1);
}
const cavra_storage_batch_v1& batch_table() {
  return find_table<cavra_storage_batch_v1>(CAVRA_STORAGE_BATCH_V1);
}

const cavra_storage_destructive_test_v1& destructive_test_table() {
  return find_table<cavra_storage_destructive_test_v1>(CAVRA_STORAGE_DESTRUCTIVE_TEST_V1);
}

// Calls `body` with an error to fill.
template <class Body>
Answer ask(Body body) {
  auto error = make<cavra_error>();
  Answer answer;
  answer.status = body(&error);
  if (answer.status != CAVRA_OK) {
    answer.message.assign(error.message, error.message_len);
    answer.is_retryable = error.retryable != 0;
    CHECK(error.code == answer.status);
    CHECK_FALSE(answer.message.empty());
    CHECK(cavra::printable(answer.message, 600) == answer.message);
  }
  return answer;
}

cavra_call call_of(const Stop& stop) {
  auto call = make<cavra_call>();
  call.deadline_monotonic_ms = stop.deadline_monotonic_ms;
  call.ctx = const_cast<Stop*>(&stop);
  call.is_cancelled = [](void* ctx) -> std::uint32_t {
    const auto& asked = *static_cast<const Stop*>(ctx);
    return asked.is_cancelled && asked.is_cancelled() ? 1 : 0;
  };
  return call;
}

cavra_lock lock_of(const Wish& wish) {
  auto lock = make<cavra_lock>();
  lock.mode = wish.mode;
  lock.retain_until_unix_s = wish.retain_until;
  lock.legal_hold = wish.legal_hold ? 1 : 0;
  return lock;
}

// No SHA-256, but of its size and different for different texts: the plugin computes none.
std::array<std::uint8_t, 32> digest_of(const std::string& text) {
  const std::string hash = std::to_string(std::hash<std::string>{}(text));
  std::array<std::uint8_t, 32> digest{};
  std::ranges::copy(hash, digest.begin());
  return digest;
}

}  // namespace

// ---- the plugin --------------------------------------------------------------------------------

const cavra_plugin& plugin() {
  static const cavra_plugin* const loaded = [] {
    void* const library = ::dlopen(CAVRA_LOCAL_WORM_SO, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(::dlerror());
    const auto get = reinterpret_cast<cavra_plugin_get_fn>(::dlsym(library, CAVRA_PLUGIN_SYMBOL));
    return get(CAVRA_ABI_MAJOR);
  }();
  return *loaded;
}

namespace {

Answer open_store(const std::string& settings, const std::string& base, cavra_store** out) {
  auto request = make<cavra_open_request>();
  request.max_sessions = 2;
  request.settings_json = lend(settings);
  request.base_folder = lend(base);
  request.max_buffer_bytes = 4U << 20;
  return ask([&](cavra_error* error) { return table().open(&request, out, error); });
}

}  // namespace

Store::Store(const fs::path& root, bool is_advisory) {
  const std::string require = is_advisory ? R"(,"require":"advisory")" : "";
  opened = open_store(R"({"root":")" + root.string() + "\"" + require + "}", "/", &store_);
}
Store::~Store() {
  table().close(store_);
}

cavra_store_info Store::describe() {
  auto info = make<cavra_store_info>();
  CHECK(table().describe(store_, &info, nullptr) == CAVRA_OK);
  return info;
}
std::string Store::identity() {
  return own(describe().identity);
}

Answer try_open(const std::string& settings_json, const std::string& base_folder) {
  cavra_store* store = nullptr;
  const Answer answer = open_store(settings_json, base_folder, &store);
  table().close(store);
  return answer;
}

Session::Session(cavra_store* store) {
  if (store == nullptr || table().session_open(store, &session_, nullptr) != CAVRA_OK)
    throw std::runtime_error("no session");
}
Session::~Session() {
  table().session_close(session_);
}

namespace {

// All that one put lends.
struct Lent {
  Lent(const std::string& key, const Bytes& what, const Wish& wish)
      : bytes(what), lock(lock_of(wish)) {
    source.length = bytes.announced == UINT64_MAX ? bytes.text.size() : bytes.announced;
    source.ctx = this;
    source.read_at = read;
    source.finish = [](void* ctx) -> cavra_status {
      auto& mine = *static_cast<Lent*>(ctx);
      CHECK_FALSE(mine.is_finished);  // once
      mine.is_finished = true;
      return mine.bytes.verdict;
    };
    request.key = lend(key);
    request.length = source.length;
    const auto digest = digest_of(bytes.digest_of.value_or(bytes.text));
    std::ranges::copy(digest, request.sha256);
    request.media_type = lend("application/json");
    request.metadata_json = lend(R"({"member":"a"})");
    request.lock = &lock;
  }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;

  static cavra_status read(void* ctx, std::uint64_t offset, void* buffer, std::size_t length,
                           std::size_t* got) {
    const Bytes& bytes = static_cast<Lent*>(ctx)->bytes;
    if (bytes.on_read) bytes.on_read(offset);
    if (offset > bytes.text.size()) return CAVRA_E_USAGE;
    *got = std::min({length, bytes.text.size() - offset, bytes.most_a_read});
    std::memcpy(buffer, bytes.text.data() + offset, *got);
    return CAVRA_OK;
  }

  Session::Put outcome(const Answer& answer) const {
    Session::Put put;
    static_cast<Answer&>(put) = answer;
    put.outcome = result.outcome;
    if (put.status == CAVRA_OK) CHECK(result.digest_checked == 0);
    if (put.outcome == CAVRA_PUT_CREATED) CHECK(is_finished);
    return put;
  }

  const Bytes& bytes;
  cavra_lock lock;
  cavra_source source = make<cavra_source>();
  cavra_put_request request = make<cavra_put_request>();
  cavra_put_result result = make<cavra_put_result>();
  bool is_finished = false;
};

}  // namespace

Session::Put Session::put(const std::string& key, const Bytes& bytes, const Wish& wish,
                          const Stop& stop) {
  Lent lent(key, bytes, wish);
  const cavra_call call = call_of(stop);
  const Answer answer = ask([&](cavra_error* error) {
    return table().put(session_, &call, &lent.request, &lent.source, &lent.result, error);
  });
  return lent.outcome(answer);
}

std::vector<Session::Put> Session::put_many(const std::vector<Object>& objects, const Stop& stop) {
  std::vector<std::unique_ptr<Lent>> lents;
  std::vector<cavra_error> errors(objects.size(), make<cavra_error>());
  std::vector<cavra_put_item> items(objects.size(), make<cavra_put_item>());
  std::vector<cavra_put_item*> pointers;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    lents.push_back(std::make_unique<Lent>(objects[i].key, objects[i].bytes, objects[i].wish));
    items[i].request = &lents[i]->request;
    items[i].source = &lents[i]->source;
    items[i].result = &lents[i]->result;
    items[i].err = &errors[i];
    pointers.push_back(&items[i]);
  }
  const cavra_call call = call_of(stop);
  const Answer all = ask([&](cavra_error* error) {
    return batch_table().put_many(session_, &call, pointers.data(), pointers.size(), error);
  });
  std::vector<Put> puts;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    Answer answer{.status = items[i].status,
                  .message = std::string(errors[i].message, errors[i].message_len)};
    puts.push_back(lents[i]->outcome(all.status == CAVRA_OK ? answer : all));
  }
  return puts;
}

Answer Session::barrier(const Stop& stop) {
  const cavra_call call = call_of(stop);
  return ask([&](cavra_error* error) { return batch_table().barrier(session_, &call, error); });
}

Session::Stat Session::stat(const std::string& key, const std::string& version) {
  const Stop stop;
  const cavra_call call = call_of(stop);
  Stat stat;
  stat.info = make<cavra_object_info>();
  static_cast<Answer&>(stat) = ask([&](cavra_error* error) {
    return table().stat(session_, &call, lend(key), lend(version), &stat.info, error);
  });
  return stat;
}

Session::Get Session::get(const std::string& key, std::uint64_t offset, const Stop& stop,
                          std::size_t most) {
  struct Taking {
    std::string text;
    std::size_t most;
  } taking{{}, most};
  auto sink = make<cavra_sink>();
  sink.ctx = &taking;
  sink.write = [](void* ctx, const void* data, std::size_t length) -> cavra_status {
    auto& mine = *static_cast<Taking*>(ctx);
    if (mine.text.size() + length > mine.most) return CAVRA_E_CORRUPT;
    mine.text.append(static_cast<const char*>(data), length);
    return CAVRA_OK;
  };
  const cavra_call call = call_of(stop);
  Get get;
  static_cast<Answer&>(get) = ask([&](cavra_error* error) {
    return table().get(session_, &call, lend(key), lend(""), offset, &sink, error);
  });
  get.text = std::move(taking.text);
  return get;
}

Session::Page Session::list_page(const std::string& prefix, std::uint32_t limit,
                                 const std::string& cursor) {
  Page page;
  auto place = make<cavra_list_cursor>();
  REQUIRE(cursor.size() <= sizeof(place.text));
  std::ranges::copy(cursor, place.text);
  place.text_len = static_cast<std::uint32_t>(cursor.size());
  auto sink = make<cavra_list_sink>();
  sink.ctx = &page;
  sink.entry = [](void* ctx, const cavra_list_entry* entry) -> cavra_status {
    auto& mine = *static_cast<Page*>(ctx);
    mine.keys.push_back(own(entry->key));
    mine.lengths.push_back(entry->length);
    CHECK(entry->kind == CAVRA_ENTRY_OBJECT);
    return CAVRA_OK;
  };
  const Stop stop;
  const cavra_call call = call_of(stop);
  static_cast<Answer&>(page) = ask([&](cavra_error* error) {
    return table().list(session_, &call, lend(prefix), limit, &place, &sink, error);
  });
  page.cursor.assign(place.text, place.text_len);
  return page;
}

Session::Page Session::list(const std::string& prefix, std::uint32_t limit) {
  Page all;
  std::string cursor;
  do {
    const Page page = list_page(prefix, limit, cursor);
    all.status = page.status;
    all.message = page.message;
    all.keys.insert(all.keys.end(), page.keys.begin(), page.keys.end());
    all.lengths.insert(all.lengths.end(), page.lengths.begin(), page.lengths.end());
    cursor = page.cursor;
  } while (all.status == CAVRA_OK && !cursor.empty());
  return all;
}

Answer Session::raise(const std::string& key, const Wish& wish) {
  const cavra_lock lock = lock_of(wish);
  const Stop stop;
  const cavra_call call = call_of(stop);
  return ask([&](cavra_error* error) {
    return table().raise_lock(session_, &call, lend(key), lend(""), &lock, error);
  });
}

Answer Session::set_hold(const std::string& key) {
  const Stop stop;
  const cavra_call call = call_of(stop);
  return ask([&](cavra_error* error) {
    return table().set_hold(session_, &call, lend(key), lend(""), error);
  });
}

Answer Session::clear_hold(const std::string& key) {
  const Stop stop;
  const cavra_call call = call_of(stop);
  return ask([&](cavra_error* error) {
    return table().clear_hold(session_, &call, lend(key), lend(""), error);
  });
}

Answer Session::seal(const std::string& prefix) {
  const Stop stop;
  const cavra_call call = call_of(stop);
  return ask(
      [&](cavra_error* error) { return table().seal(session_, &call, lend(prefix), error); });
}

Session::Attempt Session::attempt(std::uint32_t act, const std::string& key,
                                  const std::string& version) {
  const Stop stop;
  const cavra_call call = call_of(stop);
  Attempt attempt;
  static_cast<Answer&>(attempt) = ask([&](cavra_error* error) {
    return destructive_test_table().attempt(session_, &call, act, lend(key), lend(version),
                                            &attempt.outcome, error);
  });
  return attempt;
}

Session::Probe Session::probe() {
  Probe probe;
  auto sink = make<cavra_probe_sink>();
  sink.ctx = &probe;
  sink.item = [](void* ctx, const cavra_probe_item* item) -> cavra_status {
    static_cast<Probe*>(ctx)->items.push_back({item->verdict, own(item->name), own(item->message)});
    return CAVRA_OK;
  };
  const Stop stop;
  const cavra_call call = call_of(stop);
  static_cast<Answer&>(probe) =
      ask([&](cavra_error* error) { return table().probe(session_, &call, &sink, error); });
  return probe;
}

const Session::Probe::Item* Session::Probe::find(std::string_view name) const {
  const auto at = std::ranges::find(items, name, &Item::name);
  return at == items.end() ? nullptr : &*at;
}

}  // namespace worm_test
