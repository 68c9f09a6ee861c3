// A store whose plugin answers whatever the input says, and calls the host back as it likes. It
// stays within its own memory: a plugin that does not is beyond what can be checked.
#include "plugin/storage_adapter.hpp"

#include <array>
#include <deque>
#include <stdexcept>

#include "cavra/abi_struct.hpp"
#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

// The one store and the one session of a run, both the input itself.
struct Plugin {
  Input input;
  std::deque<std::string> lent;  // until close()
  int stores = 0;
  int sessions = 0;
};

Plugin* of(cavra_store* store) {
  return reinterpret_cast<Plugin*>(store);
}
Plugin* of(cavra_session* session) {
  return reinterpret_cast<Plugin*>(session);
}
// open() gets no store to find it by.
Plugin* running = nullptr;

// Mostly `usual`, so that runs go deep; now and then anything.
template <class Number>
void set(Input& input, Number& field, Number usual) {
  field = input.below(8) == 7 ? input.number<Number>() : usual;
}

cavra_str text(Plugin& plugin, std::string_view usual) {
  switch (plugin.input.below(8)) {
    case 7:
      return abi::str(plugin.lent.emplace_back(plugin.input.text(5000)));
    case 6:
      return {nullptr, plugin.input.below(2)};
    default:
      return abi::str(usual);
  }
}

template <std::size_t N>
void set_text(Input& input, char (&array)[N], std::uint32_t& length, std::string_view usual) {
  const std::string given = input.below(8) == 7 ? input.text(N) : std::string(usual);
  length = static_cast<std::uint32_t>(std::min(given.size(), N));
  std::memcpy(array, given.data(), length);
  if (input.below(32) == 31) length = input.number<std::uint32_t>();
}

// The end of every call: mostly OK, else a failure with words, or an exception.
cavra_status end(Input& input, cavra_error* error, cavra_status usual = CAVRA_OK) {
  const std::size_t kind = input.below(16);
  if (kind < 13) return usual;
  if (kind == 13) throw std::runtime_error(input.text());
  if (error != nullptr && kind == 14) {
    set_text(input, error->message, error->message_len, "it failed");
    error->retryable = input.number<std::uint8_t>();
  }
  static constexpr std::array kStatus{CAVRA_E_IO,       CAVRA_E_CANCELLED, CAVRA_E_NOT_FOUND,
                                      CAVRA_E_CONFLICT, CAVRA_E_INTERNAL,  CAVRA_E_UNPROVEN};
  return input.flag() ? kStatus.at(input.below(kStatus.size())) : input.number<cavra_status>();
}

cavra_status open(const cavra_open_request*, cavra_store** out, cavra_error* error) {
  if (running->input.below(32) != 31) {
    *out = reinterpret_cast<cavra_store*>(running);
    ++running->stores;
  }
  // What open() gave and then called a failure is the plugin's own leak.
  return *out == nullptr ? end(running->input, error) : CAVRA_OK;
}
void close(cavra_store* store) {
  --of(store)->stores;
}

cavra_status describe(cavra_store* store, cavra_store_info* info, cavra_error* error) {
  Plugin& plugin = *of(store);
  set(plugin.input, info->flags, std::uint32_t{plugin.input.flag() ? 2U : 0U});
  set(plugin.input, info->mode, CAVRA_MODE_GOVERNANCE);
  set(plugin.input, info->max_key_bytes, 0U);
  set(plugin.input, info->rights_count, 0U);
  set(plugin.input, info->last_retain_until_unix_s, CAVRA_NO_DATE);
  set(plugin.input, info->longest_retention_s, std::int64_t{0});
  if (info->rights_count > 0) info->rights = nullptr;
  info->location = text(plugin, "nowhere");
  info->identity = text(plugin, "");
  info->key_prefix = text(plugin, "box");
  info->strength = text(plugin, "anyone");
  return end(plugin.input, error);
}

cavra_status session_open(cavra_store* store, cavra_session** out, cavra_error*) {
  *out = reinterpret_cast<cavra_session*>(store);
  ++of(store)->sessions;
  return CAVRA_OK;
}
void session_close(cavra_session* session) {
  --of(session)->sessions;
}

// Reads in steps, as it should or as the input says.
cavra_status read(Input& input, const cavra_source* source) {
  std::array<char, 64> buffer;
  std::uint64_t at = 0;
  for (int step = 0; step < 16 && at < source->length; ++step) {
    std::size_t got = 0;
    std::uint64_t offset = 0;
    set(input, offset, at);
    const std::size_t length = input.below(buffer.size() + 1);
    void* const place = input.below(32) == 31 ? nullptr : buffer.data();
    const auto status =
        source->read_at(source->ctx, offset, place, length, input.below(32) == 31 ? nullptr : &got);
    if (status != CAVRA_OK && input.below(4) != 3) return status;
    require(got <= length, "the host gives no more than asked for");
    at = std::max(at, offset + got);
  }
  return CAVRA_OK;
}

cavra_status put(cavra_session* session, const cavra_call* call, const cavra_put_request* request,
                 const cavra_source* source, cavra_put_result* result, cavra_error* error) {
  Input& input = of(session)->input;
  require(request->length == source->length, "request and source are of one length");
  set(input, result->outcome, input.flag() ? CAVRA_PUT_CREATED : CAVRA_PUT_ALREADY_PRESENT);
  set(input, result->digest_checked, 0U);
  set_text(input, result->version, result->version_len, "v1");
  if (input.below(4) != 3)
    if (const auto status = read(input, source); status != CAVRA_OK) return status;
  if (call->is_cancelled(call->ctx) != 0) return CAVRA_E_CANCELLED;
  cavra_status verdict = CAVRA_OK;
  for (std::size_t times = input.below(8) == 7 ? input.below(3) : 1; times > 0; --times)
    verdict = source->finish(source->ctx);
  return end(input, error, input.below(8) == 7 ? CAVRA_OK : verdict);
}

cavra_status stat(cavra_session* session, const cavra_call*, cavra_str, cavra_str version,
                  cavra_object_info* info, cavra_error* error) {
  Input& input = of(session)->input;
  set(input, info->has_sha256, 0U);
  set(input, info->length, std::uint64_t{8});
  set(input, info->stored_at_unix_s, CAVRA_NO_DATE);
  set(input, info->mode, CAVRA_MODE_GOVERNANCE);
  set(input, info->legal_hold, 0U);
  set(input, info->retain_until_unix_s, std::int64_t{4102444800});
  set(input, info->is_latest, 1U);
  set(input, info->is_complete, 1U);
  set_text(input, info->version, info->version_len, abi::view(version));
  return end(input, error);
}

cavra_status get(cavra_session* session, const cavra_call*, cavra_str, cavra_str, std::uint64_t,
                 const cavra_sink* sink, cavra_error* error) {
  Input& input = of(session)->input;
  for (std::size_t parts = input.below(4); parts > 0; --parts) {
    const std::string part = input.text();
    const auto status =
        sink->write(sink->ctx, input.below(16) == 15 ? nullptr : part.data(), part.size());
    if (status != CAVRA_OK && input.flag()) return status;
  }
  return end(input, error);
}

cavra_status list(cavra_session* session, const cavra_call*, cavra_str prefix, std::uint32_t,
                  cavra_list_cursor* cursor, const cavra_list_sink* sink, cavra_error* error) {
  Plugin& plugin = *of(session);
  Input& input = plugin.input;
  for (std::size_t entries = input.below(6); entries > 0; --entries) {
    auto entry = abi::make<cavra_list_entry>();
    set(input, entry.kind, std::uint32_t{1} + static_cast<std::uint32_t>(input.below(3)));
    const std::string key = std::string(abi::view(prefix)) + input.text(8);
    entry.key = abi::str(key);
    if (input.below(16) == 15) entry.key = text(plugin, "elsewhere");
    entry.version = text(plugin, "v1");
    set(input, entry.stored_at_unix_s, CAVRA_NO_DATE);
    set(input, entry.is_latest, 1U);
    const auto status = sink->entry(sink->ctx, input.below(16) == 15 ? nullptr : &entry);
    if (status != CAVRA_OK && input.flag()) return status;
  }
  // Ends at the latest where the input does.
  set_text(input, cursor->text, cursor->text_len, "");
  if (input.empty()) cursor->text_len = 0;
  return end(input, error);
}

cavra_status raise_lock(cavra_session* session, const cavra_call*, cavra_str, cavra_str,
                        const cavra_lock* lock, cavra_error* error) {
  require(lock->legal_hold <= 1, "a flag is 0 or 1");
  return end(of(session)->input, error);
}
cavra_status hold(cavra_session* session, const cavra_call*, cavra_str, cavra_str,
                  cavra_error* error) {
  return end(of(session)->input, error);
}
cavra_status probe(cavra_session* session, const cavra_call*, const cavra_probe_sink* sink,
                   cavra_error* error) {
  Plugin& plugin = *of(session);
  for (std::size_t items = plugin.input.below(4); items > 0; --items) {
    auto item = abi::make<cavra_probe_item>();
    set(plugin.input, item.verdict, CAVRA_PROBE_NOTE);
    item.name = text(plugin, "name");
    item.message = text(plugin, "message");
    set(plugin.input, item.least_retention_s, std::int64_t{86400});
    const auto status = sink->item(sink->ctx, plugin.input.below(16) == 15 ? nullptr : &item);
    if (status != CAVRA_OK && plugin.input.flag()) return status;
  }
  return end(plugin.input, error);
}
cavra_status seal(cavra_session* session, const cavra_call*, cavra_str, cavra_error* error) {
  return end(of(session)->input, error);
}

cavra_status put_many(cavra_session* session, const cavra_call* call, cavra_put_item* const* items,
                      std::size_t count, cavra_error* error) {
  for (std::size_t i = 0; i < count; ++i) {
    cavra_put_item& item = *items[i];
    if (of(session)->input.below(8) != 7)
      item.status = put(session, call, item.request, item.source, item.result, item.err);
  }
  return end(of(session)->input, error);
}
cavra_status barrier(cavra_session* session, const cavra_call*, cavra_error* error) {
  return end(of(session)->input, error);
}
cavra_status attempt(cavra_session* session, const cavra_call*, std::uint32_t, cavra_str, cavra_str,
                     std::uint32_t* outcome, cavra_error* error) {
  set(of(session)->input, *outcome, CAVRA_ATTEMPT_REFUSED_BY_LOCK);
  return end(of(session)->input, error);
}

const LoadedPlugin& loaded() {
  static const LoadedPlugin plugin{
      .facts = {.name = "fuzz",
                .file = "/nowhere",
                .sha256 = {},
                .id = "org.cavra.fuzz",
                .version = "0.1.0",
                .vendor = {},
                .licence = {},
                .settings_schema = "{}",
                .abi_major = 0,
                .abi_minor = 1,
                .interfaces = {}},
      .settings = *JsonSchema::compile("{}"),
      .storage = {sizeof(cavra_storage_v1), 0, open, close, describe, session_open, session_close,
                  put, stat, get, list, raise_lock, hold, hold, probe, seal, nullptr},
      .batch = cavra_storage_batch_v1{sizeof(cavra_storage_batch_v1), 4, put_many, barrier},
      .destructive_test =
          cavra_storage_destructive_test_v1{sizeof(cavra_storage_destructive_test_v1), 0, attempt}};
  return plugin;
}

// Eight bytes, given and judged once.
class Source final : public ObjectSource {
 public:
  static constexpr std::string_view kBytes = "evidence";
  [[nodiscard]] std::uint64_t length() const override { return kBytes.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) override {
    require(offset <= kBytes.size(), "the host reads within its bytes");
    const auto part = as_bytes(kBytes.substr(offset, std::min<std::size_t>(buffer.size(), 3)));
    std::copy(part.begin(), part.end(), buffer.begin());
    read_to = std::max(read_to, offset + part.size());
    return part.size();
  }
  Result<void> finish() override {
    ++finished;
    return {};
  }
  std::uint64_t read_to = 0;
  int finished = 0;
};

template <class Value>
bool went_well(const Result<Value>& result) {
  if (result) return true;
  require_fine(result.error());
  require(result.error().code != ErrorCode::cancelled, "nobody cancelled");
  return false;
}

PutRequest request_for(std::string key) {
  PutRequest request;
  request.key = std::move(key);
  request.length = Source::kBytes.size();
  request.sha256 = sha256(Source::kBytes);
  request.lock = {LockMode::governance, 4102444800, false};
  return request;
}

void require_put(const Result<PutResult>& done, const Source& source) {
  if (!went_well(done)) return;
  require_printable(done->version);
  require(!done->is_created || (source.finished == 1 && source.read_to == source.length()),
          "what was created was read whole and judged once");
}

void try_list(StorageSession& session) {
  std::string object;
  std::string upload;
  const auto done = session.list({}, "box/", [&](const ListEntry& entry) {
    std::string& before = entry.kind == ListEntry::Kind::incomplete_upload ? upload : object;
    require(entry.key.starts_with("box/") && entry.key >= before, "a listing is in its order");
    before = entry.key;
    return Result<void>();
  });
  went_well(done);
}

void try_call(StorageSession& session, std::size_t call) {
  switch (call) {
    case 0: {
      Source source;
      require_put(session.put({}, request_for("box/a"), source), source);
      break;
    }
    case 1: {
      const auto seen = session.stat({}, "box/a", "v1");
      if (went_well(seen)) require(seen->version == "v1", "a version is the one asked for");
      break;
    }
    case 2:
      went_well(session.get({}, "box/a", "v1", 0, [](auto) { return Result<void>(); }));
      break;
    case 3:
      try_list(session);
      break;
    case 4:
      went_well(session.raise_lock({}, "box/a", "v1", {LockMode::compliance, 4102444800, true}));
      break;
    case 5:
      went_well(session.set_hold({}, "box/a", "v1"));
      went_well(session.seal({}, "box/bundle/"));
      break;
    case 6:
      if (const auto items = session.probe({}); went_well(items))
        for (const ProbeItem& item : *items)
          require_printable(item.name + item.message);
      break;
    default: {
      std::array<Source, 3> sources;
      const std::array requests{request_for("box/a"), request_for("box/b"), request_for("box/c")};
      std::array<BatchItem, 3> items;
      for (std::size_t i = 0; i < items.size(); ++i) {
        items.at(i).request = &requests.at(i);
        items.at(i).source = &sources.at(i);
      }
      if (went_well(session.put_many({}, items)))
        for (std::size_t i = 0; i < items.size(); ++i)
          require_put(items.at(i).result, sources.at(i));
      went_well(session.barrier({}));
      const auto outcome = session.attempt({}, Attempt::remove, "box/cavra-probe/a", "v1");
      went_well(outcome);
    }
  }
}

}  // namespace

void fuzz_storage_adapter(std::string_view bytes) {
  Plugin state{Input(bytes), {}};
  running = &state;
  StoreOptions options;
  options.store_name = "vault";
  options.settings = JsonValue::object();
  options.base_folder = "/";
  {
    const auto store = plugin::open_backend(loaded(), options);
    if (went_well(store)) {
      require_printable((*store)->describe().location + (*store)->describe().strength);
      const auto session = (*store)->session();
      for (int calls = 0; session && calls < 16 && !state.input.empty(); ++calls)
        try_call(**session, state.input.below(8));
    }
  }
  require(state.stores == 0 && state.sessions == 0, "what was opened is closed");
}

}  // namespace cavra::fuzz
