// verify() checks one bundle under a trust anchor and tells every finding.
//
// It reads each file once, with all cores, and never follows a link or leaves the bundle.
// Format and rules: docs/spec/bundle-v1.md; codes: docs/findings.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cavra/finding.hpp"
#include "cavra/hasher.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"
#include "cavra/trust_anchor.hpp"
#include "cavra/verified_bundle.hpp"

namespace cavra {

inline constexpr std::uint64_t kMaxManifestBytes = std::uint64_t{512} << 20;
inline constexpr std::size_t kMaxMembers = 1'000'000;
// created_at may be this far ahead of the time of verification.
inline constexpr std::int64_t kMaxClockSkewSeconds = 300;

// A bundle that was opened, and not yet believed.
class Bundle {
 public:
  // Errors: usage (no such folder, no folder, unreadable).
  [[nodiscard]] static Result<Bundle> open(const std::string& folder);

  [[nodiscard]] int directory() const noexcept { return directory_.get(); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] FileDescriptor release() && noexcept { return std::move(directory_); }

 private:
  Bundle(FileDescriptor directory, std::string name)
      : directory_(std::move(directory)), name_(std::move(name)) {}
  FileDescriptor directory_;
  std::string name_;
};

struct VerifyPolicy {
  std::string expected_key_id = {};                         // empty: any that the anchor allows
  std::optional<std::int64_t> minimum_retention_days = {};  // asked of the signed policy
  bool allow_unlisted = false;                              // unlisted files are notes
  std::optional<Timestamp> at = {};                         // judge as of then; empty: the clock
  std::size_t workers = 0;                                  // 0: one a core
  HasherFactory hasher = make_sha256;
  // Bytes hashed so far; called from any worker.
  std::function<void(std::uint64_t bytes)> on_progress = {};
  std::function<bool()> is_cancelled = {};
};

struct VerifyReport {
  Findings findings;  // sorted by place: the manifest first, members in manifest order
  Findings notes;     // worth knowing, and no failure
  // Set where there are no findings.
  std::optional<VerifiedBundle> bundle;
  // Figures for people, set as far as they are known.
  std::size_t member_count = 0;
  std::uint64_t bytes = 0;
  std::string session_id;
  std::string manifest_sha256;
  std::optional<ManifestFacts> manifest;
  bool is_cancelled = false;
};

[[nodiscard]] VerifyReport verify(Bundle bundle, const TrustAnchor& anchor,
                                  const VerifyPolicy& policy);

// Members, sizes, structure and, for SHA256, the manifest's own digest; who signed is not checked,
// and `bundle` of the report stays empty.
[[nodiscard]] VerifyReport verify_checksums_only(Bundle bundle, const VerifyPolicy& policy);

// What a plan needs of a bundle: from a verified one, or from one whose checksums alone hold.
struct BundleSummary {
  ManifestFacts manifest;
  struct File {
    std::string path;
    Digest sha256;
    std::uint64_t bytes = 0;
  };
  std::vector<File> files;  // the members, in manifest order
  File manifest_file;
  std::string session_id;
  std::optional<RetentionPolicy> retention;
};
[[nodiscard]] BundleSummary summarize(const VerifiedBundle& bundle);
// The summary that verify_checksums_only found, where it had no findings.
[[nodiscard]] Result<BundleSummary> summarize_checksums_only(Bundle bundle,
                                                             const VerifyPolicy& policy,
                                                             VerifyReport* report);

}  // namespace cavra
