#include "cavra/lock_test.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "archive/archive_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

// Beside the time that FakeStore gives its objects.
constexpr std::int64_t kNow = 1'800'000'000;

constexpr std::array kActs{Attempt::remove, Attempt::overwrite, Attempt::shorten, Attempt::clear};

struct LockTestCase {
  FakeStore store;
  FakeBackend writer{store};
  FakeBackend prover{store};
  std::int64_t now = kNow;
  bool is_cancelled = false;
  std::string key = "evidence/cavra-probe/0123";

  LockTestReport run() {
    LockTestOptions options;
    options.clock = [this] { return Timestamp{now, 1}; };
    options.is_cancelled = [this] { return is_cancelled; };
    return test_lock(key, writer, prover, options);
  }
};

// "held not_shown succeeded held": in the order of the attempts.
std::string verdicts(const LockTestReport& report) {
  std::string words;
  for (const AttemptReport& each : report.attempts)
    words += (words.empty() ? "" : " ") + std::string(to_string(each.verdict));
  return words;
}

const std::string& reason(const LockTestReport& report, Attempt act) {
  const auto found = std::ranges::find(report.attempts, act, &AttemptReport::act);
  REQUIRE(found != report.attempts.end());
  return found->reason;
}

// The test ended before anything was tried.
void check_nothing_tried(LockTestCase& test, ErrorCode code, std::string_view word) {
  const auto report = test.run();
  REQUIRE(report.failure);
  CAPTURE(report.failure->message);
  CHECK(std::string_view(to_string(report.failure->code)) == to_string(code));
  CHECK(contains(report.failure->message, word));
  CHECK(report.attempts.empty());
  CHECK_FALSE(report.lock);
  CHECK(report.may_be_there);
  CHECK(test.store.count("attempt") == 0);
}

}  // namespace

TEST_CASE("a lock that holds is shown to hold against each attempt, and the object stays") {
  LockTestCase test;
  const auto report = test.run();
  CHECK_FALSE(report.failure);
  CHECK(report.findings.empty());
  CHECK(verdicts(report) == "held held held held");
  for (std::size_t i = 0; i < kActs.size(); ++i)
    CHECK((report.attempts.at(i).act == kActs.at(i)));
  CHECK(report.key == test.key);
  const Lock asked{LockMode::compliance, kNow + 61, false};  // the next whole second, and 60
  CHECK(report.asked == asked);
  CHECK(report.lock == asked);
  REQUIRE(test.store.latest(test.key) != nullptr);
  CHECK(test.store.latest(test.key)->bytes.size() < 200);
  CHECK(test.store.keys() == std::vector{test.key});
}

TEST_CASE("after each attempt the object is asked for and read back from the other opening") {
  LockTestCase test;
  test.store.has_digests = true;  // which is not asked here
  CHECK(verdicts(test.run()) == "held held held held");
  CHECK(test.store.count("put") == 1);
  CHECK(test.store.count("attempt") == 4);
  CHECK(test.store.count("stat") == 5);
  CHECK(test.store.count("get") == 5);
  FakeBackend forgetful(test.store, /*answers_from_cache=*/true);
  test.key += "4";
  test.store.attempts[Attempt::remove].does = Deed::removes;
  LockTestOptions options;
  options.clock = [] { return Timestamp{kNow, 0}; };
  const auto report = test_lock(test.key, forgetful, test.prover, options);
  CHECK((report.attempts.at(0).verdict == AttemptVerdict::succeeded));
}

TEST_CASE("what the object went through is told, whatever the plugin says of it") {
  struct Row {
    Attempt act;
    Deed does;
    const char* code;
    const char* found;
  };
  static constexpr std::array rows{
      Row{Attempt::remove, Deed::removes, "probe.delete", "the store does not have version"},
      Row{Attempt::overwrite, Deed::overwrites, "probe.overwrite", "read back"},
      Row{Attempt::shorten, Deed::shortens, "probe.shorten", "the store shows compliance until"},
      Row{Attempt::clear, Deed::clears, "probe.clear", "the store shows no lock"},
      Row{Attempt::shorten, Deed::removes, "probe.shorten", "the store does not have version"},
  };
  const std::array<Result<AttemptOutcome>, 3> words{AttemptOutcome::refused_by_lock,
                                                    AttemptOutcome::refused_by_rights,
                                                    Error{ErrorCode::forbidden, "not you"}};
  for (const Row& row : rows) {
    for (const auto& says : words) {
      CAPTURE(row.code);
      LockTestCase test;
      test.store.attempts[row.act] = {says, row.does};
      const auto report = test.run();
      CHECK_FALSE(report.failure);
      REQUIRE(report.findings.size() == 1);
      CHECK(report.findings[0].code == row.code);
      CHECK(report.findings[0].place == test.key);
      CHECK(contains(report.findings[0].message, row.found));
      CHECK(contains(reason(report, row.act), row.found));
      // The object is not what was put any more: nothing after it would show anything.
      for (const AttemptReport& each : report.attempts) {
        if (each.act < row.act) CHECK((each.verdict == AttemptVerdict::held));
        if (each.act == row.act) CHECK((each.verdict == AttemptVerdict::succeeded));
        if (each.act > row.act) {
          CHECK((each.verdict == AttemptVerdict::not_shown));
          CHECK(contains(each.reason, "not tried: the object is not what was put"));
        }
      }
      CHECK(report.attempts.size() == 4);
    }
  }
}

TEST_CASE("a plugin that says that it refused, and did it, is told on") {
  LockTestCase test;
  test.store.attempts[Attempt::clear] = {AttemptOutcome::refused_by_lock, Deed::clears};
  CHECK(contains(reason(test.run(), Attempt::clear), "though its plugin says that it was refused"));
}

TEST_CASE("a store that echoes its locks and enforces none is found out") {
  LockTestCase test;
  for (const Attempt act : kActs)
    test.store.attempts[act].says = AttemptOutcome::succeeded;
  const auto report = test.run();
  CHECK(verdicts(report) == "succeeded succeeded succeeded succeeded");
  CHECK(report.findings.size() == 4);
  CHECK(contains(reason(report, Attempt::remove), "its plugin says so"));
}

TEST_CASE("what was refused for want of a right, or could not be tried, shows nothing") {
  LockTestCase test;
  test.store.attempts[Attempt::remove].says = AttemptOutcome::refused_by_rights;
  test.store.attempts[Attempt::shorten].says = Error{ErrorCode::unsupported, "no such\x1b call"};
  const auto report = test.run();
  CHECK(verdicts(report) == "not_shown held not_shown held");
  CHECK(report.findings.empty());
  CHECK(contains(reason(report, Attempt::remove), "want of a right"));
  CHECK(reason(report, Attempt::shorten) == "it could not be tried: no such\\u001b call");
}

TEST_CASE("a version or marker above the object is said, and the object holds below it") {
  LockTestCase test;
  test.store.attempts[Attempt::remove].does = Deed::hides;
  const auto report = test.run();
  CHECK(verdicts(report) == "held held held held");
  CHECK(contains(reason(report, Attempt::remove), "below another version or a delete marker"));
}

TEST_CASE("a store that cannot be asked after an attempt ends the trying") {
  LockTestCase test;
  test.store.on_attempt = [&](Attempt act) {
    if (act == Attempt::overwrite) test.store.faults = {{Fault::stat_fails, ""}};
  };
  SUBCASE("refused") {
    const auto report = test.run();
    CHECK(verdicts(report) == "held not_shown not_shown not_shown");
    CHECK(contains(reason(report, Attempt::overwrite), "could not be asked afterwards"));
    CHECK(contains(reason(report, Attempt::clear), "not tried"));
    CHECK(report.findings.empty());
  }
  SUBCASE("and the plugin says that it went through") {
    test.store.attempts[Attempt::overwrite].says = AttemptOutcome::succeeded;
    CHECK(verdicts(test.run()) == "held succeeded not_shown not_shown");
  }
}

TEST_CASE("what goes through once the lock is over shows nothing") {
  LockTestCase test;
  test.store.attempts[Attempt::overwrite] = {AttemptOutcome::succeeded, Deed::overwrites};
  SUBCASE("by this clock, before the attempt") {
    test.store.on_attempt = [&](Attempt) { test.now = kNow + 61; };
    const auto report = test.run();
    CHECK(verdicts(report) == "held not_shown not_shown not_shown");
    CHECK(contains(reason(report, Attempt::overwrite), "not tried: the lock was over"));
  }
  SUBCASE("by this clock, while it was tried") {
    test.store.on_attempt = [&](Attempt act) {
      if (act == Attempt::overwrite) test.now = kNow + 61;
    };
    const auto report = test.run();
    CHECK(verdicts(report) == "held not_shown not_shown not_shown");
    CHECK(contains(reason(report, Attempt::overwrite), "the lock was over by then"));
    CHECK(report.findings.empty());
  }
  SUBCASE("by the store's clock, which is ahead") {
    test.now = kNow - 70;
    CHECK(verdicts(test.run()) == "not_shown not_shown not_shown not_shown");
  }
}

TEST_CASE("a lock that the store makes longer is the one that must hold") {
  LockTestCase test;
  test.store.locks_longer_s = 86400;
  test.store.attempts[Attempt::shorten].does = Deed::shortens;
  const auto report = test.run();
  CHECK(*report.lock->retain_until_unix_s == *report.asked.retain_until_unix_s + 86400);
  CHECK(verdicts(report) == "held held succeeded not_shown");
}

TEST_CASE("a lock that is not proven is not tried") {
  LockTestCase test;
  SUBCASE("dropped, and raising it changes nothing") {
    test.store.faults = {{Fault::drops_lock, ""}, {Fault::raise_does_nothing, ""}};
    check_nothing_tried(test, ErrorCode::unproven, "the store shows no lock");
  }
  SUBCASE("a date that is earlier") {
    test.store.faults = {{Fault::shortens_lock, ""}, {Fault::raise_fails, "", ErrorCode::refused}};
    check_nothing_tried(test, ErrorCode::unproven, "raising it failed");
  }
  SUBCASE("other bytes") {
    test.store.faults = {{Fault::rots, ""}};
    check_nothing_tried(test, ErrorCode::unproven, "its bytes in the store are others");
  }
  SUBCASE("an object that was never there, they say") {
    test.store.faults = {{Fault::forgets, ""}};
    check_nothing_tried(test, ErrorCode::unproven, "the store does not have version");
  }
  SUBCASE("the put fails") {
    test.store.faults = {{Fault::put_fails, "", ErrorCode::forbidden}};
    check_nothing_tried(test, ErrorCode::forbidden, "put \"evidence/cavra-probe/");
  }
}

TEST_CASE("two stores are not taken for one") {
  LockTestCase test;
  test.store.description.identity = "fake-2";
  FakeBackend prover(test.store);
  const auto report = test_lock(test.key, test.writer, prover, {});
  REQUIRE(report.failure);
  CHECK((report.failure->code == ErrorCode::unproven));
  CHECK(contains(report.failure->message, "\"fake-1\" and asked for in \"fake-2\""));
  CHECK(report.attempts.empty());
}

TEST_CASE("a store that had an object of a name made up just now is not believed") {
  LockTestCase test;
  CHECK(verdicts(test.run()) == "held held held held");
  const auto again = test.run();  // the same key
  REQUIRE(again.failure);
  CHECK((again.failure->code == ErrorCode::unproven));
  CHECK(contains(again.failure->message, "made up just now"));
}

TEST_CASE("cancelling ends the test, and what was put and tried is told") {
  LockTestCase test;
  SUBCASE("while it is put") {
    test.store.faults = {{Fault::waits_in_put, ""}};
    test.is_cancelled = true;
    const auto report = test.run();
    REQUIRE(report.failure);
    CHECK((report.failure->code == ErrorCode::cancelled));
    CHECK(report.may_be_there);
    CHECK_FALSE(report.lock);
  }
  SUBCASE("between attempts") {
    test.store.on_attempt = [&](Attempt act) { test.is_cancelled = act == Attempt::overwrite; };
    const auto report = test.run();
    REQUIRE(report.failure);
    CHECK((report.failure->code == ErrorCode::cancelled));
    CHECK(report.lock);
    CHECK(verdicts(report) == "held held not_shown not_shown");
    CHECK(contains(reason(report, Attempt::shorten), "not tried: interrupted"));
    CHECK(test.store.count("attempt") == 2);
  }
}

TEST_CASE("a key lies below the store's prefix, and is another one each time") {
  StoreDescription store;
  const std::string bare = must(lock_test_key(store));
  CHECK(bare.starts_with("cavra-probe/"));
  CHECK(bare.size() == std::string_view("cavra-probe/").size() + 32);
  CHECK(bare != must(lock_test_key(store)));
  store.key_prefix = "evidence/a";
  CHECK(must(lock_test_key(store)).starts_with("evidence/a/cavra-probe/"));
}

TEST_CASE("a store without the test, or without a lock, is said to be one before anything is put") {
  FakeStore store;
  FakeBackend backend(store);
  CHECK(check_lock_test(backend));
  SUBCASE("no test") {
    store.has_destructive_test = false;
    const auto checked = check_lock_test(backend);
    REQUIRE_FALSE(checked);
    CHECK((checked.error().code == ErrorCode::unsupported));
    CHECK(contains(checked.error().message, "org.example.fake offers no destructive test"));
  }
  SUBCASE("no lock") {
    store.description.mode = LockMode::none;
    FakeBackend without(store);
    const auto checked = check_lock_test(without);
    REQUIRE_FALSE(checked);
    CHECK((checked.error().code == ErrorCode::refused));
  }
}

TEST_CASE("an archive and its status do not see the objects of earlier tests") {
  ArchiveCase run;
  const auto before = must(run.run());
  const std::string key = must(lock_test_key(run.store.description));
  LockTestOptions options;
  options.clock = [] { return Timestamp{kNow, 0}; };
  CHECK(verdicts(test_lock(key, run.writer, run.prover, options)) == "held held held held");
  const auto again = must(run.run());
  CHECK_FALSE(again.is_new);
  CHECK(again.notes.empty());
  CHECK(again.receipt_sha256 == before.receipt_sha256);
  const auto checked = run.receipt_of(again);
  CHECK(must(status(checked, run.prover, {})).findings.empty());
}
