// Stores that went away, were changed, or cannot take an archive: what is told, and when.
#include <doctest/doctest.h>

#include "cavra/json.hpp"
#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("errors");

namespace {

const Words kArchive{"archive", kBundle, "--store", "local", "--yes"};

}  // namespace

TEST_CASE("a disk that is not mounted does not become a new store in silence") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const fs::path receipt = work.archive();
  work.replace_in(".cavra/config.json", "\"worm\"", "\"elsewhere\"");
  work.refuses(kArchive, 3, {"is its disk mounted?", ".cavra/state/stores/local.identity"});
  CHECK_FALSE(fs::exists(work / ".cavra/elsewhere"));
  work.refuses({"status", receipt}, 3, {"is its disk mounted?"});
  work.refuses({"restore", receipt, "--output", "restored"}, 3, {"is its disk mounted?"});
  // Meant: then it is a new store, and that is said.
  fs::remove(work / ".cavra/state/stores/local.identity");
  CHECK(contains(work.done(kArchive).err, "a new store"));
  work.refuses({"status", receipt}, 2, {"identity"});
}

TEST_CASE("what is noted of a store and cannot be read is no new store either") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  work.archive();
  REQUIRE(work.shell("for f in .cavra/state/stores/*; do : >$f; done").exit == 0);
  work.refuses(kArchive, 2, {"names no store", "remove it"});
  REQUIRE(work.shell("for f in .cavra/state/stores/*; do rm $f; mkdir $f; done").exit == 0);
  work.refuses(kArchive, 2, {"local.identity"});
}

TEST_CASE("what refuses one of several stores is told before anything is stored") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  work.replace_in(".cavra/config.json", "\"stores\": {",
                  "\"stores\": { \"unfit\": { \"plugin\": \"local-worm\", \"settings\": "
                  "{ \"root\": \"config.json/worm\" } },");
  const Outcome outcome = work.cavra({"archive", kBundle, "--store", "local", "--store", "unfit"},
                                     {.input = "n\n", .on_terminal = true});
  CHECK(outcome.exit == 4);
  CHECK(contains(outcome.err, "store \"unfit\""));
  CHECK(outcome.err.find("store \"unfit\"") < outcome.err.find("Lock it?"));
  CHECK_FALSE(fs::exists(work / ".cavra/worm"));
}

TEST_CASE("a receipts folder that cannot be written to is found out before the first byte") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  work.write(".cavra/receipts", "no folder");
  work.refuses(kArchive, 2, {"receipts folder"});
  CHECK_FALSE(fs::exists(work / ".cavra/worm"));
}

TEST_CASE("what is wrong with the configured receipt key is told with its member") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const fs::path receipt = work.archive();
  work.refuses({"status", receipt, "--receipt-trust-root="}, 2, {"given without a value"});
  work.replace_in(".cavra/config.json", "receipt-private.pem", "evidence-private.pem");
  work.refuses(kArchive, 2, {"is not among those that are trusted", "evidence trust-bundle"});
  fs::remove(work / ".cavra/keys/evidence-private.pem");
  work.refuses(kArchive, 2, {"config.json#/receipt_key"});
  fs::remove(work / ".cavra/keys/receipt-trust-roots.json");
  work.refuses(kArchive, 2, {"config.json#/receipt_trust_roots"});
  work.refuses({"status", receipt}, 2, {"config.json#/receipt_trust_roots"});
}

TEST_CASE("nobody is asked where nothing is left to do") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  (void)work.archive();
  const Outcome again = work.done({"archive", kBundle, "--store", "local"});
  CHECK(contains(again.out, "already"));
}

TEST_CASE("what is asked for and is earlier than the policy's date is said") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  Words words = kArchive;
  words.insert(words.end(), {"--retention-days", "1"});
  CHECK(contains(work.done(words).err, "a lock takes the latest date"));
}

TEST_CASE("a lock that was lifted is told as that, and so are the bytes changed since") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const fs::path receipt = work.archive();
  REQUIRE(work.shell("chattr -ia .cavra/worm/*/*/bundle .cavra/worm/*/*/bundle/evidence.json\n"
                     "sed -i s/session/sessiom/ .cavra/worm/*/*/bundle/evidence.json")
              .exit == 0);
  const Outcome status = work.cavra({"status", receipt});
  CHECK(status.exit == 1);
  CHECK(contains(status.out, "evidence.json: it is not locked any more"));
  CHECK(contains(status.out, "evidence.json: its bytes in the store are others"));
}

TEST_CASE("status of all receipts, where there is none, says so") {
  const Workspace work;
  work.init_advisory();
  fs::create_directories(work / ".cavra/receipts");
  CHECK(contains(work.done({"status", "--all"}).err, "no receipt to ask about"));
}

TEST_CASE("status takes several receipts, and --all those of the receipts folder") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  (void)work.archive();
  work.bundle();
  (void)work.done(kArchive);
  REQUIRE(work.receipts().size() == 2);
  const auto [one, two] = std::pair(work.receipts()[0].string(), work.receipts()[1].string());
  const Outcome both = work.done({"status", one, two});
  CHECK(contains(both.out, "receipt .cavra/receipts/"));
  CHECK(contains(work.done({"status", "--all"}).out, "2 receipts: 0 with findings, 0 due"));
  work.refuses({"status", "--all", "--store", "other"}, 2, {"other"});
  CHECK(at(work.result({"status", "--all"}), "/receipts").if_array()->size() == 2);
  work.refuses({"status"}, 2, {"--all"});
  work.refuses({"status", one, "--all"}, 2, {"--all"});
  // What is wrong with one does not hide the other.
  work.refuses({"status", "nowhere.json", two}, 2, {"nowhere.json"});
  CHECK(contains(work.cavra({"status", "nowhere.json", two}).out, "archive holds"));
  work.write(".cavra/receipts/none.json", "no receipt");
  const Outcome all = work.cavra({"status", "--all"});
  CHECK(all.exit == 1);
  CHECK(contains(all.out, "2 receipts: 0 with findings, 0 due; 1 could not be asked about"));
  fs::remove_all(work / ".cavra/receipts");
  work.refuses({"status", "--all"}, 2, {"there is no receipts folder", "--save-receipts"});
}

TEST_CASE("what is due is told for any time that is asked for") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  (void)work.archive();
  const std::string then = "2099-01-01T00:00:00Z";
  for (const Words& words : {Words{"status", "--all"}, {"evidence", "list", "--store", "local"}}) {
    Words later = words;
    later.insert(later.end(), {"--at", then});
    CHECK(contains(work.done(words).out, "0 due"));
    CHECK(contains(work.done(later).out, "1 due"));
    later.back() = "then";
    work.refuses(later, 2, {"then"});
  }
}

TEST_CASE("a copy of a store is asked where it is, and the receipt's own place is told beside it") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const fs::path receipt = work.archive();
  REQUIRE(work.shell("cp -a .cavra/worm copied").exit == 0);
  work.replace_in(".cavra/config.json", "\"worm\"", "\"../copied\"");
  const Outcome status = work.done({"status", receipt});
  CHECK(contains(status.out, "at " + (work / "copied").string()));
  CHECK(contains(status.out, "the receipt says that it was at"));
}

TEST_CASE("what was taken from under a lock is archived again, and never in silence") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const fs::path first = work.archive();
  REQUIRE(
      work.shell("cd .cavra/worm/*/*/bundle; chattr -ia . siem-event.json; rm -f siem-event.json")
          .exit == 0);
  Words quiet = kArchive;
  quiet.emplace_back("--quiet");
  const Outcome again = work.cavra(quiet);
  CHECK(again.exit == 1);
  CHECK(
      contains(again.err, "siem-event.json: it is not there, and an earlier receipt promises it"));
  CHECK(work.receipts().size() == 2);
  (void)work.done(quiet);
  // The newest receipt holds; that of before tells what became of it.
  CHECK(contains(work.done({"status", "--all"}).out, "1 receipt: 0 with findings"));
  CHECK(contains(work.cavra({"status", first}).out, "a later receipt says how it stands"));
}

TEST_CASE("an evidence key that was revoked since is told by status and restore") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const fs::path receipt = work.archive();
  work.replace_in(".cavra/keys/evidence-trust-roots.json", "\"active\"", "\"revoked\"");
  work.refuses({"status", receipt}, 1, {"prod-evidence", "revoked"});
  const Outcome restored = work.cavra({"restore", receipt, "--output", "restored"});
  CHECK(restored.exit == 1);
  CHECK(contains(restored.err, "revoked"));
  CHECK(work.shell("diff -r " + kBundle + " restored").exit == 0);
}

TEST_CASE("restore tells an object that is gone as a finding, and makes nothing in a WORM folder") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const fs::path receipt = work.archive();
  work.refuses({"restore", receipt, "--output", ".cavra/worm/restored"}, 4, {"append-only"});
  CHECK_FALSE(fs::exists(work / ".cavra/worm/restored"));
  REQUIRE(
      work.shell("cd .cavra/worm/*/*/bundle; chattr -ia . evidence.json; rm evidence.json").exit ==
      0);
  work.refuses({"restore", receipt, "--output", "restored"}, 1, {"evidence.json", "not there"});
}

TEST_SUITE_END();
