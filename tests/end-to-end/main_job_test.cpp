// The main job as an operator types it: made, verified, planned, archived, asked again, restored.
#include <doctest/doctest.h>

#include "workspace.hpp"

using namespace cavra::e2e;
using cavra::JsonValue;

TEST_SUITE_BEGIN("main-job");

TEST_CASE("the main job runs as typed, and each command ends with 0") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  const auto typed = [&](const std::string& line) {
    const Outcome outcome = work.shell(line);
    CAPTURE(line);
    CAPTURE(outcome.err);
    CHECK(outcome.exit == 0);
    return outcome;
  };
  typed("cavra init --key-id prod-evidence --sample");
  const Outcome bundle = typed(
      "cavra evidence bundle --output .cavra/evidence/latest --signer platform-security "
      "--private-key .cavra/keys/evidence-private.pem --retention-days 2555");
  CHECK(bundle.out == "evidence bundle: .cavra/evidence/latest\n");
  CHECK(contains(bundle.err, "key id \"prod-evidence\""));
  const Outcome verify = typed(
      "cavra evidence verify .cavra/evidence/latest --trust-root "
      ".cavra/keys/evidence-trust-roots.json --key-id prod-evidence --minimum-retention-days 2555");
  CHECK(verify.out == "evidence verified\n");
  typed(
      "cavra evidence storage-plan .cavra/evidence/latest --output .cavra/evidence/storage "
      "--retention-days 2555");
  CHECK(work.tree(".cavra/evidence/storage") ==
        std::vector<std::string>{"immutable-storage-plan.json", "immutable-storage-plan.md"});
  const Outcome archive = typed("cavra archive .cavra/evidence/latest --store local --yes");
  CHECK(archive.out.starts_with("archived in local: "));
  CHECK(work.receipts().size() == 1);
  CHECK(typed("cavra status .cavra/receipts/*.json").out.starts_with("archive holds: "));
  typed("cavra restore .cavra/receipts/*.json --output restored");
  CHECK(work.shell("diff -r .cavra/evidence/latest restored").exit == 0);
  CHECK(typed("cavra evidence verify restored").out == "evidence verified\n");
}

TEST_CASE("a second archive writes nothing, and finds the same receipt") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const fs::path receipt = work.archive();
  const auto store = work.tree(".cavra/worm");
  const std::string bytes = work.read(receipt);
  const JsonValue again =
      work.result({"archive", ".cavra/evidence/latest", "--store", "local", "--yes"});
  CHECK(at(again, "/stores/0/is_new") == JsonValue(false));
  CHECK(number_at(again, "/stores/0/created") == 0);
  CHECK(text_at(again, "/stores/0/receipt_file") == receipt);
  CHECK(work.receipts() == std::vector<fs::path>{receipt});
  CHECK(work.read(receipt) == bytes);
  CHECK(work.tree(".cavra/worm") == store);
  const Outcome plain = work.done({"archive", kBundle, "--store", "local", "--yes"});
  CHECK(plain.out.starts_with("already archived in local: "));

  SUBCASE("also where the receipts folder was lost") {
    fs::remove(receipt);
    CHECK(work.archive() == receipt);
    CHECK(work.read(receipt) == bytes);
    CHECK(work.tree(".cavra/worm") == store);
  }
}

TEST_CASE("archived files stand against root: rm, mv, append, chmod, ln, and mv of any folder") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const fs::path receipt = work.archive();
  std::size_t files = 0;
  std::size_t folders = 0;
  for (const std::string& name : work.tree(".cavra/worm")) {
    if (name.starts_with(".cavra-store/")) continue;  // the store's own, not the archive's
    CAPTURE(name);
    const std::string path = "'.cavra/worm/" + name + "'";
    if (name.ends_with("/")) {
      ++folders;
      CHECK(work.shell("mv " + path + " moved").exit == 1);
      continue;
    }
    ++files;
    const std::string before = work.read(".cavra/worm/" + name);
    for (const std::string& attempt :
         {"rm -f " + path, "mv " + path + " moved", "echo more >> " + path, "chmod 777 " + path,
          "ln " + path + " link", "truncate -s 0 " + path, "touch " + path}) {
      CAPTURE(attempt);
      CHECK(work.shell(attempt).exit == 1);
    }
    CHECK(work.read(".cavra/worm/" + name) == before);
  }
  CHECK(files == 8);    // six members, the manifest, the receipt
  CHECK(folders == 4);  // session, manifest digest, bundle, receipts
  CHECK(work.done({"status", receipt}).out.starts_with("archive holds: "));
}

TEST_CASE("status names the file that somebody changed with the flags cleared") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const fs::path receipt = work.archive();
  const Outcome changed = work.shell(
      "folder=$(echo .cavra/worm/*/*/bundle)\n"
      "chattr -i $folder/evidence.json\n"
      "printf X | dd of=$folder/evidence.json bs=1 seek=100 conv=notrunc status=none\n"
      "chattr +i $folder/evidence.json");
  CAPTURE(changed.err);
  REQUIRE(changed.exit == 0);
  work.refuses({"status", receipt}, 1, {"evidence.json"});
  const Outcome status = work.cavra({"status", receipt});
  CHECK(status.out.starts_with("archive does not hold: "));
  CHECK_FALSE(contains(status.out, "siem-event.json"));
  // Bytes that are not the receipt's are not given back.
  work.refuses({"restore", receipt, "--output", "restored"}, 1, {"evidence.json"});
  CHECK_FALSE(fs::exists(work / "restored"));
}

TEST_CASE("status tells a lock that is gone though the bytes are right") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const fs::path receipt = work.archive();
  REQUIRE(work.shell("chattr -i .cavra/worm/*/*/bundle/siem-event.json").exit == 0);
  work.refuses({"status", receipt}, 1, {"siem-event.json"});
}

TEST_CASE("status tells an object that is gone") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const fs::path receipt = work.archive();
  REQUIRE(
      work.shell("cd .cavra/worm/*/*/bundle; chattr -ia . siem-event.json; rm -f siem-event.json")
          .exit == 0);
  work.refuses({"status", receipt}, 1, {"siem-event.json"});
}

TEST_CASE("a signed legal hold is applied, and the receipt and status show it") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle({"--legal-hold"});
  const JsonValue archived = work.result({"archive", kBundle, "--store", "local", "--yes"});
  CHECK(at(archived, "/stores/0/lock/legal_hold") == JsonValue(true));
  const std::string receipt = text_at(archived, "/stores/0/receipt_file");
  CHECK(at(work.result({"status", receipt}), "/receipts/0/lock/legal_hold") == JsonValue(true));
  CHECK(contains(work.done({"status", receipt}).out, "legal hold"));
  const Outcome payload = work.shell(
      "sed 's/^{\"payload\":\"\\([^\"]*\\)\".*$/\\1/' .cavra/receipts/*.json | base64 -d");
  CHECK(at(parsed(payload.out), "/predicate/lock/legal_hold") == JsonValue(true));
}

TEST_CASE("a longer retention raises the lock of what is there, and gives a receipt of its own") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const fs::path first = work.archive();
  const fs::path second = work.archive({"--retention", "10y"});
  CHECK(first != second);
  CHECK(work.receipts().size() == 2);
  for (const fs::path& receipt : {first, second}) {
    CAPTURE(receipt.native());
    (void)work.done({"status", receipt});
  }
  // Asking for less again changes nothing.
  const auto store = work.tree(".cavra/worm");
  const fs::path third = work.archive();
  CHECK((third == first || third == second));
  CHECK(work.tree(".cavra/worm") == store);
}

TEST_CASE("require filesystem refuses a tmpfs: exit 4, nothing stored, no receipt") {
  const auto tmpfs = tmpfs_folder();
  if (!tmpfs) return;
  const Workspace work(*tmpfs);
  work.init();
  work.bundle();
  work.refuses({"archive", kBundle, "--store", "local", "--yes"}, 4, {"store local: ", "tmpfs"});
  CHECK(work.receipts().empty());
  CHECK_FALSE(contains(work.shell("find .cavra/worm -type f 2>/dev/null || true").out, "evidence"));
}

TEST_CASE("require filesystem refuses a user without the capability: exit 4, no receipt") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const Words archive{"archive", kBundle, "--store", "local", "--yes"};
  SUBCASE("root with the capability dropped") {
    work.refuses(archive, 4, {"CAP_LINUX_IMMUTABLE"}, {.drops_immutable = true});
  }
  SUBCASE("another user") {
    REQUIRE(work.shell("chown -R 65534:65534 .").exit == 0);
    const RunOptions nobody{.folder = work.folder(), .is_nobody = true};
    if (run({"test", "-x", CAVRA_PROGRAM}, nobody).exit != 0)
      return leave_out("nobody", "the program lies where other users cannot reach it");
    work.refuses(archive, 4, {"CAP_LINUX_IMMUTABLE"}, {.is_nobody = true});
  }
  CHECK(work.receipts().empty());
  CHECK_FALSE(contains(work.shell("find .cavra/worm -type f 2>/dev/null || true").out, "evidence"));
}

TEST_CASE("status and restore need no capability") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  const fs::path receipt = work.archive();
  (void)work.done({"status", receipt}, {.drops_immutable = true});
  (void)work.done({"restore", receipt, "--output", "restored"}, {.drops_immutable = true});
}

TEST_CASE("an advisory store says NOT LOCKED in message, status and receipt") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const Outcome archive = work.done({"archive", kBundle, "--store", "local", "--yes"});
  CHECK(contains(archive.out, "NOT LOCKED"));
  CHECK_FALSE(contains(archive.out, "archived in"));
  REQUIRE(work.receipts().size() == 1);
  CHECK(contains(work.done({"status", work.receipts()[0]}).out, "NOT LOCKED"));
  const Outcome payload = work.shell(
      "sed 's/^{\"payload\":\"\\([^\"]*\\)\".*$/\\1/' .cavra/receipts/*.json | base64 -d");
  CHECK(text_at(parsed(payload.out), "/predicate/lock/mode") == "advisory");
  CHECK(contains(text_at(parsed(payload.out), "/predicate/lock_strength"), "NOT LOCKED"));
}

TEST_CASE("two stores get a receipt each, and one that fails does not stop the other") {
  const auto tmpfs = tmpfs_folder();
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  if (!tmpfs) return;
  const Workspace unfit(*tmpfs);
  work.init();
  work.bundle();
  work.replace_in(".cavra/config.json", "\"stores\": {",
                  "\"stores\": { \"second\": { \"plugin\": \"local-worm\", \"settings\": "
                  "{ \"root\": \"worm2\" } }, \"unfit\": { \"plugin\": \"local-worm\", "
                  "\"settings\": { \"root\": \"" +
                      (unfit / "worm").native() + "\" } },");
  const Outcome outcome = work.cavra({"archive", kBundle, "--store", "unfit", "--store", "local",
                                      "--store", "second", "--yes", "--json"});
  CHECK(outcome.exit == 4);
  const JsonValue document = parsed(outcome.out);
  CHECK(text_at(document, "/result/stores/0/store") == "local");
  CHECK(text_at(document, "/result/stores/1/store") == "second");
  CHECK(at(document, "/errors").if_array()->size() == 1);
  CHECK(work.receipts().size() == 2);
}

TEST_CASE("an archive follows the kept plan, and refuses when it differs") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  (void)work.done({"evidence", "storage-plan", kBundle, "--output", "plan"});
  const std::string plan = "plan/immutable-storage-plan.json";
  const Words archive{"archive", kBundle, "--store", "local", "--yes", "--plan", plan};
  SUBCASE("the same") {
    (void)work.done(archive);
    CHECK(work.receipts().size() == 1);
  }
  SUBCASE("a period and a store, planned and archived") {
    (void)work.done({"evidence", "storage-plan", kBundle, "--output", "longer", "--retention",
                     "20y", "--store", "local"});
    Words longer = archive;
    longer.back() = "longer/immutable-storage-plan.json";
    longer.insert(longer.end(), {"--retention", "20y"});
    (void)work.done(longer);
    work.refuses({"evidence", "storage-plan", kBundle, "--store", "lcal"}, 2, {"local"});
  }
  SUBCASE("other days") {
    Words longer = archive;
    longer.insert(longer.end(), {"--retention", "20y"});
    work.refuses(longer, 4, {"/stores/local/", "plan/immutable-storage-plan.json"});
  }
  SUBCASE("another digest in it") {
    work.replace_in(plan, "\"sha256\": \"", "\"sha256\": \"0");
    work.refuses(archive, 4, {"/files/0/sha256"});
  }
  SUBCASE("another bundle") {
    work.bundle();
    work.refuses(archive, 4, {"/bundle/"});
  }
  SUBCASE("no store in it") {
    work.shell("python3 - <<'END'\nimport json\np='" + plan +
               "'\nd=json.load(open(p))\ndel d['stores']\njson.dump(d,open(p,'w'))\nEND");
    work.refuses(archive, 2, {"local"});
  }
  SUBCASE("no JSON") {
    work.write(plan, "{");
    work.refuses(archive, 2, {plan});
  }
  CHECK(work.receipts().size() <= 1);
}

TEST_SUITE_END();
