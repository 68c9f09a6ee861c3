// What ends an archive run, and that it leaves no receipt.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>

#include "archive/archive_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

// A signer that is somewhere else, and not always there.
class FailingSigner final : public Signer {
 public:
  std::string_view key_id() const override { return "far-away"; }
  std::string_view algorithm() const override { return "Ed25519"; }
  Result<Signature> sign(std::span<const std::byte>) const override {
    return Error{ErrorCode::unavailable, "the signer does not answer"};
  }
};

}  // namespace

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
  run.options.workers = 1;
  run.store.faults = {{Fault::put_fails, "evidence.json", ErrorCode::io},
                      {Fault::put_fails, "note", ErrorCode::unproven},
                      {Fault::put_fails, "empty", ErrorCode::conflict}};
  run.store.max_batch_objects = 10;  // one lot: every object is tried
  run.check_fails(ErrorCode::conflict, "empty.txt");
}

TEST_CASE("one failing object among many stops the others, and the next run completes") {
  ArchiveCase run;
  run.add_many(200);
  run.options.workers = 1;  // of several, a busy machine lets some go far before they are told
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
