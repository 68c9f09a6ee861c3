#include "cavra/archive.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
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

// A signer that is somewhere else, and not always there.
class FailingSigner final : public Signer {
 public:
  std::string_view key_id() const override { return "far-away"; }
  std::string_view algorithm() const override { return "Ed25519"; }
  Result<Signature> sign(std::span<const std::byte>) const override {
    return Error{ErrorCode::unavailable, "the signer does not answer"};
  }
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

TEST_CASE("a lock that is stronger than asked for is recorded as the store shows it") {
  ArchiveCase run;
  must(run.run());
  const std::string key = run.key_of("note.txt");
  run.store.latest(key)->lock.retain_until_unix_s = kRetainUntil + 5;
  run.options.receipts_folder = run.home.file("other");
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
      Row{{{Fault::gets_nothing, "note"}}, "does not give"},
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

TEST_CASE("errors of the store come back with the key and their code") {
  struct Row {
    Fault fault;
    ErrorCode code;
  };
  static constexpr std::array rows{
      Row{Fault::put_fails, ErrorCode::conflict},   Row{Fault::put_fails, ErrorCode::refused},
      Row{Fault::put_fails, ErrorCode::forbidden},  Row{Fault::put_fails, ErrorCode::io},
      Row{Fault::put_fails, ErrorCode::timeout},    Row{Fault::put_fails, ErrorCode::unavailable},
      Row{Fault::stat_fails, ErrorCode::forbidden}, Row{Fault::stat_fails, ErrorCode::io},
      Row{Fault::get_fails, ErrorCode::io},         Row{Fault::get_fails, ErrorCode::timeout},
  };
  for (const auto& [fault, code] : rows) {
    CAPTURE(static_cast<int>(fault));
    CAPTURE(to_string(code));
    ArchiveCase run;
    run.store.faults = {{fault, "note.txt", code}};
    run.check_fails(code, "note.txt");
  }
}

TEST_CASE("a seal that fails and a session that does not open end the run") {
  ArchiveCase run;
  SUBCASE("seal") {
    run.store.faults = {{Fault::seal_fails, "", ErrorCode::io}};
    run.check_fails(ErrorCode::io, "bundle/");
  }
  SUBCASE("writer") {
    run.writer.session_error = Error{ErrorCode::unavailable, "no session today"};
    run.check_fails(ErrorCode::unavailable, "no session");
  }
  SUBCASE("prover") {
    run.prover.session_error = Error{ErrorCode::unavailable, "no session today"};
    run.check_fails(ErrorCode::unavailable, "no session");
  }
}

TEST_CASE("an object that the store says it has, with other bytes, is a conflict") {
  ArchiveCase run;
  const std::string key = run.key_of("note.txt");
  run.store.objects[key].push_back({"v1", "hallo\n", run.plan().lock, 0, false});
  SUBCASE("the store compares") {
    run.check_fails(ErrorCode::conflict, "note.txt");
  }
  SUBCASE("the store does not compare") {
    run.store.faults = {{Fault::says_present, "note.txt"}};
    run.check_fails(ErrorCode::conflict, "note.txt");
  }
  SUBCASE("of another size") {
    run.store.latest(key)->bytes = "hello!\n";
    run.store.faults = {{Fault::says_present, "note.txt"}};
    run.check_fails(ErrorCode::conflict, "note.txt");
  }
  CHECK(run.store.latest(key)->version == "v1");
}

TEST_CASE("the most serious of several errors is told") {
  ArchiveCase run;
  run.options.workers = 6;
  run.store.faults = {{Fault::put_fails, "evidence.json", ErrorCode::io},
                      {Fault::put_fails, "note", ErrorCode::unproven},
                      {Fault::put_fails, "empty", ErrorCode::conflict}};
  run.store.max_batch_objects = 10;  // one lot: every object is tried
  run.check_fails(ErrorCode::conflict, "empty.txt");
}

TEST_CASE("one failing object among many stops the others, and the next run completes") {
  ArchiveCase run;
  for (int i = 0; i < 200; ++i)
    run.files.add("many/" + std::to_string(i), std::to_string(i));
  run.files.sign();
  run.bundle = ArchiveCase::verified(run.files);
  run.store.faults = {{Fault::put_fails, "many/20", ErrorCode::io}};
  run.check_fails(ErrorCode::io, "many/20");
  CHECK(run.store.keys().size() < 100);

  run.store.faults.clear();
  const std::size_t there = run.store.keys().size();
  const auto outcome = must(run.run());
  CHECK(outcome.already_present == there);
  CHECK(outcome.created == 207 - there);
  CHECK(run.receipt_of(outcome).findings.empty());
}

TEST_CASE("what the probe finds missing refuses before the first byte, all together") {
  ArchiveCase run;
  run.store.probe_items = {{ProbeItem::Verdict::ok, "reading", "can read"},
                           {ProbeItem::Verdict::missing, "flags", "no +i here"},
                           {ProbeItem::Verdict::unknown, "clock", "who knows"},
                           {ProbeItem::Verdict::missing, "space", "no room"}};
  run.check_fails(ErrorCode::refused, "flags: no +i here; space: no room");
  CHECK(run.store.keys().empty());
}

TEST_CASE("a member that was changed or replaced after verification is never completed") {
  ArchiveCase run;
  const auto path = run.files.path("note.txt");
  SUBCASE("written to") {
    std::ofstream(path) << "hullo\n";
  }
  SUBCASE("replaced by the same bytes") {
    std::filesystem::rename(path, run.home.file("old"));
    std::ofstream(path) << "hello\n";
  }
  SUBCASE("cut") {
    std::filesystem::resize_file(path, 3);
  }
  SUBCASE("gone") {
    std::filesystem::remove(path);
  }
  SUBCASE("a link") {
    std::filesystem::rename(path, run.home.file("old"));
    std::filesystem::create_symlink(run.home.file("old"), path);
  }
  run.check_fails(ErrorCode::corrupt, "note.txt");
  CHECK(run.store.latest(run.key_of("note.txt")) == nullptr);
}

TEST_CASE("a member that changes while it is sent is never completed") {
  ArchiveCase run;
  const std::string name = "attachments/große Datei.bin";
  const std::string key = run.key_of(name);
  const auto path = run.files.path(name);
  std::function<void()> change;
  SUBCASE("cut") {
    change = [&] { std::filesystem::resize_file(path, 2500); };
  }
  SUBCASE("longer") {
    change = [&] { std::ofstream(path, std::ios::app) << "more"; };
  }
  SUBCASE("the rest is rewritten") {
    change = [&] {
      std::fstream file(path, std::ios::in | std::ios::out);
      file.seekp(4000);
      file << "yyyy";
    };
  }
  run.store.on_read = [&](const std::string& read, std::size_t bytes) {
    if (read == key && bytes == 2000) change();
  };
  run.check_fails(ErrorCode::corrupt, "changed since it was verified");
  CHECK(run.store.latest(key) == nullptr);
}

TEST_CASE("cancelling ends an archive in the middle of a put") {
  ArchiveCase run;
  run.store.faults = {{Fault::waits_in_put, "note.txt"}};
  std::atomic<int> asked = 0;
  run.options.is_cancelled = [&asked] { return ++asked > 50; };
  run.check_fails(ErrorCode::cancelled, "cancelled");
}

TEST_CASE("another worker's failure ends a put that would wait for ever") {
  ArchiveCase run;
  run.store.faults = {{Fault::waits_in_put, "evidence.json"},
                      {Fault::put_fails, "note.txt", ErrorCode::forbidden}};
  run.check_fails(ErrorCode::forbidden, "note.txt");
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

TEST_CASE("small members go in batches where the store takes them, each proven") {
  ArchiveCase run;
  for (int i = 0; i < 30; ++i)
    run.files.add("many/" + std::to_string(i), std::to_string(i));
  run.files.sign();
  run.bundle = ArchiveCase::verified(run.files);
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

TEST_CASE("a signer that fails, or is no Ed25519 signer, leaves no receipt") {
  ArchiveCase run;
  SUBCASE("unavailable") {
    run.key = std::make_unique<FailingSigner>();
    run.check_fails(ErrorCode::unavailable, "does not answer");
  }
  SUBCASE("HMAC") {
    run.key = make_hmac_signer(secret_of("secret"));
    run.check_fails(ErrorCode::usage, "Ed25519");
  }
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

TEST_CASE("a receipts folder that cannot be written leaves what is in the store for the next run") {
  ArchiveCase run;
  std::ofstream(run.receipts()) << "a file in its place";
  const auto outcome = run.run();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::io);
  CHECK(run.store.keys().size() == 6);  // no receipt that the folder would lack
  std::filesystem::remove(run.receipts());
  const auto again = must(run.run());
  CHECK(again.is_new);
  CHECK(again.already_present == 6);
  CHECK(names_in(run.receipts()).size() == 1);
}

TEST_CASE("worker_count takes what is asked, and at least two where nothing is") {
  CHECK(worker_count(1) == 1);
  CHECK(worker_count(7) == 7);
  CHECK(worker_count(0) >= 2);
}
