#include "cavra/evidence_list.hpp"

#include <doctest/doctest.h>

#include "archive/archive_test_data.hpp"
#include "cavra/later_act.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

struct ListCase {
  ArchiveCase run;
  EvidenceListOptions options{
      .receipt_roots = &run.roots, .now = {kRetainUntil - 1, 0}, .save_to = {}};
  std::vector<ListedArchive> archives;
  EvidenceElsewhere elsewhere;

  void list() {
    archives.clear();
    elsewhere = must(list_evidence(run.prover, options, [this](ListedArchive archive) {
      archives.push_back(std::move(archive));
      return Result<void>();
    }));
  }
  [[nodiscard]] std::string found() {
    list();
    std::string all;
    for (const ListedArchive& archive : archives)
      all += joined(briefs(archive.findings));
    return all + joined(briefs(elsewhere.findings));
  }
  void put(const std::string& key, const std::string& bytes, const std::string& version = "v1") {
    run.store.objects[key].push_back({version, bytes, {}, 0, false});
  }
};

}  // namespace

TEST_CASE("an empty store has no archives") {
  ListCase test;
  CHECK(test.found().empty());
  CHECK(test.archives.empty());
}

TEST_CASE("a whole archive is told by its receipt, and neither locks nor evidence are asked for") {
  ListCase test;
  const ArchiveOutcome outcome = must(test.run.run());
  test.run.store.events.clear();
  CHECK(test.found().empty());
  REQUIRE(test.archives.size() == 1);
  const ListedArchive& archive = test.archives[0];
  CHECK(archive.is_complete());
  CHECK(archive.archive_prefix == test.run.plan().archive_prefix);
  CHECK(archive.session_in_key == session_in_key(outcome.receipt.session_id));
  CHECK(archive.manifest_sha256 == outcome.receipt.manifest_sha256);
  CHECK(archive.objects == outcome.objects);
  CHECK(archive.bytes == outcome.bytes);
  CHECK(archive.lock == outcome.receipt.lock);
  CHECK_FALSE(archive.is_due);
  REQUIRE(archive.newest.size() == 1);
  CHECK(archive.newest[0].sha256 == outcome.receipt_sha256);
  CHECK(archive.newest[0].facts == outcome.receipt);
  CHECK(test.run.store.count("get ") == test.run.store.count("get " + outcome.receipt_key));
  CHECK(test.run.store.count("stat ") == 1);  // the receipt
  CHECK(test.run.store.count("put ") + test.run.store.count("raise ") == 0);
}

TEST_CASE("each difference between listing and receipt is a finding at its key") {
  ListCase test;
  const ArchiveOutcome outcome = must(test.run.run());
  FakeStore& store = test.run.store;
  std::string key = test.run.key_of("note.txt");
  std::string expected;
  SUBCASE("gone") {
    store.objects.erase(key);
    expected = "store.missing " + key + "; ";
  }
  SUBCASE("another version in its place") {
    store.latest(key)->version = "v9";
    expected = "store.missing " + key + "; store.unexpected " + key + "; ";
  }
  SUBCASE("another version above it") {
    test.put(key, "other", "v9");
    expected = "store.hidden " + key + "; store.unexpected " + key + "; ";
  }
  SUBCASE("a delete marker above it") {
    store.objects[key].push_back({"v9", "", {}, 0, true});
    expected = "store.hidden " + key + "; ";
  }
  SUBCASE("another size") {
    store.latest(key)->bytes += "!";
    expected = "store.size " + key + "; ";
  }
  SUBCASE("in no receipt") {
    key = test.run.key_of("stranger");
    test.put(key, "?");
    expected = "store.unexpected " + key + "; ";
  }
  SUBCASE("a receipt that lost its lock") {
    key = outcome.receipt_key;
    store.latest(key)->lock = {};
    expected = "store.lock " + key + "; ";
  }
  CHECK(test.found() == expected);
  CHECK(test.archives.at(0).is_complete());
}

TEST_CASE("an archive without a receipt that counts is not complete") {
  ListCase test;
  const ArchiveOutcome outcome = must(test.run.run());
  FakeStore& store = test.run.store;
  std::string word;
  SUBCASE("none is there") {
    store.objects.erase(outcome.receipt_key);
    word = "its manifest is there";
  }
  SUBCASE("nor the manifest") {
    store.objects.erase(outcome.receipt_key);
    store.objects.erase(test.run.key_of("manifest.json"));
    word = "its manifest is not there";
  }
  SUBCASE("nobody trusts its key") {
    test.run.roots = MapTrustRoots({});
    word = "no receipt of it counts";
  }
  SUBCASE("its bytes are not those of its name") {
    store.latest(outcome.receipt_key)->bytes += " ";
    word = "no receipt of it counts";
  }
  CHECK(test.found() == "archive.incomplete " + test.run.plan().archive_prefix + "; ");
  const ListedArchive& archive = test.archives.at(0);
  CHECK_FALSE(archive.is_complete());
  CHECK(contains(archive.findings.at(0).message, word));
  CHECK(archive.lock == Lock{});
}

TEST_CASE("the receipt of a later act stands for the archive, and says when it is due") {
  ListCase test;
  const ArchiveOutcome first = must(test.run.run());
  const LaterAct act{.kind = ActKind::retain,
                     .retain_until_unix_s = kRetainUntil + 10,
                     .reason = "audit",
                     .now = {kRetainUntil - 100, 0}};
  const ActPlan plan =
      must(plan_act(test.run.receipt_of(first), act, test.run.prover, test.run.options));
  const ArchiveOutcome second =
      must(carry_out(test.run.receipt_of(first), act, plan, test.run.writer, test.run.prover,
                     *test.run.key, test.run.options));
  test.options.now = {kRetainUntil + 9, 0};
  CHECK(test.found().empty());
  REQUIRE(test.archives.at(0).newest.size() == 1);
  CHECK(test.archives[0].newest[0].sha256 == second.receipt_sha256);
  CHECK_FALSE(test.archives[0].is_due);
  test.options.now = {kRetainUntil + 10, 0};
  test.list();
  CHECK(test.archives.at(0).is_due);
}

TEST_CASE("what the store keeps is not due, whatever the receipts say") {
  ListCase test;
  (void)must(test.run.run());
  test.options.now = {kRetainUntil + 1, 0};
  test.list();
  CHECK(test.archives.at(0).is_due);
  const std::string key = test.run.key_of("note.txt");
  SUBCASE("a hold of an act that was ended") {
    test.run.store.latest(key)->lock.legal_hold = true;
  }
  SUBCASE("a later date") {
    test.run.store.latest(key)->lock.retain_until_unix_s = kRetainUntil + 10;
  }
  CHECK(test.found() == "store.hold " + key + "; ");
  CHECK_FALSE(test.archives.at(0).is_due);
}

TEST_CASE("receipts that cannot be looked at are a finding, and leave nothing due") {
  ListCase test;
  (void)must(test.run.run());
  const std::string receipts = test.run.plan().receipts_prefix;
  test.put(receipts + std::string(64, 'f') + ".json", "?");
  test.run.store.faults = {{Fault::get_fails, std::string(64, 'f'), ErrorCode::forbidden}};
  test.options.now = {kRetainUntil + 1, 0};
  CHECK(test.found() == "store.unexpected " + receipts + "; ");
  CHECK_FALSE(test.archives.at(0).is_due);
}

TEST_CASE("an archive under legal hold is never due") {
  ListCase test;
  test.run.legal_hold = true;
  (void)must(test.run.run());
  test.options.now = {kRetainUntil + 1, 0};
  test.list();
  CHECK_FALSE(test.archives.at(0).is_due);
}

TEST_CASE("the same receipt twice as versions counts once, and bytes above it not at all") {
  ListCase test;
  const ArchiveOutcome outcome = must(test.run.run());
  auto& versions = test.run.store.objects[outcome.receipt_key];
  versions.push_back(versions[0]);
  versions.back().version = "v8";
  test.put(outcome.receipt_key, "not a receipt", "v9");
  CHECK(test.found().empty());
  CHECK(test.archives.at(0).newest.size() == 1);
  REQUIRE(test.archives[0].notes.size() == 1);
  CHECK(contains(test.archives[0].notes[0], "does not count"));
}

TEST_CASE("what belongs to no archive is told, and what a lock test left is a note") {
  ListCase test;
  (void)must(test.run.run());
  const std::string prefix = test.run.store.description.key_prefix + "/";
  const std::string digest(64, 'a');
  test.put(prefix + "cavra-probe/" + std::string(32, '0'), "probe");
  test.put(prefix + "cavra-probe/" + std::string(32, '1'), "probe");
  test.put(prefix + "cavra-probe/" + digest + "/bundle/x", "no probe");
  std::string expected = "store.unexpected " + prefix + "cavra-probe/" + digest + "/bundle/x; ";
  for (const std::string& key :
       {std::string("readme.txt"), "s/" + std::string(64, 'A') + "/bundle/x",
        "s/" + digest + "/other/x", "s/" + digest + "0/bundle/x",
        std::string("s/short/bundle/x")}) {
    test.put(prefix + key, "?");
    expected += "store.unexpected " + prefix + key + "; ";
  }
  CHECK(test.found() == expected);
  CHECK(test.archives.size() == 1);
  REQUIRE(test.elsewhere.notes.size() == 1);
  CHECK(contains(test.elsewhere.notes[0], "2 below"));
}

TEST_CASE("uploads that were begun and not ended are told, in an archive and elsewhere") {
  ListCase test;
  (void)must(test.run.run());
  const std::string prefix = test.run.store.description.key_prefix + "/";
  const std::string begun = prefix + "zz/" + std::string(64, 'a') + "/bundle/big";
  test.run.store.uploads = {test.run.key_of("zz.md"), begun, prefix + "zz/zz"};
  CHECK(test.found() == "store.upload " + test.run.key_of("zz.md") + "; archive.incomplete " +
                            begun.substr(0, begun.find("bundle/")) + "; store.upload " + begun +
                            "; store.upload " + prefix + "zz/zz; ");
  CHECK(test.archives.size() == 2);
  CHECK(test.archives[1].objects == 0);
}

TEST_CASE("beyond a thousand, what belongs to no archive is counted") {
  ListCase test;
  for (int i = 0; i < 1010; ++i)
    test.put(test.run.store.description.key_prefix + "/x" + std::to_string(i), "?");
  test.list();
  CHECK(test.elsewhere.findings.size() == 1000);
  REQUIRE(test.elsewhere.notes.size() == 1);
  CHECK(contains(test.elsewhere.notes[0], "10 more keys"));
}

TEST_CASE("two bundles of one session are two archives, by key") {
  ListCase test;
  (void)must(test.run.run());
  const std::string first = test.run.plan().archive_prefix;
  test.run.files.add("one-more.txt", "?");
  test.run.files.sign();
  test.run.bundle = ArchiveCase::verified(test.run.files);
  (void)must(test.run.run());
  CHECK(test.found().empty());
  REQUIRE(test.archives.size() == 2);
  CHECK(test.archives[0].archive_prefix < test.archives[1].archive_prefix);
  CHECK(test.archives[0].session_in_key == test.archives[1].session_in_key);
}

TEST_CASE("newest receipts are saved as archive() saves them, where that is asked for") {
  ListCase test;
  const ArchiveOutcome outcome = must(test.run.run());
  const std::string kept = read_text(outcome.receipt_file);
  std::filesystem::remove_all(test.run.receipts());
  test.list();
  CHECK(names_in(test.run.receipts()).empty());
  test.options.save_to = ReceiptFolders{test.run.receipts(), test.run.staging()};
  test.list();
  CHECK(read_text(outcome.receipt_file) == kept);
  CHECK(names_in(test.run.receipts()).size() == 1);
}

TEST_CASE("a listing ends with what the store or the sink returns") {
  ListCase test;
  const ArchiveOutcome outcome = must(test.run.run());
  const auto nothing = [](const ListedArchive&) { return Result<void>(); };
  SUBCASE("the store") {
    test.run.store.faults = {{Fault::list_fails, "", ErrorCode::unavailable}};
    const auto listed = list_evidence(test.run.prover, test.options, nothing);
    REQUIRE_FALSE(listed);
    CHECK(listed.error().code == ErrorCode::unavailable);
  }
  SUBCASE("a receipt that cannot be read now") {
    test.run.store.faults = {{Fault::get_fails, outcome.receipt_key, ErrorCode::io}};
    const auto listed = list_evidence(test.run.prover, test.options, nothing);
    REQUIRE_FALSE(listed);
    CHECK(contains(listed.error().message, outcome.receipt_key));
  }
  SUBCASE("the sink") {
    const auto listed = list_evidence(test.run.prover, test.options, [](const ListedArchive&) {
      return Result<void>(Error{ErrorCode::cancelled, "enough"});
    });
    REQUIRE_FALSE(listed);
    CHECK(listed.error().message == "enough");
  }
}
