#include "cavra/restore.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <array>

#include "archive/archive_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

struct RestoreCase {
  ArchiveCase run;
  CheckedReceipt receipt = run.receipt_of(must(run.run()));
  TemporaryFolder place;
  std::filesystem::path output = place.file("restored");
  RestoreOptions options{.workers = 2};

  [[nodiscard]] Result<RestoreReport> give_back() {
    return restore(receipt, run.prover, output, options);
  }
  // It fails so, and leaves nothing.
  void check_fails(ErrorCode code, std::string_view word) {
    const auto before = names_in(place.file(""));
    const auto report = give_back();
    REQUIRE_FALSE(report);
    CAPTURE(report.error().message);
    CHECK(report.error().code == code);
    CHECK(contains(report.error().message, word));
    CHECK(names_in(place.file("")) == before);
  }
};

}  // namespace

TEST_CASE("restore gives the bundle back, byte for byte, and it verifies again") {
  RestoreCase test;
  SUBCASE("into a new folder") {}
  SUBCASE("into a folder that is to be made") {
    test.output = test.place.file("a/b/restored");
  }
  SUBCASE("into an empty folder") {
    std::filesystem::create_directory(test.output);
  }
  SUBCASE("with a slash at its end") {
    test.output = test.place.file("restored") + "/";
  }
  const auto report = must(test.give_back());
  CHECK(report.files == 6);
  for (const Member& member : test.run.bundle.members()) {
    CAPTURE(member.path);
    CHECK(read_text(test.output / member.path) == read_text(test.run.files.path(member.path)));
  }
  const auto verified =
      verify(must(Bundle::open(test.output.string())), TestBundle::anchor(), VerifyPolicy{});
  CHECK(verified.bundle);
  CHECK(verified.bundle->manifest_file().sha256 == test.run.bundle.manifest_file().sha256);
  CHECK(names_in(test.output.has_filename() ? test.output.parent_path()
                                            : test.output.parent_path().parent_path())
            .size() == 1);
  struct stat seen{};
  REQUIRE(::stat(test.output.c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0700);
}

TEST_CASE("a place that is taken is refused before anything is read, and stays as it is") {
  RestoreCase test;
  std::filesystem::path kept = test.output;
  SUBCASE("a folder with something in it") {
    std::filesystem::create_directory(test.output);
    kept = test.output / "mine";
    std::ofstream(kept) << "mine";
  }
  SUBCASE("a file") {
    std::ofstream(test.output) << "mine";
  }
  SUBCASE("a link to an empty folder") {
    std::filesystem::create_directory(test.place.file("elsewhere"));
    std::filesystem::create_directory_symlink(test.place.file("elsewhere"), test.output);
  }
  test.run.store.events.clear();
  test.check_fails(ErrorCode::refused, "is there already");
  CHECK(std::filesystem::exists(kept));
  CHECK(test.run.store.events.empty());
}

TEST_CASE("one byte that differs, and nothing is restored") {
  RestoreCase test;
  const std::string key = test.run.key_of("note.txt");
  SUBCASE("changed") {
    test.run.store.latest(key)->bytes = "hallo\n";
  }
  SUBCASE("shorter") {
    test.run.store.latest(key)->bytes = "hello";
  }
  SUBCASE("longer") {
    test.run.store.latest(key)->bytes = "hello\n\n";
  }
  SUBCASE("without end") {
    test.run.store.faults = {{Fault::gets_more, "note.txt"}};
  }
  test.check_fails(ErrorCode::corrupt, "note.txt");
}

TEST_CASE("an object that is not there any more is no failure of the store") {
  RestoreCase test;
  test.run.store.faults = {{Fault::gets_nothing, "note.txt", ErrorCode::not_found}};
  test.check_fails(ErrorCode::corrupt, "note.txt");
}

TEST_CASE("what the store returns is what restore returns, with the key") {
  struct Row {
    Fault fault;
    ErrorCode code;
  };
  static constexpr std::array rows{
      Row{Fault::get_fails, ErrorCode::io},
      Row{Fault::get_fails, ErrorCode::forbidden},
  };
  for (const auto& [fault, code] : rows) {
    CAPTURE(to_string(code));
    RestoreCase test;
    test.run.store.faults = {{fault, "note.txt", code}};
    test.check_fails(code, "note.txt");
  }
}

TEST_CASE("the archived version is given back, whatever lies above it") {
  RestoreCase test;
  auto& versions = test.run.store.objects[test.run.key_of("note.txt")];
  versions.push_back({"v2", "hallo\n", {}, 0, false});
  versions.push_back({"v3", "", {}, 0, true});
  must(test.give_back());
  CHECK(read_text(test.output / "note.txt") == "hello\n");
}

TEST_CASE("evidence is given back though the key was revoked since, and not for a forged receipt") {
  RestoreCase test;
  SUBCASE("revoked") {
    TrustRoot root = receipt_root("receipts");
    root.status = KeyStatus::revoked;
    const MapTrustRoots roots({root});
    const std::string envelope = must(sign_receipt(test.receipt.receipt, *test.run.key));
    test.receipt = must(check_receipt(envelope, &roots));
    CHECK_FALSE(test.receipt.findings.empty());
    CHECK(test.give_back());
  }
  SUBCASE("forged") {
    const auto forger = make_ed25519_signer(test_key("forger"), "receipts");
    const std::string envelope = must(sign_receipt(test.receipt.receipt, *forger));
    test.receipt = must(check_receipt(envelope, &test.run.roots));
    test.check_fails(ErrorCode::corrupt, "signature");
  }
  SUBCASE("signed by a stranger, whose signature nobody can check") {
    const auto stranger = make_ed25519_signer(test_key("stranger"), "stranger");
    const std::string envelope = must(sign_receipt(test.receipt.receipt, *stranger));
    test.receipt = must(check_receipt(envelope, &test.run.roots));
    test.check_fails(ErrorCode::corrupt, "not trusted");
  }
  SUBCASE("not checked at all") {
    const std::string envelope = must(sign_receipt(test.receipt.receipt, *test.run.key));
    test.receipt = must(check_receipt(envelope, nullptr));
    test.check_fails(ErrorCode::corrupt, "not checked");
  }
}

TEST_CASE("a receipt of another store restores nothing here") {
  RestoreCase test;
  test.run.store.description.identity = "fake-2";
  FakeBackend other(test.run.store);
  const auto report = restore(test.receipt, other, test.output, test.options);
  REQUIRE_FALSE(report);
  CHECK(report.error().code == ErrorCode::usage);
  CHECK_FALSE(std::filesystem::exists(test.output));
}

TEST_CASE("restore can be cancelled, and leaves nothing") {
  RestoreCase test;
  test.options.is_cancelled = [] { return true; };
  test.check_fails(ErrorCode::cancelled, "cancelled");
}

TEST_CASE("a parent that is no folder is an io error") {
  RestoreCase test;
  std::ofstream(test.place.file("file")) << "x";
  test.output = test.place.file("file/restored");
  const auto report = test.give_back();
  REQUIRE_FALSE(report);
  CHECK(std::string(to_string(report.error().code)) == "io");
}
