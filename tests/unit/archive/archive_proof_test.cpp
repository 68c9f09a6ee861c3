// What an archive run takes for proven: what the store shows when it is asked again.
#include <doctest/doctest.h>

#include <array>

#include "archive/archive_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

TEST_CASE("a lock that is stronger than asked for is recorded as the store shows it") {
  ArchiveCase run;
  must(run.run());
  const std::string key = run.key_of("note.txt");
  run.store.latest(key)->lock.retain_until_unix_s = kRetainUntil + 5;
  run.options.folders.receipts = run.home.file("other");
  run.store.objects.erase(run.key_of("zz.md"));  // so that the receipt does not hold
  const auto outcome = must(run.run());
  CHECK(run.receipt_of(outcome).receipt.objects[1].lock.retain_until_unix_s == kRetainUntil + 5);
}

TEST_CASE("a session that answers stat from what put sent is found out") {
  ArchiveCase run;
  run.store.faults = {{Fault::drops_lock, "note.txt"}, {Fault::raise_does_nothing, ""}};
  FakeBackend cached(run.store, true);
  SUBCASE("because the prover is another opening of the store") {
    const auto outcome = archive(run.bundle, run.plan(), cached, run.prover, *run.key, run.options);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::unproven);
    CHECK(contains(outcome.error().message, "note.txt"));
    CHECK(contains(outcome.error().message, "no lock"));
    CHECK(names_in(run.receipts()).empty());
  }
  SUBCASE("and asked itself, it would pass: the other opening is what finds out") {
    CHECK(archive(run.bundle, run.plan(), cached, cached, *run.key, run.options));
  }
}

TEST_CASE("what the store does not prove is unproven, and there is no receipt") {
  struct Row {
    std::vector<FaultAt> faults;
    std::string_view word;
  };
  const std::array rows{
      Row{{{Fault::drops_lock, "note"}, {Fault::raise_does_nothing, ""}}, "no lock"},
      Row{{{Fault::drops_lock, "note"}, {Fault::raise_fails, "", ErrorCode::unsupported}}, "raise"},
      Row{{{Fault::drops_lock, "note"}, {Fault::raise_fails, "", ErrorCode::refused}}, "raise"},
      Row{{{Fault::drops_lock, "note"}, {Fault::raise_fails, "", ErrorCode::forbidden}}, "raise"},
      Row{{{Fault::shortens_lock, "note"}, {Fault::raise_does_nothing, ""}}, "02:33:21Z"},
      Row{{{Fault::forgets, "note"}}, "does not have"},
      Row{{{Fault::stores_half, "note"}}, "bytes in the store"},
      Row{{{Fault::rots, "note"}}, "SHA-256"},
      Row{{{Fault::other_version, "note"}}, "v99"},
      Row{{{Fault::incomplete, "note"}}, "not yet locked"},
      Row{{{Fault::gets_other_bytes, "note"}}, "read back"},
      Row{{{Fault::gets_more, "note"}}, "more bytes"},
      Row{{{Fault::gets_nothing, "note"}}, "does not "},
      Row{{{Fault::drops_lock, "manifest.json"}, {Fault::raise_does_nothing, ""}}, "manifest.json"},
      Row{{{Fault::drops_lock, "receipts/"}, {Fault::raise_does_nothing, ""}}, "receipts/"},
      Row{{{Fault::gets_other_bytes, "receipts/"}}, "receipts/"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.word);
    CAPTURE(row.faults.front().key_part);
    ArchiveCase run;
    run.store.faults = row.faults;
    run.check_fails(ErrorCode::unproven, row.word);
  }
}

TEST_CASE("a legal hold that the store drops is set once, and else unproven") {
  ArchiveCase run;
  run.legal_hold = true;
  SUBCASE("set") {
    run.store.faults = {{Fault::drops_hold, "note"}};
    CHECK(must(run.run()).raised == 1);
    CHECK(run.store.latest(run.key_of("note.txt"))->lock.legal_hold);
    CHECK(run.store.count("hold ") == 1);
    CHECK(run.store.count("raise ") == 0);
  }
  SUBCASE("the store has no holds") {
    run.store.faults = {{Fault::drops_hold, "note"},
                        {Fault::hold_fails, "", ErrorCode::unsupported}};
    run.check_fails(ErrorCode::unproven, "note.txt");
  }
}

TEST_CASE("the store's own digest is proof where the store checks digests, and compared") {
  ArchiveCase run;
  run.store.has_digests = true;
  SUBCASE("taken") {
    run.store.description.checks_sha256 = true;
    ArchiveCase& checked = run;
    FakeBackend prover(run.store);
    const auto outcome = must(archive(checked.bundle, checked.plan(), checked.writer, prover,
                                      *checked.key, checked.options));
    CHECK(checked.receipt_of(outcome).receipt.objects[0].proof == Proof::store_digest);
    CHECK(run.store.count("get ") == 0);
  }
  SUBCASE("differs") {
    run.store.description.checks_sha256 = true;
    run.store.faults = {{Fault::lies_about_digest, "note"}};
    FakeBackend prover(run.store);
    const auto outcome = archive(run.bundle, run.plan(), run.writer, prover, *run.key, run.options);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::unproven);
  }
  SUBCASE("not believed where the store does not check it") {
    const auto outcome = must(run.run());
    CHECK(run.receipt_of(outcome).receipt.objects[0].proof == Proof::read_back);
  }
}

TEST_CASE("two openings of two stores prove nothing") {
  ArchiveCase run;
  FakeBackend prover(run.store);
  run.store.description.identity = "fake-2";
  FakeBackend other(run.store);
  const auto outcome = archive(run.bundle, run.plan(), other, prover, *run.key, run.options);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::unproven);
  CHECK(contains(outcome.error().message, "fake-2"));
}
