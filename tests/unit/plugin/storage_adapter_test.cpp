#include "plugin/storage_adapter.hpp"

#include <thread>

#include "cavra/abi_struct.hpp"
#include "plugin/rubbish_store.hpp"

using namespace cavra;
using namespace cavra::testing;
using namespace std::string_literals;

TEST_CASE("a store that describes itself with rubbish is refused, field by field") {
  struct Row {
    const char* kind;
    const char* message;
  };
  static constexpr std::array rows{
      Row{"no location", "location is empty"},
      Row{"null with a length", "location has a length and no text"},
      Row{"endless location", "location has 18446744073709551615 bytes, more than 4096"},
      Row{"location in Latin-1", "location is not UTF-8: \"caf\\xe9\""},
      Row{"strength with an escape",
          "strength has characters that cannot be seen: \"\\u001b]0;owned\\u0007\""},
      Row{"strength with a hidden turn",
          "strength has characters that cannot be seen: \"safe\\u202eton\""},
      Row{"mode", "mode 77 does not exist"},
      Row{"prefix with a slash", "key_prefix \"a/\" cannot begin a key"},
      Row{"prefix above", "key_prefix \"a/../b\" cannot begin a key"},
      Row{"date",
          "last_retain_until_unix_s is @9223372036854775807, outside of the years 1 to 9999"},
      Row{"negative retention", "longest_retention_s is negative"},
      Row{"holds without calls", "tells of legal holds and offers no set_hold"},
      Row{"too many rights", "rights_count is 4000000000"},
      Row{"rights from nowhere", "rights is null"},
      Row{"hole in rights", "rights has a hole"},
  };
  for (const auto& [kind, message] : rows) {
    CAPTURE(kind);
    const auto opened = open_rubbish(kind);
    REQUIRE_FALSE(opened);
    CHECK(text_of(opened.error()) == "internal: " + kBug + "describe: " + message);
  }
  CHECK(open_rubbish());
}

TEST_CASE("a description takes the plugin's id and hash from what was loaded") {
  const auto opened = open_rubbish("key bytes");
  REQUIRE(opened);
  const StoreDescription& store = (*opened)->describe();
  CHECK(store.plugin_id == "org.cavra.test.rubbish");
  CHECK(store.plugin_version == "0.1.0");
  CHECK(store.plugin_sha256 == sha256(read_file(plugin_file("rubbish"))).hex());
  CHECK(store.location == "nowhere");
  CHECK((store.mode == LockMode::governance));
  CHECK(store.max_key_bytes == 1024);  // of a million that it claims
  CHECK((store.last_retain_until_unix_s == std::nullopt));
  CHECK((store.longest_retention_s == std::nullopt));
}

TEST_CASE("a store may get an identity after it was opened, once, and changes nothing else") {
  const auto opened = open_rubbish("identity later");
  REQUIRE(opened);
  const StoreDescription& first = (*opened)->describe();
  CHECK(first.identity == "identity 2");
  CHECK(first.location == "nowhere");
  CHECK(&(*opened)->describe() == &first);
  CHECK(first.identity == "identity 2");
}

TEST_CASE("an error of a plugin has the store's name in front, and is made printable") {
  const auto refused = open_rubbish("message");
  REQUIRE_FALSE(refused);
  CHECK((refused.error().code == ErrorCode::forbidden));
  CHECK_FALSE(refused.error().retryable);  // 9 is not 1
  // The length says 4 billion: what is there is taken.
  CHECK(refused.error().message == "store \"vault\": \\u001b\\xff" + std::string(510, 'x'));
  CHECK(text_of(open_rubbish("cancelled").error()) ==
        "internal: " + kBug +
            "open: says that it was cancelled, and nobody did: cancelled, and the plugin does not "
            "say why");
}

TEST_CASE("a put that goes right hands out all bytes and asks once") {
  const Opened store;
  TestSource source("0123456789");
  const auto result = store->put({}, request_for("a/b", "0123456789"), source);
  REQUIRE(result);
  CHECK(result->is_created);
  CHECK_FALSE(result->is_digest_checked);
  CHECK(result->version.empty());
  CHECK(source.finished == 1);
}

TEST_CASE("a put that breaks its duties is a failure, whatever the plugin says") {
  struct Row {
    const char* kind;
    const char* message;
  };
  static constexpr std::array rows{
      Row{"never finishes", "completed the object without asking for the verdict"},
      Row{"finishes twice", "asked for the verdict twice"},
      Row{"finishes early", "asked for the verdict after 0 bytes of 10"},
      Row{"reads beyond the end", "read at 11 of an object of 10 bytes"},
      Row{"leaves a gap", "read at 3 before the bytes from 0 on"},
      Row{"reads into nothing", "read without a place to put the bytes"},
      Row{"reads and does not listen", "read without a place to put the bytes"},
      Row{"reads from a thread", "called the host back from another thread than the call's"},
      Row{"outcome", "outcome 3 does not exist"},
      Row{"flag", "digest_checked is 2, neither 0 nor 1"},
      Row{"version length", "version says that it has 1025 bytes, where 1024 are"},
      Row{"version control", "version has characters that cannot be seen: \"\\u000a\""},
      Row{"throws", "threw an exception"},
      Row{"status", "answers with status 77, which does not exist"},
      Row{"success by another number", "answers with status 1, which does not exist"},
      Row{"cancelled by nobody",
          "says that it was cancelled, and nobody did: cancelled, and the plugin does not say "
          "why"},
  };
  for (const auto& [kind, message] : rows) {
    CAPTURE(kind);
    CHECK(put(kind) == "internal: " + kBug + "put " + quoted("a/"s + kind) + ": " + message);
  }
}

TEST_CASE("the verdict of the host is what a put returns") {
  const auto changed = [] {
    TestSource source("0123456789");
    source.verdict = Error{ErrorCode::corrupt, "member \"a\" has changed"};
    return source;
  };
  CHECK(put("b", changed()) == "corrupt: member \"a\" has changed");
  CHECK(put("renames the verdict", changed()) == "corrupt: member \"a\" has changed");
  CHECK(put("completes all the same", changed()) ==
        "corrupt: member \"a\" has changed; the plugin of store \"vault\" went on all the same");
}

TEST_CASE("a source that fails fails the put, in the source's words") {
  const auto failing = [] {
    TestSource source("0123456789");
    source.read_failure = Error{ErrorCode::io, "the disk is gone"};
    return source;
  };
  CHECK(put("b", failing()) == "io: the disk is gone");
  CHECK(put("swallows a failed read", failing()) ==
        "io: the disk is gone; the plugin of store \"vault\" went on all the same");
  TestSource thrower("0123456789");
  thrower.throws = true;
  CHECK(put("b", std::move(thrower)) == "internal: out of everything");
  TestSource shrunk("0123456789");
  shrunk.claimed_length = 20;
  CHECK(put("b", std::move(shrunk)) == "corrupt: ends after 10 bytes of 20");
}

TEST_CASE("a refusal keeps its code, whether it may be tried again, and one line") {
  const Opened store;
  TestSource source("0123456789");
  const auto busy = store->put({}, request_for("a/retry", "0123456789"), source);
  REQUIRE_FALSE(busy);
  CHECK(busy.error().retryable);
  CHECK(text_of(busy.error()) == "unavailable: store \"vault\": busy\\u000abusy");
  CHECK(put("no reason") == "refused: store \"vault\": refused, and the plugin does not say why");
}

TEST_CASE("is_cancelled reaches the plugin") {
  const CallContext cancelled{.deadline = {}, .is_cancelled = [] { return true; }};
  const Opened store;
  TestSource empty("");
  CHECK(text_of(store->put(cancelled, request_for("a/asks whether to stop", ""), empty).error()) ==
        "cancelled: store \"vault\": cancelled, and the plugin does not say why");
  CHECK(put("asks whether to stop") == "created");
  const CallContext thrower{.deadline = {}, .is_cancelled = []() -> bool { throw 1; }};
  CHECK(put("asks whether to stop", TestSource("0123456789"), thrower).starts_with("cancelled: "));
}

TEST_CASE("a put is not even tried with a key or sizes that cannot be") {
  const Opened store;
  TestSource source("0123456789");
  auto request = request_for("a/../b", "0123456789");
  CHECK((store->put({}, request, source).error().code == ErrorCode::usage));
  request = request_for("a", "012");
  CHECK((store->put({}, request, source).error().code == ErrorCode::usage));
  request = request_for("a", "0123456789");
  request.metadata_json = std::string(1025, ' ');
  CHECK((store->put({}, request, source).error().code == ErrorCode::usage));
  request = request_for("a/b", "0123456789");
  for (const char* prefix : {"a", "b/", "a/b/"}) {
    CAPTURE(prefix);
    request.archive_prefix = prefix;
    CHECK((store->put({}, request, source).error().code == ErrorCode::usage));
  }
  CHECK(source.finished == 0);
  CHECK((store->stat({}, "", "").error().code == ErrorCode::usage));
  CHECK((store->get({}, "/", "", 0, {}).error().code == ErrorCode::usage));
  CHECK((store->raise_lock({}, "a//b", "", {}).error().code == ErrorCode::usage));
}

TEST_CASE("a put that tells no version, in a store that says it has them, is refused") {
  const Opened store("versions");
  TestSource source("0123456789");
  CHECK(store->put({}, request_for("a", "0123456789"), source).error().message ==
        kBug + "put \"a\": tells no version, and of versions in describe");
}

TEST_CASE("rubbish in stat and read is refused, field by field") {
  struct Row {
    const char* kind;
    const char* message;
  };
  static constexpr std::array rows{
      Row{"mode", "mode 31 does not exist"},
      Row{"hold", "legal_hold is 2, neither 0 nor 1"},
      Row{"latest", "is_latest is 3, none of 0, 1 and 2"},
      Row{"complete", "is_complete is 2, neither 0 nor 1"},
      Row{"digest flag", "has_sha256 is 3, neither 0 nor 1"},
      Row{"late", "retain_until_unix_s is @9223372036854775807, outside of the years 1 to 9999"},
      Row{"early", "stored_at_unix_s is @-9223372036854775807, outside of the years 1 to 9999"},
      Row{"version length", "version says that it has 4294967295 bytes, where 1024 are"},
      Row{"version UTF-8", "version is not UTF-8: \"\\x80\""},
      Row{"other version", "was asked for version \"7\" and tells of version \"z\""},
      Row{"status", "answers with status -1, which does not exist"},
  };
  const Opened store;
  for (const auto& [kind, message] : rows) {
    CAPTURE(kind);
    const auto seen = store->stat({}, kind, "7");
    REQUIRE_FALSE(seen);
    CHECK(text_of(seen.error()) ==
          "internal: " + kBug + "stat " + quoted(std::string_view(kind)) + ": " + message);
    const auto read = store->read({}, kind, "7", [](auto) { return Result<void>(); });
    REQUIRE_FALSE(read);
    CHECK(text_of(read.error()) ==
          "internal: " + kBug + "read " + quoted(std::string_view(kind)) + ": " + message);
  }
  const auto seen = store->stat({}, "well", "7");
  REQUIRE(seen);
  CHECK(seen->version == "7");
  CHECK((seen->lock == Lock{}));
  CHECK((seen->sha256 == std::nullopt));
  CHECK((seen->is_latest == true));
  CHECK((store->stat({}, "latest not known", "7")->is_latest == std::nullopt));
}

TEST_CASE("get and read give the bytes, and the sink's own error") {
  const Opened store;
  CHECK(store->reads_state());
  std::string got;
  const ByteSink keep = [&](std::span<const std::byte> bytes) {
    got += as_text(bytes);
    return Result<void>();
  };
  CHECK(store->get({}, "well", "", 0, keep));
  CHECK(got == "abc");
  const ByteSink full = [](std::span<const std::byte>) -> Result<void> {
    return Error{ErrorCode::io, "the disk is full"};
  };
  CHECK(text_of(store->get({}, "well", "", 0, full).error()) == "io: the disk is full");
  CHECK(store->read({}, "well", "7", keep)->version == "7");
  CHECK(got == "abcabc");
  CHECK(text_of(store->read({}, "well", "", full).error()) == "io: the disk is full");
  CHECK(text_of(store->get({}, "swallows", "", 0, full).error()) ==
        "io: the disk is full; the plugin of store \"vault\" went on all the same");
  CHECK(text_of(store->get({}, "bytes from nowhere", "", 0, keep).error()) ==
        "internal: " + kBug + "get \"bytes from nowhere\": gave a length and no bytes");
}

TEST_CASE("rubbish in a probe and in a destructive test is refused") {
  const Opened store;
  CHECK(store->probe({}).error().message == kBug + "probe: verdict 6 does not exist");
  CHECK(Opened("negative least")->probe({}).error().message ==
        kBug + "probe: least_retention_s is -1");
  CHECK(Opened("endless least")->probe({}).error().message ==
        kBug + "probe: least_retention_s is 9223372036854775807");
  CHECK(store->has_destructive_test());
  CHECK(store->attempt({}, Attempt::remove, "cavra-probe/a", "").error().message ==
        kBug + "attempt \"cavra-probe/a\": outcome 4 does not exist");
}

TEST_CASE("the destructive test is never asked for an object outside of its folder") {
  const Opened store;
  for (const char* key : {"a", "a/cavra-probe/b", "cavra-probe", "cavra-probes/a"}) {
    CAPTURE(key);
    CHECK(text_of(store->attempt({}, Attempt::remove, key, "").error()) ==
          "refused: the destructive test is for objects below \"cavra-probe/\" alone");
  }
}

TEST_CASE("each object of a batch has an answer of its own") {
  const Opened store;
  CHECK(store->max_batch_objects() == 256);  // of a million that it claims
  const std::vector<std::string> keys{"a/b", "a/never finishes", "a/forgotten", "a/retry",
                                      "a/changed"};
  std::vector<PutRequest> requests;
  std::vector<TestSource> sources(keys.size(), TestSource("0123456789"));
  sources[4].verdict = Error{ErrorCode::corrupt, "member \"a\" has changed"};
  std::vector<BatchItem> items(keys.size());
  for (const std::string& key : keys)
    requests.push_back(request_for(key, "0123456789"));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    items[i].request = &requests[i];
    items[i].source = &sources[i];
  }
  REQUIRE(store->put_many({}, items));
  CHECK(items[0].result);
  CHECK(items[1].result.error().message ==
        kBug +
            "put_many \"a/never finishes\": completed the object without asking for the "
            "verdict");
  CHECK(items[2].result.error().message ==
        kBug + "put_many \"a/forgotten\": internal, and the plugin does not say why");
  CHECK(text_of(items[3].result.error()) == "unavailable: store \"vault\": busy\\u000abusy");
  CHECK(text_of(items[4].result.error()) == "corrupt: member \"a\" has changed");
  CHECK(store->barrier({}));

  std::vector<BatchItem> many(257, items[0]);
  CHECK((store->put_many({}, many).error().code == ErrorCode::usage));
}

TEST_CASE("lines for whoever looks for a fault are lent a log as long as the store is open") {
  const auto loaded = load_file(plugin_file("memory"));
  REQUIRE(loaded);
  StoreOptions options = store_options(JsonValue::object({{"name", "log"}}));
  std::vector<std::string> lines;
  options.log = [&lines](std::string_view line) { lines.emplace_back(line); };
  options.state_folder = "/state/stores/vault";
  {
    auto store = PluginRegistry::open_store(**loaded, options);
    REQUIRE(store);
    options.log = nullptr;
    const auto session = (*store)->session();
    store->reset();
    TestSource source("0123456789");
    auto request = request_for("a/b", "0123456789");
    request.archive_prefix = "a/";
    CHECK((*session)->put({}, request, source));
  }
  CHECK(
      (lines == std::vector<std::string>{"opens memory", "might keep hints in /state/stores/vault",
                                         "put a/b of archive a/", "closes memory"}));
}

TEST_CASE("a log takes one printable line of bounded length, and throws nothing") {
  const auto loaded = load_file(plugin_file("rubbish"));
  REQUIRE(loaded);
  StoreOptions options = store_options();
  std::vector<std::string> lines;
  options.log = [&lines](std::string_view line) {
    lines.emplace_back(line);
    throw std::runtime_error("standard error is gone");
  };
  CHECK(PluginRegistry::open_store(**loaded, options));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "\\u001b[2J\\xff, and\\u000aa second line");
  CHECK(lines[1].empty());
  CHECK(lines[2] == std::string(CAVRA_MAX_TEXT_BYTES, 'x') + "…");
}

TEST_CASE("a plugin of this release leaves alone what an older host's structs do not cover") {
  const auto loaded = load_file(plugin_file("memory"));
  REQUIRE(loaded);
  const cavra_storage_v1& table = (*loaded)->storage;
  static constexpr auto kUnused = std::uintptr_t{0x5a5a};
  auto request = abi::make<cavra_open_request>();
  request.size = offsetof(cavra_open_request, log);
  request.settings_json = abi::str(R"({"name": "older host", "sessions_wanted": 5})");
  request.log = reinterpret_cast<const cavra_log*>(kUnused);
  request.state_folder = {reinterpret_cast<const char*>(kUnused), 7};
  cavra_store* store = nullptr;
  REQUIRE(table.open(&request, &store, nullptr) == CAVRA_OK);
  auto info = abi::make<cavra_store_info>();
  info.size = offsetof(cavra_store_info, sessions_wanted);
  info.sessions_wanted = 77;
  CHECK(table.describe(store, &info, nullptr) == CAVRA_OK);
  CHECK(abi::view(info.strength).starts_with("whoever"));
  CHECK(info.sessions_wanted == 77);
  info.size = sizeof(info);
  CHECK(table.describe(store, &info, nullptr) == CAVRA_OK);
  CHECK(info.sessions_wanted == 5);
  cavra_session* session = nullptr;
  REQUIRE(table.session_open(store, &session, nullptr) == CAVRA_OK);
  cavra_lock lock{};
  lock.size = sizeof(lock);
  auto put = abi::make<cavra_put_request>();
  put.size = offsetof(cavra_put_request, archive_prefix);
  put.key = abi::str("a/b");
  put.lock = &lock;
  put.archive_prefix = {reinterpret_cast<const char*>(kUnused), 7};
  auto source = abi::make<cavra_source>();
  source.finish = [](void*) -> cavra_status { return CAVRA_OK; };
  auto result = abi::make<cavra_put_result>();
  CHECK(table.put(session, nullptr, &put, &source, &result, nullptr) == CAVRA_OK);
  table.session_close(session);
  table.close(store);
}

TEST_CASE("a session keeps its store open") {
  std::unique_ptr<StorageSession> session;
  {
    Opened store;
    session = std::move(store.session);
  }
  CHECK(session->stat({}, "well", ""));
}
