// The second run: nothing is written twice, and what lies there is asked for again (I5).
#include "archive/earlier_receipts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "archive/archive_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

std::size_t writes(const FakeStore& store) {
  return store.count("put ") + store.count("raise ") + store.count("hold ") + store.count("seal ");
}

}  // namespace

TEST_CASE("the second run writes nothing, asks for every object, and keeps the receipt") {
  ArchiveCase run;
  const auto first = must(run.run());
  run.store.events.clear();
  const auto second = must(run.run());
  CHECK_FALSE(second.is_new);
  CHECK(second.receipt_sha256 == first.receipt_sha256);
  CHECK(second.receipt_key == first.receipt_key);
  CHECK(second.receipt == first.receipt);
  CHECK(second.objects == first.objects);
  CHECK(second.bytes == first.bytes);
  CHECK(second.created == 0);
  CHECK(second.notes.empty());
  CHECK(writes(run.store) == 0);
  CHECK(run.store.count("stat ") == 7);
  CHECK(run.store.count("get ") == 8);  // the receipt: to know it, and to have it
  CHECK(names_in(run.staging()).empty());
}

TEST_CASE("a receipt that is lost from its folder comes back from the store") {
  ArchiveCase run;
  const auto first = must(run.run());
  const std::string bytes = read_text(first.receipt_file);
  std::filesystem::remove_all(run.receipts());
  const auto second = must(run.run());
  CHECK_FALSE(second.is_new);
  CHECK(read_text(second.receipt_file) == bytes);
}

TEST_CASE("other bytes under the receipt's name in the folder are a conflict, and stay") {
  ArchiveCase run;
  const auto first = must(run.run());
  std::ofstream(first.receipt_file) << "{}";
  const auto second = run.run();
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::conflict);
  CHECK(read_text(first.receipt_file) == "{}");
  CHECK(names_in(run.staging()).empty());
}

TEST_CASE("another reference keeps the receipt that is there, and says so") {
  ArchiveCase run;
  run.options.reference = "CHG-1";
  const auto first = must(run.run());
  run.options.reference = "CHG-2";
  const auto second = must(run.run());
  CHECK_FALSE(second.is_new);
  CHECK(second.receipt.reference == "CHG-1");
  CHECK(second.receipt_sha256 == first.receipt_sha256);
  CHECK(has_note(second, "CHG-1"));
  CHECK(run.store.keys().size() == 7);
}

TEST_CASE("a receipt that a dead run left unlocked is locked, also with another reference") {
  ArchiveCase run;
  run.options.reference = "CHG-1";
  const auto first = must(run.run());
  run.store.latest(first.receipt_key)->lock = {};
  run.options.reference = "CHG-2";
  const auto second = must(run.run());
  CHECK_FALSE(second.is_new);
  CHECK(second.receipt_sha256 == first.receipt_sha256);
  CHECK(second.raised == 1);
  CHECK(has_note(second, "CHG-1"));
  CHECK(has_note(second, "it is locked now"));
  CHECK(run.store.latest(first.receipt_key)->lock == run.plan().lock);
  CHECK(run.store.keys().size() == 7);
}

TEST_CASE("find_archive puts nothing, and gives nothing for an unlocked receipt") {
  ArchiveCase run;
  const auto first = must(run.run());
  const auto find = [&run] {
    return must(find_archive(run.bundle, run.plan(), run.prover, *run.key, run.options));
  };
  run.store.events.clear();
  REQUIRE(find());
  CHECK(find()->receipt_sha256 == first.receipt_sha256);
  run.store.latest(first.receipt_key)->lock = {};
  CHECK_FALSE(find());
  CHECK(writes(run.store) == 0);
  CHECK(run.store.latest(first.receipt_key)->lock == Lock{});
}

TEST_CASE("a receipt that is locked counts before one that is not, whatever their names") {
  ArchiveCase run;
  run.options.reference = "CHG-1";
  const auto first = must(run.run());
  const auto kept = run.store.objects.extract(first.receipt_key).mapped();
  run.options.reference = "CHG-2";
  const auto second = must(run.run());
  REQUIRE(second.is_new);
  run.store.objects[first.receipt_key] = kept;
  const std::array keys{first.receipt_key, second.receipt_key};
  for (const std::size_t locked : {0U, 1U}) {
    CAPTURE(locked);
    run.store.latest(keys[locked])->lock = run.plan().lock;
    run.store.latest(keys[1 - locked])->lock = {};
    CHECK(must(run.run()).receipt_key == keys[locked]);
    CHECK(run.store.latest(keys[1 - locked])->lock == Lock{});
  }
}

TEST_CASE("a later date raises every lock and makes another receipt") {
  ArchiveCase run;
  const auto first = must(run.run());
  run.retain_until_unix_s += 86400;
  const auto second = must(run.run());
  CHECK(second.is_new);
  CHECK(second.already_present == 7);
  CHECK(second.created == 1);
  CHECK(second.raised == 7);
  CHECK(second.receipt_sha256 != first.receipt_sha256);
  CHECK(second.receipt.act.kind == ActKind::archive);
  CHECK(second.receipt.act.previous == std::vector{first.receipt_sha256});
  CHECK(second.damage.empty());
  CHECK(names_in(run.receipts()).size() == 2);
  for (const ProvenObject& object : run.receipt_of(second).receipt.objects)
    CHECK(object.lock.retain_until_unix_s == kRetainUntil + 86400);

  SUBCASE("an earlier date afterwards is answered by what is there") {
    run.retain_until_unix_s -= 86400;
    CHECK_FALSE(must(run.run()).is_new);
  }
}

TEST_CASE("the same bytes under a weaker lock are raised, where that is allowed") {
  ArchiveCase run;
  const std::string key = run.key_of("note.txt");
  run.store.objects[key].push_back({"v1", "hello\n", {}, 1'800'000'000, false});
  SUBCASE("allowed") {
    const auto outcome = must(run.run());
    CHECK(outcome.raised == 1);
    CHECK(outcome.already_present == 1);
    CHECK(run.store.latest(key)->lock == run.plan().lock);
  }
  SUBCASE("forbidden") {
    run.store.faults = {{Fault::raise_fails, "", ErrorCode::forbidden}};
    run.check_fails(ErrorCode::forbidden, "note.txt");
  }
  SUBCASE("refused") {
    run.store.faults = {{Fault::raise_fails, "", ErrorCode::refused}};
    run.check_fails(ErrorCode::refused, "note.txt");
  }
  SUBCASE("only said to be") {
    run.store.faults = {{Fault::raise_does_nothing, ""}};
    run.check_fails(ErrorCode::unproven, "note.txt");
  }
}

TEST_CASE("a receipt whose objects do not hold is not enough: the run completes or fails") {
  ArchiveCase run;
  const auto first = must(run.run());
  const std::string key = run.key_of("note.txt");
  SUBCASE("an object is gone") {
    run.store.objects.erase(key);
    const auto second = must(run.run());
    CHECK(second.created == 2);  // and another receipt, which follows the first
    CHECK(second.is_new);
    CHECK(second.receipt.act.previous == std::vector{first.receipt_sha256});
    CHECK(joined(briefs(second.damage)) == "store.missing " + key + "; ");
    CHECK(must(run.run()).damage.empty());
  }
  SUBCASE("an object lost its lock") {
    run.store.latest(key)->lock = {};
    const auto second = must(run.run());
    CHECK(second.raised == 1);
    CHECK(joined(briefs(second.damage)) == "store.lock " + key + "; ");
  }
  SUBCASE("an object's bytes are others") {
    run.store.latest(key)->bytes = "hallo\n";
    const auto second = run.run();
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::conflict);
  }
  SUBCASE("the receipt itself lost its lock") {
    run.store.latest(first.receipt_key)->lock = {};
    const auto second = must(run.run());
    CHECK(second.raised == 1);
    CHECK(run.store.latest(first.receipt_key)->lock == run.plan().lock);
  }
}

TEST_CASE("junk among the receipts is noted and does not disturb") {
  ArchiveCase run;
  const auto put = [&run](const std::string& name, const std::string& bytes) {
    run.store.objects[run.plan().receipts_prefix + name].push_back({"v1", bytes, {}, 0, false});
  };
  const std::string zeros(64, '0');
  put(zeros + ".json", "not what its name says");
  put(sha256("not a receipt").hex() + ".json", "not a receipt");
  put("readme.txt", "hello");
  put(std::string(64, 'Z') + ".json", "no digest");
  const auto outcome = must(run.run());
  CHECK(outcome.is_new);
  CHECK(has_note(outcome, zeros));
  CHECK(has_note(outcome, sha256("not a receipt").hex()));
  CHECK(has_note(outcome, "readme.txt"));
  CHECK(outcome.notes.size() == 4);
  CHECK_FALSE(must(run.run()).is_new);
}

TEST_CASE("a sound receipt under another name than its digest does not stand") {
  ArchiveCase run;
  const auto first = must(run.run());
  const std::string zeros(64, '0');  // told first by a listing
  run.store.objects[run.plan().receipt_key(zeros)] = run.store.objects[first.receipt_key];
  const auto second = must(run.run());
  CHECK_FALSE(second.is_new);
  CHECK(second.receipt_key == first.receipt_key);
  CHECK(has_note(second, "not what its name says"));
}

TEST_CASE("a folder full of junk is not read to its end") {
  ArchiveCase run;
  for (int i = 0; i < 4200; ++i) {
    const std::string bytes = std::to_string(i);
    run.store.objects[run.plan().receipt_key(sha256(bytes).hex())].push_back(
        {"v1", bytes, {}, 0, false});
  }
  const auto outcome = must(run.run());
  CHECK(has_note(outcome, "more than 4096"));
  CHECK(outcome.notes.size() <= 52);
  CHECK(has_note(outcome, "more such notes"));
}

TEST_CASE("a receipt that nobody trusted signed does not stand") {
  ArchiveCase run;
  run.key = make_ed25519_signer(test_key("somebody"), "somebody");
  must(run.run());
  run.key = make_ed25519_signer(test_key("receipts"), "receipts");
  CHECK(has_note(must(run.run()), "not trusted"));
  CHECK(names_in(run.receipts()).size() == 2);
}

TEST_CASE("a trusted receipt of another key is kept after the key was changed") {
  ArchiveCase run;
  must(run.run());
  run.roots = MapTrustRoots({receipt_root("receipts"), receipt_root("new")});
  run.key = make_ed25519_signer(test_key("new"), "new");
  CHECK_FALSE(must(run.run()).is_new);
}

TEST_CASE("a receipt of another store that was copied here does not stand") {
  ArchiveCase run;
  const auto first = must(run.run());
  ArchiveCase other;
  other.store.description.identity = "fake-2";
  FakeBackend writer(other.store);
  FakeBackend prover(other.store);
  other.store.objects = run.store.objects;
  const auto outcome =
      must(archive(other.bundle, other.plan(), writer, prover, *other.key, other.options));
  CHECK(outcome.is_new);
  CHECK(outcome.created == 1);
  CHECK(has_note(outcome, "does not count"));
  CHECK(outcome.receipt.act.previous.empty());
}

TEST_CASE("where receipts cannot be listed, the same one is made again; other errors end the run") {
  ArchiveCase run;
  const auto first = must(run.run());
  SUBCASE("forbidden") {
    run.store.faults = {{Fault::list_fails, "receipts/", ErrorCode::forbidden}};
    const auto second = must(run.run());
    CHECK(second.created == 0);
    CHECK(second.receipt_sha256 == first.receipt_sha256);
    CHECK(has_note(second, "not looked for"));
  }
  SUBCASE("io") {
    run.store.faults = {{Fault::list_fails, "receipts/", ErrorCode::io}};
    CHECK(run.run().error().code == ErrorCode::io);
  }
  SUBCASE("io while it is read") {
    run.store.faults = {{Fault::get_fails, "receipts/", ErrorCode::io}};
    CHECK(run.run().error().code == ErrorCode::io);
  }
  SUBCASE("io while its objects are asked for") {
    run.store.faults = {{Fault::stat_fails, "note", ErrorCode::io}};
    CHECK(run.run().error().code == ErrorCode::io);
  }
}

TEST_CASE("a run that was killed at any object is completed by the next") {
  static constexpr std::array<std::string_view, 4> kPlaces{"evidence.json", "zz.md",
                                                           "bundle/manifest.json", "receipts/"};
  for (const std::string_view place : kPlaces) {
    CAPTURE(place);
    ArchiveCase run;
    run.options.workers = 1;
    run.store.faults = {{Fault::put_fails, std::string(place), ErrorCode::io}};
    run.check_fails(ErrorCode::io, place);
    run.store.faults.clear();
    const auto outcome = must(run.run());
    CHECK(outcome.is_new);
    CHECK(run.receipt_of(outcome).findings.empty());
    CHECK(run.store.keys().size() == 7);
  }
}
