// Later acts, and what others do at the same time or did before: other acts, other receipts, keys
// that nobody trusts any more, changes without a receipt.
#include "archive/act_case.hpp"
#include "cavra/later_act.hpp"

using namespace cavra;
using namespace cavra::testing;

TEST_CASE("a receipt of a clearing that nobody trusts clears nothing") {
  ActCase test(true);
  const auto good_key =
      std::exchange(test.run.key, make_ed25519_signer(test_key("somebody"), "somebody"));
  const auto forged = test.act(ActCase::hold(ActKind::clear_hold));
  const CheckedReceipt first = test.first();
  const StatusReport report = test.status_of(first);
  CHECK_FALSE(report.hold_was_cleared);
  CHECK(report.later.empty());
  CHECK(report.findings.size() == 7);
  CHECK(std::ranges::any_of(
      report.notes, [&](const std::string& note) { return contains(note, forged.receipt_key); }));
}

TEST_CASE("two acts at once fork the chain, and the next one joins it") {
  ActCase test;
  const auto held = test.act(ActCase::hold(ActKind::set_hold));
  const auto kept = test.run.store.objects.extract(held.receipt_key);  // not seen by the other
  const auto retained = test.act(ActCase::retain());
  test.run.store.objects[held.receipt_key] = kept.mapped();
  const auto joined_receipt = test.act(ActCase::retain(kLater + 60));
  std::vector<std::string> both{held.receipt_sha256, retained.receipt_sha256};
  std::ranges::sort(both);
  const CheckedReceipt newest = test.receipt_of(joined_receipt);
  CHECK(newest.receipt.act.previous == both);
  CHECK(newest.receipt.lock.legal_hold);
  CHECK(newest.receipt.lock.retain_until_unix_s == kLater + 60);
}

TEST_CASE("nothing is done by a receipt whose key was revoked, or had ended, whatever it says") {
  ActCase test;
  const std::string code = [&] {
    std::string chosen;
    SUBCASE("revoked") {
      TrustRoot root = receipt_root("receipts");
      root.status = KeyStatus::revoked;
      test.run.roots = MapTrustRoots({root});
      chosen = "receipt.revoked";
    }
    SUBCASE("ended") {
      TrustRoot root = receipt_root("receipts");
      root.valid_until = OffsetTimestamp{{0, 0}, 0};
      test.run.roots = MapTrustRoots({root});
      chosen = "receipt.window";
    }
    return chosen;
  }();
  const CheckedReceipt receipt = test.first();
  REQUIRE(receipt.findings.size() == 1);
  CHECK(receipt.findings[0].code == code);
  const auto held = test.try_act(ActCase::hold(ActKind::set_hold), receipt);
  REQUIRE_FALSE(held);
  CHECK(held.error().code == ErrorCode::corrupt);
  CHECK(contains(held.error().message, "archive it again"));
  test.check_locks(test.run.plan().lock);
}

TEST_CASE("evidence whose own key was revoked is held all the more") {
  ActCase test;
  CheckedReceipt receipt = test.first();
  receipt.findings.push_back({"receipt.evidence_revoked", "", "the key is revoked"});
  const auto held = must(test.try_act(ActCase::hold(ActKind::set_hold), receipt));
  CHECK(held.receipt.act.previous == std::vector{test.archived.receipt_sha256});
  test.check_locks(with_hold(test.run.plan().lock));
}

TEST_CASE("where receipts cannot be looked at, nothing is changed, and nothing is called due") {
  ActCase test;
  const auto held = test.act(ActCase::hold(ActKind::set_hold));
  SUBCASE("too many names") {
    for (int i = 0; i < 4200; ++i)
      test.run.store.objects[test.run.plan().receipt_key(sha256(std::to_string(i)).hex())]
          .push_back({"v1", "", {}, 0, false});
  }
  SUBCASE("one that may not be read") {
    const std::string key = test.run.plan().receipt_key(std::string(64, 'f'));
    test.run.store.objects[key].push_back({"v1", "?", {}, 0, false});
    test.run.store.faults = {{Fault::get_fails, key, ErrorCode::forbidden}};
  }
  test.run.store.events.clear();
  for (const LaterAct& act : {ActCase::retain(), ActCase::hold(ActKind::clear_hold)})
    test.check_fails(act, ErrorCode::refused, "not all receipts");
  CHECK(test.run.store.count("raise ") + test.run.store.count("hold ") == 0);
  const StatusReport report = test.status_of(test.first());
  CHECK(std::ranges::any_of(report.findings, [](const Finding& finding) {
    return finding.code == "store.unexpected" && finding.place.ends_with("receipts/");
  }));
  CHECK_FALSE(report.is_due);
}

TEST_CASE("what was shown is what is done: an act in between ends the other") {
  ActCase test;
  test.after_plan = [&test] { (void)test.act(ActCase::hold(ActKind::set_hold, kNow + 7)); };
  test.check_fails(ActCase::hold(ActKind::clear_hold), ErrorCode::conflict, "since it was shown");
  test.check_locks(with_hold(test.run.plan().lock));
  CHECK(test.receipts() == 2);
}

TEST_CASE("an act that another one meets signs nothing") {
  ActCase test;
  // The other one is whole while this one is at its last object.
  test.run.store.on_stat = [&test, done = false](const std::string& key) mutable {
    if (done || !key.ends_with("bundle/manifest.json")) return;
    done = true;
    (void)test.act(ActCase::retain());
  };
  test.run.options.workers = 1;
  test.check_fails(ActCase::hold(ActKind::set_hold), ErrorCode::conflict, "came between");
  CHECK(test.receipts() == 2);
}

TEST_CASE("locks that somebody changes while the receipt is made leave the act unproven") {
  ActCase test;
  test.run.store.on_put = [&test](const std::string& key) {
    if (contains(key, "/receipts/"))
      test.run.store.latest(test.run.key_of("note.txt"))->lock.legal_hold = false;
  };
  test.check_fails(ActCase::hold(ActKind::set_hold), ErrorCode::unproven, "meanwhile");
}

TEST_CASE("a hold that is not on all objects, or that no receipt speaks of, is a finding") {
  ActCase test;
  const std::string prefix = test.run.plan().archive_prefix;
  test.run.store.latest(test.run.key_of("note.txt"))->lock.legal_hold = true;
  StatusReport report = test.status_of(test.first());
  CHECK(report.legal_hold);
  CHECK(joined(briefs(report.findings)) == "store.hold " + prefix + "; ");
  CHECK(contains(report.findings[0].message, "1 of 7 are"));
  for (const std::string& key : test.run.store.keys())
    test.run.store.latest(key)->lock.legal_hold = true;
  report = test.status_of(test.first());
  CHECK(joined(briefs(report.findings)) == "store.hold " + prefix + "; ");
  (void)test.act(ActCase::hold(ActKind::set_hold));
  CHECK(joined(briefs(test.status_of(test.first()).findings)).empty());
}

TEST_CASE("more receipts without a follower than one can follow: nothing is signed") {
  ActCase test;
  const CheckedReceipt first = test.first();
  for (int i = 0; i < 1030; ++i) {
    Receipt other = first.receipt;
    other.reference = std::to_string(i);
    const std::string bytes = must(sign_receipt(other, *test.run.key));
    test.run.store.objects[other.receipt_key(sha256(bytes).hex())].push_back(
        {"v1", bytes, other.lock, 1'800'000'000, false});
  }
  test.check_fails(ActCase::hold(ActKind::set_hold), ErrorCode::refused, "1024");
}

TEST_CASE("other versions above the receipts change nothing of an act and of what status proves") {
  ActCase test;
  const std::string above = test.archived.receipt_key;
  auto& versions = test.run.store.objects[above];
  versions.push_back(versions[0]);  // the same bytes again
  versions.back().version = "v8";
  versions.push_back({"v9", "not a receipt", {}, 0, false});
  const ArchiveOutcome held = test.act(test.hold(ActKind::set_hold));
  CHECK(held.receipt.act.previous == std::vector{test.archived.receipt_sha256});
  const StatusReport first = test.status_of(test.first());
  CHECK(joined(briefs(first.findings)) == "store.hidden " + above + "; ");
  CHECK(first.later == std::vector{held.receipt_sha256});
  CHECK(joined(briefs(test.status_of(test.receipt_of(held)).findings)).empty());
}

TEST_CASE("a receipt that another follows and that is gone from the store is a finding") {
  ActCase test;
  const auto held = test.act(ActCase::hold(ActKind::set_hold));
  test.run.store.objects.erase(test.archived.receipt_key);
  CHECK(joined(briefs(test.status_of(test.receipt_of(held)).findings)) ==
        "store.missing " + test.archived.receipt_key + "; ");
}
