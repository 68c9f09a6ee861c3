#include "cavra/status.hpp"

#include <doctest/doctest.h>

#include <array>

#include "archive/archive_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

struct StatusCase {
  ArchiveCase run;
  ArchiveOutcome outcome = must(run.run());
  CheckedReceipt receipt = run.receipt_of(outcome);
  StatusOptions options{.workers = 2, .now = {kRetainUntil - 1, 0}};

  [[nodiscard]] StatusReport ask() { return must(status(receipt, run.prover, options)); }
};

}  // namespace

TEST_CASE("status of a whole archive has no findings, and reads every byte") {
  StatusCase test;
  test.run.store.events.clear();
  test.run.store.has_digests = true;
  std::uint64_t told = 0;
  test.options.workers = 1;
  test.options.on_progress = [&told](std::uint64_t bytes) { told = bytes; };
  const StatusReport report = test.ask();
  CHECK(joined(briefs(report.findings)).empty());
  CHECK(report.objects == test.outcome.objects);
  CHECK(report.bytes == test.outcome.bytes);
  CHECK(told == test.outcome.bytes + test.receipt.bytes);  // the receipt is read too
  CHECK(report.retain_until_unix_s == kRetainUntil);
  CHECK_FALSE(report.legal_hold);
  CHECK_FALSE(report.is_due);
  CHECK(test.run.store.count("get ") == 7);
  CHECK(test.run.store.count("put ") + test.run.store.count("raise ") == 0);
}

TEST_CASE("each difference is a finding at its key") {
  StatusCase test;
  FakeStore& store = test.run.store;
  const std::string key = test.run.key_of("note.txt");
  std::string expected;
  SUBCASE("gone") {
    store.objects.erase(key);
    expected = "store.missing";
  }
  SUBCASE("hidden by a delete marker") {
    store.objects[key].push_back({"v2", "", {}, 0, true});
    expected = "store.hidden";
  }
  SUBCASE("hidden by another version") {
    store.objects[key].push_back({"v2", "hallo\n", {}, 0, false});
    expected = "store.hidden";
  }
  SUBCASE("another version in its place") {
    store.latest(key)->version = "v2";
    expected = "store.missing";
  }
  SUBCASE("an answer for another version") {
    store.faults = {{Fault::other_version, "note.txt"}};
    expected = "store.version";
  }
  SUBCASE("not complete") {
    store.faults = {{Fault::incomplete, "note.txt"}};
    expected = "store.lock";
  }
  SUBCASE("another size") {
    store.latest(key)->bytes = "hello";
    expected = "store.size";
  }
  SUBCASE("other bytes") {
    store.latest(key)->bytes = "hallo\n";
    store.has_digests = true;
    store.faults = {{Fault::lies_about_digest, "note.txt"}};
    expected = "store.digest";
  }
  SUBCASE("other bytes given than stored") {
    store.faults = {{Fault::gets_other_bytes, "note.txt"}};
    expected = "store.digest";
  }
  SUBCASE("not to be read") {
    store.faults = {{Fault::gets_nothing, "note.txt"}};
    expected = "store.missing";
  }
  SUBCASE("the store says that it is rotten") {
    store.faults = {{Fault::get_fails, "note.txt", ErrorCode::corrupt}};
    expected = "store.digest";
  }
  SUBCASE("a shorter lock") {
    *store.latest(key)->lock.retain_until_unix_s -= 1;
    expected = "store.lock";
  }
  SUBCASE("a weaker mode") {
    store.latest(key)->lock.mode = LockMode::governance;
    expected = "store.lock";
  }
  SUBCASE("stored at another time") {
    store.latest(key)->stored_at_unix_s += 1;
    expected = "store.time";
  }
  const StatusReport report = test.ask();
  CHECK(joined(briefs(report.findings)) == expected + " " + key + "; ");
  CHECK(report.findings.at(0).message.size() > 20);
}

TEST_CASE("a weaker lock and other bytes are both told, and findings are sorted by key") {
  StatusCase test;
  FakeStore& store = test.run.store;
  store.latest(test.run.key_of("zz.md"))->bytes = "# lost\n";
  store.latest(test.run.key_of("zz.md"))->lock = {};
  store.objects.erase(test.run.key_of("evidence.json"));
  CHECK(joined(briefs(test.ask().findings)) ==
        "store.missing " + test.run.key_of("evidence.json") + "; store.digest " +
            test.run.key_of("zz.md") + "; store.lock " + test.run.key_of("zz.md") + "; ");
}

TEST_CASE("the receipt in the store is asked for too") {
  StatusCase test;
  const std::string key = test.outcome.receipt_key;
  std::string expected;
  SUBCASE("gone") {
    test.run.store.objects.erase(key);
    expected = "store.missing";
  }
  SUBCASE("unlocked") {
    test.run.store.latest(key)->lock = {};
    expected = "store.lock";
  }
  SUBCASE("changed") {
    test.run.store.latest(key)->bytes.front() = '[';
    expected = "store.digest";
  }
  CHECK(joined(briefs(test.ask().findings)) == expected + " " + key + "; ");
}

TEST_CASE("what lies below bundle/ and is not in the receipt is a finding") {
  StatusCase test;
  const std::string rogue = test.run.plan().bundle_prefix + "rogue";
  test.run.store.objects[rogue].push_back({"v1", "x", {}, 0, false});
  test.run.store.objects[test.run.plan().receipts_prefix + "later"].push_back(
      {"v1", "x", {}, 0, false});
  CHECK(joined(briefs(test.ask().findings)) == "store.unexpected " + rogue + "; ");
}

TEST_CASE("an archive is due when every date has passed and no hold stands") {
  StatusCase test;
  FakeStore& store = test.run.store;
  const std::string key = test.run.key_of("note.txt");
  SUBCASE("at the date") {
    test.options.now = {kRetainUntil, 0};
    CHECK(test.ask().is_due);
  }
  SUBCASE("just before") {
    test.options.now = {kRetainUntil - 1, 999'999'999};
    CHECK_FALSE(test.ask().is_due);
  }
  SUBCASE("one object has longer") {
    test.options.now = {kRetainUntil, 0};
    store.latest(key)->lock.retain_until_unix_s = kRetainUntil + 1;
    const StatusReport report = test.ask();
    CHECK_FALSE(report.is_due);
    CHECK(report.retain_until_unix_s == kRetainUntil);
  }
  SUBCASE("one object is held") {
    test.options.now = {kRetainUntil, 0};
    store.latest(key)->lock.legal_hold = true;
    const StatusReport report = test.ask();
    CHECK(report.legal_hold);
    CHECK_FALSE(report.is_due);
  }
  SUBCASE("one object has no date") {
    store.latest(key)->lock.retain_until_unix_s.reset();
    CHECK_FALSE(test.ask().retain_until_unix_s);
  }
  SUBCASE("nothing is there") {
    store.objects.clear();
    const StatusReport report = test.ask();
    CHECK(report.objects == 0);
    CHECK_FALSE(report.is_due);
    CHECK_FALSE(report.retain_until_unix_s);
    CHECK(report.findings.size() == 7);
  }
}

TEST_CASE("a store that cannot be asked is an error, not a finding") {
  StatusCase test;
  SUBCASE("stat") {
    test.run.store.faults = {{Fault::stat_fails, "note", ErrorCode::io}};
  }
  SUBCASE("get") {
    test.run.store.faults = {{Fault::get_fails, "note", ErrorCode::io}};
  }
  SUBCASE("list") {
    test.run.store.faults = {{Fault::list_fails, "", ErrorCode::io}};
  }
  SUBCASE("session") {
    test.run.prover.session_error = Error{ErrorCode::io, "no session"};
  }
  const auto report = status(test.receipt, test.run.prover, test.options);
  REQUIRE_FALSE(report);
  CHECK(report.error().code == ErrorCode::io);
}

TEST_CASE("status can be cancelled") {
  StatusCase test;
  test.options.is_cancelled = [] { return true; };
  CHECK(status(test.receipt, test.run.prover, test.options).error().code == ErrorCode::cancelled);
}

TEST_CASE("a receipt of another store is not asked for here") {
  StatusCase test;
  SUBCASE("identity") {
    test.run.store.description.identity = "fake-2";
  }
  SUBCASE("plugin") {
    test.run.store.description.plugin_id = "org.example.other";
  }
  FakeBackend other(test.run.store);
  test.run.store.events.clear();
  const auto report = status(test.receipt, other, test.options);
  REQUIRE_FALSE(report);
  CHECK(report.error().code == ErrorCode::usage);
  CHECK(contains(report.error().message, "the receipt is of"));
  CHECK(test.run.store.events.empty());
}

TEST_CASE("where there is no store any more, nothing is called missing from it") {
  StatusCase test;
  test.run.store.description.identity = "";
  FakeBackend other(test.run.store);
  const auto report = status(test.receipt, other, test.options);
  REQUIRE_FALSE(report);
  CHECK(report.error().code == ErrorCode::unavailable);
  CHECK(contains(report.error().message, "is its disk mounted?"));
}

TEST_CASE("a receipt of a store without an identity is asked for all the same") {
  StatusCase test;
  test.run.store.description.identity = "";
  test.receipt.receipt.store_identity = "";
  FakeBackend other(test.run.store);
  CHECK(status(test.receipt, other, test.options));
}
