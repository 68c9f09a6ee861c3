#include "cavra/verify.hpp"

#include <future>
#include <utility>

#include "bundle/finding_list.hpp"
#include "bundle/hash_members.hpp"
#include "bundle/manifest.hpp"
#include "bundle/member_path.hpp"
#include "bundle/progress.hpp"
#include "bundle/retention_policy_json.hpp"
#include "bundle/unlisted_files.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {

// What one verification has found so far. Each step adds its findings; all are told.
class Verification {
 public:
  Verification(const Bundle& bundle, const VerifyPolicy& policy)
      : folder_(bundle.directory()), policy_(policy), progress_(policy) {}

  // `anchor` is null where checksums alone are asked for.
  void run(const TrustAnchor* anchor) {
    const auto hasher = policy_.hasher();
    Manifest manifest;  // which outlives the threads that hash what it lists
    MemberHashing hashing(folder_, policy_, progress_);
    const auto on_entry = [&](std::size_t index, ManifestEntry& entry) {
      hashing.add(index, entry);
    };
    if (!read_manifest_into(manifest, folder_, *hasher, progress_, findings_, on_entry)) return;
    manifest_ = std::move(manifest);
    check_created_at();
    // Beside all else: it takes one thread, and long where there are many names.
    auto has_as_many = std::async([this] { return has_as_many_files(); });
    anchor == nullptr ? check_digest() : check_signature(*anchor);
    std::string().swap(manifest_->canonical);  // the longest text of all
    HashedMembers hashed = hashing.finish(*manifest_, findings_);
    check_evidence(hashed);
    check_retention(hashed);
    // Names are compared only where the figures leave a doubt.
    if (!has_as_many.get() || !findings_.empty()) add_unlisted(look_for_unlisted());
  }

  // Sorted findings, and the figures. Once.
  VerifyReport report() {
    VerifyReport report;
    report.is_cancelled = progress_.is_cancelled();
    report.findings = findings_.take();
    report.notes = std::move(notes_);
    report.session_id = session_id_;
    if (!manifest_) return report;
    report.member_count = manifest_->entries.size();
    for (const ManifestEntry& entry : manifest_->entries)
      report.bytes += entry.bytes;
    report.manifest_sha256 = manifest_->file.sha256.hex();
    report.manifest = manifest_->facts;
    return report;
  }

  Manifest& manifest() { return *manifest_; }
  std::string& session_id() { return session_id_; }
  std::optional<RetentionPolicy>& retention() { return retention_; }
  std::optional<TrustRoot>& signed_by() { return signed_by_; }

 private:
  void check_created_at() {
    if (!manifest_->has_created_at) return;
    const Timestamp now = policy_.at.value_or(now_utc());
    const Timestamp made = manifest_->facts.created_at.at;
    const Timestamp latest{now.unix_s + kMaxClockSkewSeconds, now.nanos};
    if (made <= latest) return;
    findings_.add(kManifestRank,
                  Finding{"manifest.created_at", "manifest.json#/created_at",
                          "the bundle says it was made at " + format_utc(made) +
                              ", which is more than 5 minutes after " + format_utc(now) +
                              "; check the clocks of this machine and of the signer's"});
  }

  void check_signature(const TrustAnchor& anchor) {
    // Without these there are findings already, and nothing to check against.
    if (!manifest_->has_created_at || !manifest_->has_signature) return;
    const ManifestFacts& facts = manifest_->facts;
    findings_.add(kManifestRank,
                  anchor.check(manifest_->canonical, facts.signature, policy_.expected_key_id,
                               facts.created_at.at, &signed_by_));
  }

  void check_digest() {
    notes_.push_back({"signature.unchecked", "manifest.json#/signature",
                      "who signed was not checked; give a public key or a trust root"});
    if (!manifest_->has_signature) return;
    const Signature& signature = manifest_->facts.signature;
    if (signature.algorithm != "SHA256") return;
    const auto hasher = policy_.hasher();
    hasher->update(as_bytes(manifest_->canonical));
    const Digest digest = hasher->finish();
    if (equal_constant_time(digest.span(), signature.value)) return;
    findings_.add(kManifestRank,
                  Finding{"signature.mismatch", "manifest.json#/signature/value",
                          "the manifest's own digest does not fit it: one of the two was changed; "
                          "get an undamaged copy of the bundle"});
  }

  void check_evidence(HashedMembers& hashed) {
    if (!hashed.evidence) return;  // a finding already, of the manifest or the member
    const std::size_t rank = member_rank(*manifest_->find(kEvidenceName));
    Evidence& evidence = *hashed.evidence;
    findings_.add(rank, std::move(evidence.findings));
    session_id_ = evidence.session_id;
    if (!evidence.created_at || !manifest_->has_created_at) return;
    if (*evidence.created_at == manifest_->facts.created_at_text) return;
    findings_.add(rank, Finding{"evidence.created_at", "evidence.json#/created_at",
                                "evidence.json: \"created_at\" is " +
                                    quoted(*evidence.created_at, 100) + ", and the manifest says " +
                                    quoted(manifest_->facts.created_at_text, 100) +
                                    "; get the bundle as its signer made it"});
  }

  void check_retention(const HashedMembers& hashed) {
    const auto index = manifest_->find(kRetentionName);
    const std::size_t rank = index ? member_rank(*index) : kLastRank;
    if (index && manifest_->entries[*index].bytes > kMaxRetentionPolicyBytes) {
      findings_.add(rank, Finding{"retention.size", std::string(kRetentionName),
                                  "retention-policy.json is longer than 1 MiB; get the bundle as "
                                  "its signer made it"});
    }
    if (hashed.retention_policy) {
      Findings problems;
      retention_ = read_retention_policy(*hashed.retention_policy,
                                         {.created_at = manifest_->facts.created_at,
                                          .created_at_text = manifest_->facts.created_at_text,
                                          .session_id = session_id_},
                                         problems);
      findings_.add(rank, std::move(problems));
    }
    check_minimum(rank, index.has_value());
  }

  void check_minimum(std::size_t rank, bool is_listed) {
    if (!policy_.minimum_retention_days) return;
    const std::int64_t minimum = *policy_.minimum_retention_days;
    if (minimum < 1) {
      findings_.add(kLastRank, Finding{"retention.minimum", "",
                                       "the minimum of retention days asked for is " +
                                           std::to_string(minimum) + "; ask for 1 or more"});
    } else if (!is_listed) {
      findings_.add(kLastRank,
                    Finding{"retention.missing", std::string(kRetentionName),
                            "a minimum retention was asked for, and the manifest lists no "
                            "retention-policy.json; ask for a bundle with one"});
    } else if (retention_ && retention_->retention_days < minimum) {
      findings_.add(
          rank, Finding{"retention.minimum", "retention-policy.json#/retention_days",
                        "the policy keeps for " + std::to_string(retention_->retention_days) +
                            " days, and at least " + std::to_string(minimum) + " were asked for"});
    }
  }

  [[nodiscard]] std::vector<std::string_view> listed_paths() const {
    std::vector<std::string_view> paths;
    paths.reserve(manifest_->entries.size());
    for (const ManifestEntry& entry : manifest_->entries) {
      if (!entry.path.empty()) paths.push_back(entry.path);
    }
    return paths;
  }

  // These only read what is settled once the manifest is read.
  bool has_as_many_files() {
    return has_as_many_as_listed(folder_, listed_paths(),
                                 [this] { return progress_.is_cancelled(); });
  }
  Findings look_for_unlisted() {
    return find_unlisted(folder_, listed_paths(), [this] { return progress_.is_cancelled(); });
  }

  void add_unlisted(Findings unlisted) {
    if (progress_.is_cancelled()) return;
    for (Finding& finding : unlisted) {
      if (policy_.allow_unlisted && finding.code == "bundle.unlisted") {
        notes_.push_back(std::move(finding));
      } else {
        findings_.add(kLastRank, std::move(finding));
      }
    }
  }

  int folder_;
  const VerifyPolicy& policy_;
  Progress progress_;
  FindingList findings_;
  Findings notes_;
  std::optional<Manifest> manifest_;
  std::string session_id_;
  std::optional<RetentionPolicy> retention_;
  std::optional<TrustRoot> signed_by_;
};

// The only maker of a VerifiedBundle: called where a verification under an anchor found nothing.
struct VerifiedBundleMaker {
  static VerifiedBundle make(Bundle bundle, Verification& checked, TrustAnchor::Kind anchor) {
    VerifiedBundle made;
    made.name_ = bundle.name();
    made.directory_ = std::move(bundle).release();
    Manifest& manifest = checked.manifest();
    made.manifest_ = std::move(manifest.facts);
    made.manifest_file_ = std::move(manifest.file);
    made.members_.reserve(manifest.entries.size());
    // value() throws where a member was never found sound: then there is no bundle to be made.
    for (ManifestEntry& entry : manifest.entries)
      made.members_.push_back({std::move(entry.path), entry.sha256, entry.file.value()});
    made.session_id_ = std::move(checked.session_id());
    made.retention_ = std::move(checked.retention());
    made.anchor_ = anchor;
    made.signed_by_ = std::move(checked.signed_by());
    return made;
  }
};

VerifyReport verify(Bundle bundle, const TrustAnchor& anchor, const VerifyPolicy& policy) {
  Verification verification(bundle, policy);
  verification.run(&anchor);
  VerifyReport report = verification.report();
  if (report.findings.empty() && !report.is_cancelled)
    report.bundle = VerifiedBundleMaker::make(std::move(bundle), verification, anchor.kind());
  return report;
}

VerifyReport verify_checksums_only(Bundle bundle, const VerifyPolicy& policy) {
  Verification verification(bundle, policy);
  verification.run(nullptr);
  return verification.report();
}

Result<BundleSummary> summarize_checksums_only(Bundle bundle, const VerifyPolicy& policy,
                                               VerifyReport* report) {
  Verification verification(bundle, policy);
  verification.run(nullptr);
  VerifyReport found = verification.report();
  const bool is_good = found.findings.empty() && !found.is_cancelled;
  const bool is_cancelled = found.is_cancelled;
  if (report != nullptr) *report = std::move(found);
  if (is_cancelled) return Error{ErrorCode::cancelled, "the verification was interrupted"};
  if (!is_good) {
    return Error{ErrorCode::corrupt,
                 "the checksums of the bundle " + quoted(bundle.name()) + " do not hold"};
  }
  Manifest& manifest = verification.manifest();
  BundleSummary summary{
      .manifest = manifest.facts,
      .files = {},
      .manifest_file = {manifest.file.path, manifest.file.sha256, manifest.file.file.size},
      .session_id = verification.session_id(),
      .retention = verification.retention()};
  summary.files.reserve(manifest.entries.size());
  for (const ManifestEntry& entry : manifest.entries)
    summary.files.push_back({entry.path, entry.sha256, entry.bytes});
  return summary;
}

BundleSummary summarize(const VerifiedBundle& bundle) {
  const auto to_file = [](const Member& member) {
    return BundleSummary::File{member.path, member.sha256, member.file.size};
  };
  BundleSummary summary{.manifest = bundle.manifest(),
                        .files = {},
                        .manifest_file = to_file(bundle.manifest_file()),
                        .session_id = bundle.session_id(),
                        .retention = bundle.retention()};
  summary.files.reserve(bundle.members().size());
  for (const Member& member : bundle.members())
    summary.files.push_back(to_file(member));
  return summary;
}

}  // namespace cavra
