// The stores of tests/plugins/memory_store.cpp, through the host: that the honest one is honest,
// and that each lie is the one that others test with.
#include <cstdint>
#include <ctime>

#include "plugin/plugin_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

constexpr Lock kWanted{LockMode::governance, 4102444800, false};

std::unique_ptr<StorageBackend> open_store(const std::string& plugin, const std::string& name) {
  const auto loaded = load_file(plugin_file(plugin));
  REQUIRE(loaded);
  auto opened = PluginRegistry::open_store(
      **loaded, store_options(JsonValue::object({{"name", name}, {"prefix", "box"}})));
  REQUIRE(opened);
  return *std::move(opened);
}

PutResult put(StorageSession& session, const std::string& key) {
  TestSource source("evidence");
  const auto done = session.put({}, request_for(key, "evidence"), source);
  REQUIRE(done);
  return *done;
}

// What the session that put says, and another session.
struct Told {
  Lock same;
  Lock other;
};
Told put_and_ask(const std::string& plugin) {
  const auto store = open_store(plugin, "told");
  auto first = store->session();
  auto second = store->session();
  REQUIRE(first);
  REQUIRE(second);
  const PutResult done = put(**first, "box/a");
  const auto same = (*first)->stat({}, "box/a", done.version);
  const auto other = (*second)->stat({}, "box/a", done.version);
  REQUIRE(same);
  REQUIRE(other);
  return {same->lock, other->lock};
}

}  // namespace

TEST_CASE("the honest store keeps bytes, versions and locks") {
  const auto store = open_store("memory", "honest");
  CHECK(store->describe().key_prefix == "box");
  CHECK(store->describe().has_versions);
  const auto opened = store->session();
  REQUIRE(opened);
  StorageSession& session = **opened;

  const PutResult first = put(session, "box/a");
  CHECK(first.is_created);
  const PutResult again = put(session, "box/a");
  CHECK_FALSE(again.is_created);
  CHECK(again.version == first.version);
  TestSource others("otherwise");
  const auto refused = session.put({}, request_for("box/a", "otherwise"), others);
  REQUIRE_FALSE(refused);
  CHECK((refused.error().code == ErrorCode::conflict));

  const auto seen = session.stat({}, "box/a", first.version);
  REQUIRE(seen);
  CHECK(seen->length == 8);
  CHECK((seen->lock == kWanted));
  std::string bytes;
  CHECK(session.get({}, "box/a", "", 3, [&](std::span<const std::byte> part) {
    bytes += as_text(part);
    return Result<void>();
  }));
  CHECK(bytes == "dence");
  bytes.clear();
  CHECK(session.reads_state());
  const auto read = session.read({}, "box/a", first.version, [&](std::span<const std::byte> part) {
    bytes += as_text(part);
    return Result<void>();
  });
  REQUIRE(read);
  CHECK(bytes == "evidence");
  CHECK(read->version == first.version);
  CHECK((read->lock == kWanted));

  CHECK(session.raise_lock({}, "box/a", "", {LockMode::advisory, 4102444900, true}));
  const Lock raised{LockMode::governance, 4102444900, true};
  CHECK((session.stat({}, "box/a", "")->lock == raised));
  CHECK(session.clear_hold({}, "box/a", ""));
  CHECK_FALSE(session.stat({}, "box/a", "")->lock.legal_hold);
  CHECK(session.probe({})->size() == 1);
  CHECK((session.stat({}, "box/b", "").error().code == ErrorCode::not_found));
}

TEST_CASE("the honest store lists in pages and takes batches") {
  const auto store = open_store("memory", "many");
  const auto session = store->session();
  REQUIRE(session);
  std::vector<PutRequest> requests;
  for (int i = 0; i < 2100; ++i)
    requests.push_back(request_for("box/" + std::to_string(100000 + i), "evidence"));
  std::vector<TestSource> sources(requests.size(), TestSource("evidence"));
  const std::size_t most = (*session)->max_batch_objects();
  CHECK(most == 16);
  for (std::size_t from = 0; from < requests.size(); from += most) {
    std::vector<BatchItem> items(std::min(most, requests.size() - from));
    for (std::size_t i = 0; i < items.size(); ++i) {
      items[i].request = &requests[from + i];
      items[i].source = &sources[from + i];
    }
    REQUIRE((*session)->put_many({}, items));
    for (const BatchItem& item : items)
      REQUIRE(item.result);
  }
  CHECK((*session)->barrier({}));
  std::size_t told = 0;
  CHECK((*session)->list({}, "box/", [&](const ListEntry& entry) {
    CHECK(entry.key == requests.at(told++).key);
    return Result<void>();
  }));
  CHECK(told == requests.size());
}

TEST_CASE("two openings with the same settings are one store") {
  const auto writer = open_store("memory", "shared");
  const auto prover = open_store("memory", "shared");
  const auto other = open_store("memory", "not shared");
  const auto done = put(**writer->session(), "box/a");
  CHECK((*prover->session())->stat({}, "box/a", done.version));
  CHECK_FALSE((*other->session())->stat({}, "box/a", done.version));
}

TEST_CASE("the cache tells its own session what it sent, and others the truth") {
  const Told told = put_and_ask("cache");
  CHECK((told.same == kWanted));
  CHECK((told.other == Lock{}));
}

TEST_CASE("the store that drops locks says yes and keeps none") {
  const Told told = put_and_ask("drops-lock");
  CHECK((told.same == Lock{}));
  CHECK((told.other == Lock{}));
}

TEST_CASE("the store that echoes locks is found out by the destructive test alone") {
  const Told told = put_and_ask("echo");
  CHECK((told.same == kWanted));
  CHECK((told.other == kWanted));
  const auto attack = [](const char* plugin) {
    const auto store = open_store(plugin, "attacked");
    const auto session = store->session();
    REQUIRE(session);
    put(**session, "box/cavra-probe/a");
    return *(*session)->attempt({}, Attempt::overwrite, "box/cavra-probe/a", "");
  };
  CHECK((attack("echo") == AttemptOutcome::succeeded));
  CHECK((attack("memory") == AttemptOutcome::refused_by_lock));
}
