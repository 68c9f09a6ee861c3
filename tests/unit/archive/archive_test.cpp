#include "cavra/archive.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "archive/archive_test_data.hpp"
#include "archive/store_session.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

// Hashes as SHA-256 does and counts what it was given.
class CountingHasher final : public Hasher {
 public:
  explicit CountingHasher(std::atomic<std::uint64_t>& bytes) : bytes_(bytes) {}
  std::string_view name() const override { return "SHA-256"; }
  void update(std::span<const std::byte> data) override {
    bytes_ += data.size();
    inner_->update(data);
  }
  Digest finish() override { return inner_->finish(); }

 private:
  std::atomic<std::uint64_t>& bytes_;
  std::unique_ptr<Hasher> inner_ = make_sha256();
};

std::uint64_t member_bytes(const VerifiedBundle& bundle) {
  std::uint64_t bytes = bundle.manifest_file().file.size;
  for (const Member& member : bundle.members())
    bytes += member.file.size;
  return bytes;
}

std::ptrdiff_t place_of(const std::vector<std::string>& events, std::string_view start) {
  const auto found = std::ranges::find_if(
      events, [&](const std::string& event) { return event.starts_with(start); });
  REQUIRE_MESSAGE(found != events.end(), start);
  return found - events.begin();
}

}  // namespace

TEST_CASE("archive puts every member, the manifest and the receipt under the plan's lock") {
  ArchiveCase run;
  const auto outcome = must(run.run());
  const StorePlan plan = run.plan();
  CHECK(outcome.is_new);
  CHECK(outcome.objects == 6);
  CHECK(outcome.bytes == member_bytes(run.bundle));
  CHECK(outcome.created == 7);  // and the receipt
  CHECK(outcome.already_present == 0);
  CHECK(outcome.raised == 0);
  CHECK(outcome.notes.empty());

  std::set<std::string> expected{plan.manifest_key(), outcome.receipt_key};
  for (const Member& member : run.bundle.members())
    expected.insert(plan.member_key(member.path));
  const auto keys = run.store.keys();
  CHECK(std::set<std::string>(keys.begin(), keys.end()) == expected);
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(run.store.latest(key)->lock == plan.lock);
  }
  for (const Member& member : run.bundle.members())
    CHECK(sha256(run.store.latest(plan.member_key(member.path))->bytes) == member.sha256);
  // Members, manifest and receipt.
  CHECK((run.store.archive_prefixes == std::set{plan.archive_prefix}));
}

TEST_CASE("the manifest goes after the members, the seal after it, the receipt last") {
  ArchiveCase run;
  const auto outcome = must(run.run());
  const auto& events = run.store.events;
  const auto manifest = place_of(events, "put " + run.plan().manifest_key());
  for (const Member& member : run.bundle.members()) {
    CAPTURE(member.path);
    const std::string key = run.key_of(member.path);
    CHECK(place_of(events, "put " + key) < place_of(events, "stat " + key));
    CHECK(place_of(events, "get " + key) < manifest);
  }
  const auto seal = place_of(events, "seal " + run.plan().bundle_prefix);
  CHECK(place_of(events, "stat " + run.plan().manifest_key()) < seal);
  CHECK(seal < place_of(events, "put " + outcome.receipt_key));
}

TEST_CASE("the receipt says what the store answered, and lies whole in its folder alone") {
  ArchiveCase run;
  run.options.reference = "CHG-4711 \"Zoë\"";
  const auto outcome = must(run.run());
  const std::string envelope = read_text(outcome.receipt_file);
  CHECK(sha256(envelope).hex() == outcome.receipt_sha256);
  CHECK(names_in(run.receipts()) == std::vector{outcome.receipt_sha256 + ".json"});
  CHECK(names_in(run.staging()).empty());
  CHECK(run.store.latest(outcome.receipt_key)->bytes == envelope);

  const CheckedReceipt checked = run.receipt_of(outcome);
  CHECK(checked.findings.empty());
  const Receipt& receipt = checked.receipt;
  CHECK(static_cast<const ReceiptFacts&>(receipt) == outcome.receipt);
  CHECK(receipt.store == "fake");
  CHECK(receipt.store_identity == "fake-1");
  CHECK(receipt.plugin_sha256 == std::string(64, 'f'));
  CHECK(receipt.session_id == "s-17");
  CHECK(receipt.created_at == kCreatedAt);
  CHECK(receipt.evidence_key_id == "k-1");
  CHECK(receipt.evidence_key_sha256 == test_key("bundle").public_key().fingerprint());
  CHECK(receipt.reference == "CHG-4711 \"Zoë\"");
  CHECK(receipt.lock == run.plan().lock);
  CHECK(receipt.retention == run.plan().retention);
  REQUIRE(receipt.objects.size() == 6);
  CHECK(receipt.objects.back().member == "manifest.json");
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(receipt.objects[i].member == run.bundle.members()[i].path);
    CHECK(receipt.objects[i].version == "v1");
    CHECK(receipt.objects[i].stored_at_unix_s == 1'800'000'000);
    CHECK(receipt.objects[i].proof == Proof::read_back);
  }
}

TEST_CASE("each call has a deadline that grows with its bytes") {
  const engine::CallLimits limits{std::chrono::seconds{1}, {}};
  const auto now = std::chrono::steady_clock::now();
  const auto small = *limits.context().deadline - now;
  const auto big = *limits.context(std::uint64_t{100} << 20).deadline - now;
  CHECK(small < std::chrono::seconds{2});
  CHECK(big > std::chrono::seconds{100});
}

TEST_CASE("two runs over two stores write the same receipt") {
  ArchiveCase first;
  ArchiveCase second;
  second.options.workers = 1;
  const auto a = must(first.run());
  const auto b = must(second.run());
  CHECK(a.receipt_sha256 == b.receipt_sha256);
  CHECK(read_text(a.receipt_file) == read_text(b.receipt_file));
}

TEST_CASE("a store that gets its identity with the first object has it in the receipt") {
  ArchiveCase run;
  run.store.identity_from_first_put = "made-just-now";
  CHECK(must(run.run()).receipt.store_identity == "made-just-now");
}

TEST_CASE("small members go in batches where the store takes them, each proven") {
  ArchiveCase run;
  run.add_many(30);
  run.store.max_batch_objects = 8;
  const auto outcome = must(run.run());
  CHECK(run.store.count("put_many 8") == 4);
  CHECK(run.store.count("put_many 3") == 1);
  CHECK(run.store.count("barrier") == 5);
  CHECK(run.store.count("stat ") == 37);
  CHECK(run.receipt_of(outcome).receipt.objects.size() == 36);

  ArchiveCase lying;
  lying.store.max_batch_objects = 8;
  lying.store.faults = {{Fault::drops_lock, "note"}, {Fault::raise_does_nothing, ""}};
  lying.check_fails(ErrorCode::unproven, "note.txt");
}

TEST_CASE("a run holds no more sessions than workers, and hashes with the hasher given") {
  ArchiveCase run;
  std::atomic<std::uint64_t> hashed = 0;
  std::atomic<std::uint64_t> told = 0;
  run.options.workers = 2;
  run.options.hasher = [&hashed] { return std::make_unique<CountingHasher>(hashed); };
  run.options.on_progress = [&told](std::uint64_t bytes) {
    std::uint64_t before = told;
    while (before < bytes && !told.compare_exchange_weak(before, bytes)) {
    }
  };
  const auto outcome = must(run.run());
  CHECK(run.store.most_sessions <= 4);
  CHECK(run.store.open_sessions == 0);
  // Sent once and read back once; the receipt is read back too.
  const std::uint64_t receipt = read_text(outcome.receipt_file).size();
  CHECK(hashed == 2 * outcome.bytes + receipt);
  CHECK(told == 2 * outcome.bytes + receipt);
}

TEST_CASE("what lies below bundle/ and is not in the bundle is noted") {
  ArchiveCase run;
  run.store.objects[run.plan().bundle_prefix + "rogue.txt"].push_back({"v1", "x", {}, 0, false});
  SUBCASE("listed") {
    CHECK(has_note(must(run.run()), "rogue.txt"));
  }
  SUBCASE("not to be listed") {
    run.store.faults = {{Fault::list_fails, "bundle/", ErrorCode::forbidden}};
    CHECK(has_note(must(run.run()), "is not known"));
  }
}

TEST_CASE("a version or delete marker above an archived object is noted") {
  ArchiveCase run;
  must(run.run());
  run.store.objects[run.key_of("note.txt")].push_back({"v2", "", {}, 0, true});
  run.store.objects.erase(run.key_of("zz.md"));  // so that the receipt does not hold
  run.store.faults = {{Fault::says_present, "note.txt"}};
  CHECK(has_note(must(run.run()), "lies above"));
}

TEST_CASE("a reference must be UTF-8 and short") {
  ArchiveCase run;
  SUBCASE("not UTF-8") {
    run.options.reference = "\xff";
  }
  SUBCASE("long") {
    run.options.reference = std::string(1025, 'x');
  }
  run.check_fails(ErrorCode::usage, "reference");
  CHECK(run.store.events.empty());
}

TEST_CASE("a plan of another bundle is a mistake that is noticed") {
  ArchiveCase run;
  StorePlan plan = run.plan();
  plan.archive_prefix = "evidence/s-17/" + std::string(64, '0') + "/";
  const auto outcome = archive(run.bundle, plan, run.writer, run.prover, *run.key, run.options);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::internal);
}

TEST_CASE("worker_count takes what is asked, and at least two where nothing is") {
  CHECK(worker_count(1) == 1);
  CHECK(worker_count(7) == 7);
  CHECK(worker_count(0) >= 2);
}
