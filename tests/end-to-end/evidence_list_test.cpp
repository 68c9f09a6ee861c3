// evidence list: a store told from itself alone.
#include <doctest/doctest.h>

#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("later-acts");

namespace {

const Words kList{"evidence", "list", "--store", "local"};

// All that a machine has which never archived: configuration and trust roots.
void forget_all_but_the_store(const Workspace& work) {
  fs::remove_all(work / ".cavra/state");
  fs::remove_all(work / ".cavra/receipts");
  fs::remove_all(work / ".cavra/evidence");
  fs::remove(work / ".cavra/keys/receipt-private.pem");
  fs::remove(work / ".cavra/keys/evidence-private.pem");
}

}  // namespace

TEST_CASE("with nothing but configuration and trust roots, a store tells its archives") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.refuses(kList, 3, {"there is none yet"});
  work.bundle({"--session-id", "Freigabe 7/ü"});
  const fs::path receipt = work.archive();
  forget_all_but_the_store(work);

  const auto listed = work.result(kList);
  REQUIRE(at(listed, "/archives").if_array()->size() == 1);
  CHECK(text_at(listed, "/archives/0/session_id") == "Freigabe 7/ü");
  CHECK(text_at(listed, "/archives/0/receipts/0/sha256") == receipt.stem());
  CHECK(at(listed, "/archives/0/complete") == cavra::JsonValue(true));
  CHECK(number_at(listed, "/archives/0/objects") == 7);
  CHECK_FALSE(fs::exists(work / ".cavra/receipts"));
  CHECK_FALSE(fs::exists(work / ".cavra/state"));
  const Outcome text = work.done(kList);
  CHECK(text.out.starts_with("archived    Freigabe 7/ü "));
  CHECK(contains(text.out, "receipt " + receipt.stem().string().substr(0, 12)));

  (void)work.done({"evidence", "list", "--store", "local", "--save-receipts"});
  CHECK(work.receipts() == std::vector<fs::path>{receipt});
  (void)work.done({"status", "--all"});
  (void)work.done({"restore", receipt, "--output", "restored"});
}

TEST_CASE("what is not complete, missing, or in no receipt is exit 1") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const fs::path receipt = work.archive();
  REQUIRE(work.shell("echo hello > .cavra/worm/letter; cd .cavra/worm/*/*; "
                     "chattr -ia bundle bundle/siem-event.json; rm -f bundle/siem-event.json; "
                     "echo more > bundle/more.txt")
              .exit == 0);
  const Outcome damaged = work.cavra(kList);
  CHECK(damaged.exit == 1);
  CHECK(
      contains(damaged.out, "bundle/siem-event.json: the receipt has it, and the store does not"));
  CHECK(contains(damaged.out, "bundle/more.txt: no receipt speaks of it"));
  CHECK(contains(damaged.out, "  - letter: it belongs to no archive"));
  CHECK(contains(damaged.out, "1 archive, 0 incomplete, 0 due; 3 findings"));

  REQUIRE(work.shell("cd .cavra/worm/*/*; chattr -ia receipts receipts/*; rm -f receipts/*").exit ==
          0);
  const Outcome incomplete = work.cavra(kList);
  CHECK(incomplete.exit == 1);
  CHECK(incomplete.out.starts_with("incomplete  "));
  CHECK(contains(incomplete.out, "no receipt of it counts, and its manifest is there"));
  // With --json the same, and its document fits its schema.
  CHECK(work.cavra({"evidence", "list", "--store", "local", "--json"}).exit == 1);
}

TEST_CASE("what a listing needs and does not get") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  (void)work.archive();
  work.refuses({"evidence", "list"}, 2, {"--store"});
  work.refuses({"evidence", "list", "--store", "other"}, 2, {"other"});
  work.refuses({"evidence", "list", "--store", "local", "--receipt-trust-root", "none"}, 2,
               {"none"});
  work.write("occupied", "a file");
  work.replace_in(".cavra/config.json", "\"receipt_key\"",
                  "\"receipts\": \"../occupied\", \"receipt_key\"");
  work.refuses({"evidence", "list", "--store", "local", "--save-receipts"}, 2, {"receipts folder"});
  // An empty folder where the disk should be mounted is no store without archives.
  work.replace_in(".cavra/config.json", "\"worm\"", "\"elsewhere\"");
  work.refuses(kList, 3, {"is its disk mounted?"});
  // A key that nobody trusts leaves nothing that counts.
  work.replace_in(".cavra/config.json", "\"elsewhere\"", "\"worm\"");
  const Outcome untrusted =
      work.cavra({"evidence", "list", "--store", "local", "--receipt-trust-root",
                  ".cavra/keys/evidence-trust-roots.json"});
  CHECK(untrusted.exit == 1);
  CHECK(untrusted.out.starts_with("incomplete  "));
  CHECK(contains(untrusted.err, "does not count"));
}

TEST_SUITE_END();
