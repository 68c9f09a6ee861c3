// A verified bundle, a store for it, keys and folders: what an archive run needs.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "archive/fake_store.hpp"
#include "bundle/bundle_test_data.hpp"
#include "cavra/archive.hpp"
#include "cavra/plan.hpp"
#include "cavra/receipt.hpp"
#include "cavra/status.hpp"

namespace cavra::testing {

inline constexpr std::int64_t kRetainUntil = 2'000'000'001;  // 2033-05-18T03:33:21Z

// Trust roots that no file gave.
class MapTrustRoots final : public TrustRoots {
 public:
  explicit MapTrustRoots(std::vector<TrustRoot> roots) : roots_(std::move(roots)) {}
  Result<TrustRoot> find(std::string_view key_id, std::string_view fingerprint,
                         KeyPurpose purpose) const override {
    for (const TrustRoot& root : roots_) {
      const bool has_key = root.key.fingerprint() == fingerprint;
      if (root.status == KeyStatus::revoked && (root.key_id == key_id || has_key)) return root;
    }
    for (const TrustRoot& root : roots_) {
      const bool is_same =
          root.key_id == key_id && (fingerprint.empty() || root.key.fingerprint() == fingerprint);
      if (is_same && root.purpose == purpose) return root;
    }
    return Error{ErrorCode::not_found, "the map has no such root"};
  }
  std::string_view name() const override { return "map"; }

 private:
  std::vector<TrustRoot> roots_;
};

inline VerifiedBundle must_verify(const std::filesystem::path& folder) {
  VerifyReport report =
      verify(must(Bundle::open(folder.string())), TestBundle::anchor(), VerifyPolicy{});
  REQUIRE_MESSAGE(report.bundle, joined(briefs(report.findings)));
  return *std::move(report.bundle);
}

inline void must_hold(const Result<void>& result) {
  if (!result) FAIL("unexpected error: " << result.error().message);
}

inline TrustRoot receipt_root(std::string_view key_id) {
  TrustRoot root = test_root(key_id);
  root.purpose = KeyPurpose::receipt;
  return root;
}

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE_MESSAGE(in, file);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  if (std::filesystem::exists(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

// evidence.json, note.txt, and a few more members, one of them in several reads and one empty.
inline TestBundle& filled(TestBundle& bundle) {
  bundle.add("attachments/empty.txt", "");
  bundle.add("attachments/große Datei.bin", std::string(5000, 'x') + "end");
  bundle.add("zz.md", "# last\n");
  bundle.sign();
  return bundle;
}

// A bundle and a store, and the archive run over them.
struct ArchiveCase {
  TestBundle files;
  VerifiedBundle bundle = verified(filled(files));
  FakeStore store;
  FakeBackend writer{store};
  FakeBackend prover{store};
  std::unique_ptr<Signer> key = make_ed25519_signer(test_key("receipts"), "receipts");
  MapTrustRoots roots{{receipt_root("receipts")}};
  TemporaryFolder home;
  ArchiveOptions options = default_options();
  bool legal_hold = false;
  std::int64_t retain_until_unix_s = kRetainUntil;

  static VerifiedBundle verified(const TestBundle& files) { return must_verify(files.path()); }

  // Members many/0, many/1 and so on.
  void add_many(int count) {
    for (int i = 0; i < count; ++i)
      files.add("many/" + std::to_string(i), std::to_string(i));
    files.sign();
    bundle = verified(files);
  }

  [[nodiscard]] std::filesystem::path receipts() const { return home.file("receipts"); }
  [[nodiscard]] std::filesystem::path staging() const { return home.file("staging"); }

  [[nodiscard]] ArchiveOptions default_options() const {
    ArchiveOptions made;
    made.workers = 3;
    made.folders = {receipts(), staging()};
    made.receipt_roots = &roots;
    return made;
  }

  [[nodiscard]] StorePlan plan() const {
    RetentionDate date;
    date.retain_until_unix_s = retain_until_unix_s;
    date.source = "requested date";
    date.requested_unix_s = retain_until_unix_s;
    date.legal_hold = legal_hold;
    return must(make_store_plan(summarize(bundle), "fake", store.description, date));
  }

  [[nodiscard]] Result<ArchiveOutcome> run() {
    return archive(bundle, plan(), writer, prover, *key, options);
  }

  [[nodiscard]] std::string key_of(std::string_view member) const {
    return plan().member_key(member);
  }
  [[nodiscard]] CheckedReceipt receipt_of(const ArchiveOutcome& outcome) const {
    return must(check_receipt(read_text(outcome.receipt_file), &roots));
  }

  // The run fails so, with the word in its message, and leaves no receipt anywhere.
  void check_fails(ErrorCode code, std::string_view word) {
    const auto outcome = run();
    REQUIRE_FALSE(outcome);
    CAPTURE(outcome.error().message);
    CHECK(std::string_view(to_string(outcome.error().code)) == to_string(code));
    CHECK(contains(outcome.error().message, word));
    CHECK(names_in(receipts()).empty());
    CHECK(names_in(staging()).empty());
  }
};

inline bool has_note(const ArchiveOutcome& outcome, std::string_view part) {
  return std::ranges::any_of(outcome.notes,
                             [&](const std::string& note) { return contains(note, part); });
}

}  // namespace cavra::testing
