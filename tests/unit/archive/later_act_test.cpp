// retain, hold set, hold clear: each changes every lock, proves it, and leaves a receipt.
#include "cavra/later_act.hpp"

#include "archive/act_case.hpp"

using namespace cavra;
using namespace cavra::testing;

TEST_CASE(
    "retain gives every object and receipt the later date, and leaves a receipt that says so") {
  ActCase test;
  const auto outcome = test.act(ActCase::retain());
  Lock later = test.run.plan().lock;
  later.retain_until_unix_s = kLater;
  CHECK(outcome.is_new);
  CHECK(outcome.raised == 7);  // the archive's receipt too
  CHECK(outcome.created == 1);
  CHECK((test.run.store.archive_prefixes == std::set{test.run.plan().archive_prefix}));
  test.check_locks(later);

  const CheckedReceipt made = test.receipt_of(outcome);
  CHECK(made.findings.empty());
  CHECK(made.receipt.act == Act{ActKind::retain, kNow, {test.archived.receipt_sha256}, ""});
  CHECK(made.receipt.lock == later);
  CHECK(made.receipt.retention.retain_until_unix_s == kLater);
  CHECK(made.receipt.retention.source == "requested date");
  REQUIRE(made.receipt.objects.size() == 6);
  for (const ProvenObject& object : made.receipt.objects)
    CHECK(object.lock == later);
  CHECK(made.receipt.reference == test.first().receipt.reference);
  CHECK(test.run.store.latest(outcome.receipt_key)->bytes == read_text(outcome.receipt_file));
}

TEST_CASE("retain again to the same date writes nothing and keeps the receipt") {
  ActCase test;
  const auto first = test.act(ActCase::retain());
  test.run.store.events.clear();
  const auto second = test.act(ActCase::retain());
  CHECK_FALSE(second.is_new);
  CHECK(second.receipt_sha256 == first.receipt_sha256);
  CHECK(second.raised == 0);
  CHECK(second.created == 0);
  CHECK(test.run.store.count("raise ") == 0);
  CHECK(test.receipts() == 2);
  CHECK(test.run.store.count("get ") >= 6);  // it was proven, not believed
}

TEST_CASE("an earlier date, and one that is past, are refused before anything is changed") {
  ActCase test;
  test.check_fails(ActCase::retain(kRetainUntil - 1), ErrorCode::refused, "never shortened");
  test.check_fails(ActCase::retain(kNow), ErrorCode::refused, "is past");
  test.run.store.description.last_retain_until_unix_s = kLater - 1;
  test.check_fails(ActCase::retain(), ErrorCode::refused, "latest date that it can hold");
  CHECK(test.run.store.count("raise ") == 0);
  CHECK(test.receipts() == 1);
}

TEST_CASE("a hold is set and cleared, each with a receipt; the newest alone says how it stands") {
  ActCase test;
  const Lock plain = test.run.plan().lock;
  const auto held = test.act(ActCase::hold(ActKind::set_hold));
  test.check_locks(with_hold(plain));
  CHECK(test.receipt_of(held).receipt.act.reason == "case 17");
  CHECK(test.receipt_of(held).receipt.lock == with_hold(plain));
  CHECK(test.status_of(test.receipt_of(held)).legal_hold);

  const auto cleared = test.act(ActCase::hold(ActKind::clear_hold, kNow + 1));
  test.check_locks(plain);
  const CheckedReceipt newest = test.receipt_of(cleared);
  CHECK(newest.findings.empty());
  CHECK(newest.receipt.act.previous == std::vector{held.receipt_sha256});
  CHECK(joined(briefs(test.status_of(newest).findings)).empty());

  const StatusReport of_hold = test.status_of(test.receipt_of(held));
  CHECK(joined(briefs(of_hold.findings)).empty());
  CHECK(of_hold.hold_was_cleared);
  CHECK(of_hold.later == std::vector{cleared.receipt_sha256});
}

TEST_CASE("a hold that is gone without a receipt is a finding") {
  ActCase test;
  const auto held = test.act(ActCase::hold(ActKind::set_hold));
  test.run.store.latest(test.run.key_of("note.txt"))->lock.legal_hold = false;
  const auto findings = briefs(test.status_of(test.receipt_of(held)).findings);
  CHECK(joined(findings) == "store.lock " + test.run.key_of("note.txt") + "; ");
}

TEST_CASE("clearing where no hold stands keeps the receipt that is there") {
  ActCase test;
  const auto outcome = test.act(ActCase::hold(ActKind::clear_hold));
  CHECK_FALSE(outcome.is_new);
  CHECK(outcome.receipt_sha256 == test.archived.receipt_sha256);
  CHECK(test.receipts() == 1);
}

TEST_CASE("a hold that somebody set without a receipt is cleared with one") {
  ActCase test;
  test.run.store.latest(test.run.key_of("note.txt"))->lock.legal_hold = true;
  const auto outcome = test.act(ActCase::hold(ActKind::clear_hold));
  CHECK(outcome.is_new);
  test.check_locks(test.run.plan().lock);
}

TEST_CASE("archiving again does not set a hold that was cleared with a receipt, and says so") {
  ActCase test(true);
  test.check_locks(with_hold(test.run.plan().lock));
  const auto cleared = test.act(ActCase::hold(ActKind::clear_hold));
  test.run.store.events.clear();
  const auto again = must(test.run.run());
  CHECK_FALSE(again.is_new);
  CHECK(again.receipt_sha256 == cleared.receipt_sha256);
  CHECK_FALSE(again.receipt.lock.legal_hold);
  CHECK(has_note(again, cleared.receipt_key));
  CHECK(test.run.store.count("hold ") == 0);

  SUBCASE("nor does a later date") {
    test.run.retain_until_unix_s = kLater;
    const auto later = must(test.run.run());
    CHECK(later.receipt.act.previous == std::vector{cleared.receipt_sha256});
    CHECK(has_note(later, cleared.receipt_key));
    test.check_locks({LockMode::compliance, kLater, false});
    CHECK(test.status_of(test.first()).hold_was_cleared);
  }
  SUBCASE("once it was set again, it stands") {
    const auto held = test.act(ActCase::hold(ActKind::set_hold, kNow + 1));
    const auto kept = must(test.run.run());
    CHECK(kept.receipt_sha256 == held.receipt_sha256);
    CHECK(kept.receipt.lock.legal_hold);
    CHECK_FALSE(test.status_of(test.first()).hold_was_cleared);
  }
  test.check_locks(must(test.run.run()).receipt.lock);
}

TEST_CASE("archiving again tells the newest receipt, and takes nothing back of what it promises") {
  ActCase test;
  const auto retained = test.act(ActCase::retain());
  CHECK(must(test.run.run()).receipt_sha256 == retained.receipt_sha256);
  const auto held = test.act(ActCase::hold(ActKind::set_hold, kNow + 1));
  const auto kept = must(test.run.run());
  CHECK_FALSE(kept.is_new);
  CHECK(kept.receipt_sha256 == held.receipt_sha256);
  CHECK(kept.receipt.lock == Lock{LockMode::compliance, kLater, true});

  test.run.retain_until_unix_s = kLater + 86400;
  const auto longer = must(test.run.run());
  CHECK(longer.receipt.act.previous == std::vector{held.receipt_sha256});
  test.check_locks({LockMode::compliance, kLater + 86400, true});
  CHECK(longer.receipt.retention.retain_until_unix_s == kLater + 86400);
  CHECK(test.status_of(test.first()).later == std::vector{longer.receipt_sha256});
}

TEST_CASE("archiving again joins acts that met, and promises what both do") {
  ActCase test;
  const auto retained = test.act(ActCase::retain());
  const auto kept = test.run.store.objects.extract(retained.receipt_key).mapped();
  const auto held = test.act(ActCase::hold(ActKind::set_hold));
  test.run.store.objects[retained.receipt_key] = kept;
  const auto joined_up = must(test.run.run());
  CHECK(joined_up.is_new);
  CHECK(joined_up.receipt.act.previous.size() == 2);
  CHECK(joined_up.receipt.lock == Lock{LockMode::compliance, kLater, true});
  CHECK(joined_up.receipt.retention.retain_until_unix_s == kLater);
  CHECK(joined_up.damage.empty());
  CHECK(must(test.run.run()).receipt_sha256 == joined_up.receipt_sha256);
}

TEST_CASE("a hold that vanished without a receipt is set again by archiving") {
  ActCase test(true);
  test.run.store.latest(test.run.key_of("note.txt"))->lock.legal_hold = false;
  const auto again = must(test.run.run());
  CHECK(again.raised == 1);
  CHECK(joined(briefs(again.damage)) == "store.lock " + test.run.key_of("note.txt") + "; ");
  CHECK(test.run.store.latest(test.run.key_of("note.txt"))->lock.legal_hold);
}

TEST_CASE("an act that was ended is completed by the same words again") {
  ActCase test;
  SUBCASE("before its receipt") {
    test.run.store.faults = {{Fault::put_fails, "/receipts/"}};
    CHECK_FALSE(test.try_act(ActCase::retain(), test.first()));
    CHECK(test.receipts() == 1);
    test.run.store.faults.clear();
    CHECK(test.act(ActCase::retain()).is_new);
  }
  SUBCASE("before its receipt was locked and kept in the folder") {
    const auto made = test.act(ActCase::retain());
    test.run.store.latest(made.receipt_key)->lock = {};
    std::filesystem::remove(made.receipt_file);
    const auto again = test.act(ActCase::retain());
    CHECK_FALSE(again.is_new);
    CHECK(again.receipt_sha256 == made.receipt_sha256);
    CHECK(std::filesystem::exists(made.receipt_file));
  }
  SUBCASE("between two objects") {
    test.run.store.faults = {{Fault::raise_fails, "manifest.json"}};
    test.check_fails(ActCase::retain(), ErrorCode::io, "manifest.json");
    test.run.store.faults.clear();
    CHECK(test.act(ActCase::retain()).is_new);
  }
  Lock later = test.run.plan().lock;
  later.retain_until_unix_s = kLater;
  test.check_locks(later);
  CHECK(test.receipts() == 2);
  CHECK(names_in(test.run.staging()).empty());
}

TEST_CASE("what is not as it was archived gets no receipt of a later act") {
  ActCase test;
  const std::string key = test.run.key_of("note.txt");
  SUBCASE("other bytes") {
    test.run.store.latest(key)->bytes = "hallo\n";
    test.check_fails(ActCase::retain(), ErrorCode::corrupt, "note.txt");
  }
  SUBCASE("gone") {
    test.run.store.objects.erase(key);
    test.check_fails(ActCase::hold(ActKind::set_hold), ErrorCode::corrupt, "note.txt");
  }
  SUBCASE("a store that takes the date and does not keep it") {
    test.run.store.faults = {{Fault::raise_does_nothing, "note.txt"}};
    test.check_fails(ActCase::retain(), ErrorCode::unproven, "note.txt");
  }
  SUBCASE("a right that is missing") {
    test.run.store.faults = {{Fault::hold_fails, "note.txt", ErrorCode::forbidden}};
    test.check_fails(ActCase::hold(ActKind::set_hold), ErrorCode::forbidden, "note.txt");
  }
  CHECK(test.receipts() == 1);
}

TEST_CASE("a clearing that the store does not do is not proven") {
  ActCase test(true);
  SUBCASE("for want of a right") {
    test.run.store.faults = {{Fault::hold_fails, "note.txt", ErrorCode::forbidden}};
    test.check_fails(ActCase::hold(ActKind::clear_hold), ErrorCode::forbidden, "note.txt");
  }
  SUBCASE("though it says so") {
    test.run.store.faults = {{Fault::clear_does_nothing, "note.txt"}};
    test.check_fails(ActCase::hold(ActKind::clear_hold), ErrorCode::unproven, "note.txt");
  }
  CHECK(test.receipts() == 1);
}

TEST_CASE("a store without legal holds refuses one") {
  ActCase test;
  test.run.store.description.has_legal_hold = false;
  test.check_fails(ActCase::hold(ActKind::set_hold), ErrorCode::refused, "no legal holds");
}

TEST_CASE("a receipt that does not hold moves nothing") {
  ActCase test;
  CheckedReceipt receipt = test.first();
  receipt.findings = {{"receipt.signature", "", "somebody else signed"}};
  const auto outcome = test.try_act(ActCase::retain(), receipt);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::corrupt);
  CHECK(test.run.store.events.empty());
}

TEST_CASE("words that are no text are refused") {
  ActCase test;
  LaterAct act = ActCase::hold(ActKind::set_hold);
  act.reason = "\xff";
  test.check_fails(act, ErrorCode::usage, "reason");
  act.reason = std::string(1025, 'x');
  test.check_fails(act, ErrorCode::usage, "reason");
  test.run.options.reference = "\xff";
  test.check_fails(ActCase::retain(), ErrorCode::usage, "reference");
}
