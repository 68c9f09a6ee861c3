// retain, hold set, hold clear, as a records manager types them.
#include <doctest/doctest.h>

#include <algorithm>

#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("later-acts");

namespace {

// An archive, and the receipt of it.
struct Archived : Workspace {
  fs::path receipt;

  Archived() {
    if (!can_lock()) return;
    init();
    bundle();
    receipt = archive();
  }
};

}  // namespace

TEST_CASE("retain keeps an archive longer, and its receipt follows the first") {
  const Archived work;
  CAVRA_NEED_LOCKS(work);
  const Words retain{"retain",   work.receipt, "--until", "2044-02-29T12:00:00+02:00",
                     "--reason", "audit 31",   "--yes"};
  const auto made = work.result(retain);
  CHECK(text_at(made, "/act") == "retain");
  CHECK(text_at(made, "/lock/retain_until") == "2044-02-29T10:00:00Z");
  CHECK(text_at(made, "/previous/0") == work.receipt.stem());
  const fs::path newest = text_at(made, "/receipt_file");
  CHECK(work.receipts().size() == 2);

  const auto store = work.tree(".cavra/worm");
  const auto again = work.result(retain);
  CHECK(at(again, "/is_new") == cavra::JsonValue(false));
  CHECK(text_at(again, "/receipt_file") == newest);
  CHECK(work.tree(".cavra/worm") == store);

  const auto all = work.result({"status", "--all"});
  CHECK(at(all, "/receipts").if_array()->size() == 1);
  CHECK(text_at(all, "/receipts/0/receipt_file") == newest);
  CHECK(text_at(work.result({"status", work.receipt}), "/receipts/0/later/0") == newest.stem());
  (void)work.done({"restore", newest, "--output", "again"});
}

TEST_CASE("a legal hold is set and cleared with a reason, and a nightly archive does not undo it") {
  const Archived work;
  CAVRA_NEED_LOCKS(work);
  const auto held = work.result({"hold", "set", work.receipt, "--reason", "case 17", "--yes"});
  const fs::path hold = text_at(held, "/receipt_file");
  CHECK(at(work.result({"status", hold}), "/receipts/0/lock/legal_hold") == cavra::JsonValue(true));
  const auto cleared = work.result({"hold", "clear", hold, "--reason", "case 17 closed", "--yes"});
  CHECK(text_at(cleared, "/previous/0") == hold.stem());
  for (const fs::path& receipt : work.receipts()) {
    CAPTURE(receipt.native());
    CHECK(at(work.result({"status", receipt}), "/receipts/0/lock/legal_hold") ==
          cavra::JsonValue(false));
  }
  CHECK(work.archive() == fs::path(text_at(cleared, "/receipt_file")));
  CHECK(at(work.result({"status", "--all"}), "/receipts/0/lock/legal_hold") ==
        cavra::JsonValue(false));
}

TEST_CASE(
    "each reason to hold has its receipt, and all of them are told before the hold is cleared") {
  const Archived work;
  CAVRA_NEED_LOCKS(work);
  const auto hold = [&work](const char* reason) {
    return work.result({"hold", "set", work.receipt, "--reason", reason, "--yes"});
  };
  CHECK(at(hold("case 17"), "/is_new") == cavra::JsonValue(true));
  CHECK(at(hold("case 17"), "/is_new") == cavra::JsonValue(false));
  CHECK(at(hold("case 18"), "/is_new") == cavra::JsonValue(true));
  CHECK(work.receipts().size() == 3);
  const Outcome cleared = work.done({"hold", "clear", work.receipt, "--reason", "closed", "--yes"});
  CHECK(contains(cleared.err, "held: case 17"));
  CHECK(contains(cleared.err, "held: case 18"));
  // The first receipt had none, so nothing of it was cleared.
  CHECK_FALSE(contains(work.done({"status", work.receipt}).out, "cleared since"));
  // A later date does not bring it back.
  const Outcome longer = work.done(
      {"archive", kBundle, "--store", "local", "--yes", "--retain-until", "2050-01-01T00:00:00Z"});
  CHECK_FALSE(contains(longer.out, "legal hold"));
}

TEST_CASE("what is asked about is told, however quiet the program is") {
  const Archived work;
  CAVRA_NEED_LOCKS(work);
  const Outcome asked =
      work.cavra({"retain", work.receipt, "--until", "2044-01-01T00:00:00Z", "--quiet"},
                 {.input = "n\n", .on_terminal = true});
  CHECK(asked.exit == 4);
  CHECK(contains(asked.err, "to be governance until 2044-01-01T00:00:00Z"));
  CHECK(contains(asked.err, "Keep it until then?"));
}

TEST_CASE("a hold that the bundle's policy signed stays cleared, too") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle({"--legal-hold"});
  const fs::path receipt = work.archive();
  (void)work.done({"hold", "clear", receipt, "--reason", "closed", "--yes"});
  const Outcome again = work.done({"archive", kBundle, "--store", "local", "--yes"});
  CHECK(contains(again.err, "was cleared"));
  CHECK(contains(work.done({"status", receipt}).out, "was cleared since"));
}

TEST_CASE("a store that was copied from the receipts alone can be held: the folder is made again") {
  const Archived work;
  CAVRA_NEED_LOCKS(work);
  fs::copy(work.receipt, work / "kept.json");
  fs::remove_all(work / ".cavra/receipts");
  fs::remove_all(work / ".cavra/state");
  (void)work.done({"hold", "set", "kept.json", "--reason", "case 17", "--yes"});
  CHECK(work.receipts().size() == 1);
}

TEST_CASE("what an act asks for and does not get") {
  const Archived work;
  CAVRA_NEED_LOCKS(work);
  const auto store = work.tree(".cavra/worm");
  const std::string until = "2044-01-01T00:00:00Z";
  work.refuses({"retain", work.receipt}, 2, {"--until TIME is missing"});
  work.refuses({"retain", work.receipt, "--until", "tomorrow", "--yes"}, 2, {"tomorrow"});
  work.refuses({"retain", work.receipt, "--until", "2030-01-01T00:00:00Z", "--yes"}, 4,
               {"never shortened"});
  work.refuses({"retain", work.receipt, "--until", "2001-01-01T00:00:00Z", "--yes"}, 4,
               {"is past"});
  work.refuses({"retain", work.receipt, "--until", until}, 4, {"nobody to ask"});
  work.refuses({"hold", "set", work.receipt, "--yes"}, 2, {"--reason TEXT is missing"});
  work.refuses({"hold", "clear", work.receipt, "--yes"}, 2, {"--reason TEXT is missing"});
  work.refuses({"hold", "set", "none.json", "--reason", "x", "--yes"}, 2, {"none.json"});
  CHECK(work.tree(".cavra/worm") == store);
  CHECK(work.receipts().size() == 1);
}

TEST_CASE("a receipt that somebody changed moves nothing") {
  const Archived work;
  CAVRA_NEED_LOCKS(work);
  const auto store = work.tree(".cavra/worm");
  REQUIRE(work.shell("chmod u+w .cavra/receipts/*; sed -i 's/\"sig\":\"..../\"sig\":\"AAAA/' "
                     ".cavra/receipts/*.json")
              .exit == 0);
  work.refuses({"hold", "clear", work.receipt, "--reason", "x", "--yes"}, 1,
               {"its name is not the digest of its bytes", "move it away"});
  REQUIRE(work.shell("mv .cavra/receipts/*.json changed.json").exit == 0);
  work.refuses({"hold", "clear", "changed.json", "--reason", "x", "--yes"}, 1,
               {"the receipt does not hold, so nothing is done by it"});
  CHECK(work.tree(".cavra/worm") == store);
}

TEST_CASE("two acts at once take turns, and both have happened") {
  const Archived work;
  CAVRA_NEED_LOCKS(work);
  const Outcome both = work.shell("cavra --quiet hold set '" + work.receipt.string() +
                                  "' --reason first --yes & a=$!\n"
                                  "cavra --quiet retain '" +
                                  work.receipt.string() +
                                  "' --until 2044-01-01T00:00:00Z --yes & b=$!\n"
                                  "wait $a; wait $b");
  CHECK_MESSAGE(both.exit == 0, both.err);
  CHECK(work.receipts().size() == 3);
  const std::string status = work.done({"status", "--all"}).out;
  CHECK(contains(status, "2044-01-01"));
  CHECK(contains(status, "legal hold"));
}

TEST_CASE("an act that waits for its turn can be interrupted") {
  const Archived work;
  CAVRA_NEED_LOCKS(work);
  const Outcome outcome = work.shell("cavra --quiet hold set '" + work.receipt.string() +
                                     "' --reason a --yes\n"
                                     "exec 9<>$(ls .cavra/state/acts/*.lock); flock 9\n"
                                     "cavra hold clear '" +
                                     work.receipt.string() +
                                     "' --reason b --yes 9>&- & act=$!\n"
                                     "sleep 0.5; kill -INT $act; wait $act && exit 1; echo $?");
  CHECK(contains(outcome.out, "130"));
  CHECK(contains(outcome.err, "another act on this archive is under way"));
  CHECK(work.receipts().size() == 2);
}

TEST_CASE("an object that is gone ends an act with exit 1, and it names the object") {
  const Archived work;
  CAVRA_NEED_LOCKS(work);
  REQUIRE(
      work.shell("cd .cavra/worm/*/*/bundle; chattr -ia . siem-event.json; rm -f siem-event.json; "
                 "chattr +i .")
          .exit == 0);
  work.refuses({"hold", "set", work.receipt, "--reason", "x", "--yes"}, 1, {"siem-event.json"});
  CHECK(work.receipts().size() == 1);
}

TEST_SUITE_END();
