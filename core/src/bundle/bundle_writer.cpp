#include "cavra/bundle_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "bundle/attachments.hpp"
#include "bundle/bundle_texts.hpp"
#include "bundle/decision.hpp"
#include "bundle/decision_reader.hpp"
#include "bundle/hashing_file.hpp"
#include "bundle/manifest.hpp"
#include "bundle/member_path.hpp"
#include "bundle/progress.hpp"
#include "bundle/retention_policy_json.hpp"
#include "bundle/signature_json.hpp"
#include "bundle/staging_folder.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/verify.hpp"

namespace cavra {
namespace {

constexpr std::string_view kTagline = "Before the agent acts, CAVRA decides.";
// The attestation's lines, until its head is known: removed again.
constexpr const char* kLinesName = ".attestation-lines";

// Between two looks at whether to stop.
constexpr std::uint64_t kCopyBytes = std::uint64_t{1} << 20;

// Of a text that is given: more is a mistake, and would not fit into the other files.
constexpr std::size_t kMaxTextBytes = 4096;
// Separators and indent around a decision, as readers count them with it.
constexpr std::size_t kAroundDecision = 64;

// A member of a JSON object in v1's pretty form, and what comes behind it.
std::string pretty_member(std::string_view name, const JsonValue& value, std::string_view end) {
  return "  " + pretty_json(JsonValue(name)) + ": " + pretty_json(value, 1) + std::string(end);
}

VerifyPolicy progress_policy(const BundleRequest& request) {
  VerifyPolicy policy;
  policy.on_progress = request.on_progress;
  policy.is_cancelled = request.is_cancelled;
  return policy;
}

// The decisions, as they are counted.
class CountedSource final : public ByteSource {
 public:
  CountedSource(ByteSource& source, Progress& progress) : source_(source), progress_(progress) {}

  Result<std::size_t> read(std::span<std::byte> buffer) override {
    if (progress_.is_cancelled()) return Error{ErrorCode::cancelled, "interrupted"};
    auto size = source_.read(buffer);
    if (size) progress_.add(*size);
    return size;
  }

 private:
  ByteSource& source_;
  Progress& progress_;
};

class Draft {
 public:
  Draft(StagingFolder& staging, const BundleRequest& request)
      : staging_(staging),
        request_(request),
        policy_(progress_policy(request)),
        progress_(policy_),
        created_at_(format_python(request.created_at)),
        session_id_(request.session_id) {}

  // evidence.json as the decisions come; what the others need of them is kept, or laid by.
  Result<void> write_evidence(ByteSource& decisions, DecisionFormat format) {
    CAVRA_TRY(evidence_, create(std::string(kEvidenceName)));
    CAVRA_TRY(lines_, HashingFile::create(staging_.fd(), kLinesName));
    if (::unlinkat(staging_.fd(), kLinesName, 0) != 0)
      return Error{ErrorCode::io, "cannot remove a file just made"};
    CAVRA_CHECK(evidence_->append("{\n" + pretty_member("created_at", created_at_, ",\n") +
                                  "  \"decisions\": "));
    decisions_offset_ = evidence_->size();
    CountedSource counted(decisions, progress_);
    CAVRA_TRY(
        const std::string earlier_session,
        read_decisions(counted, format, [&](const JsonValue& decision) { return take(decision); }));
    CAVRA_CHECK(evidence_->append(sums_.total == 0 ? "[]" : "\n  ]"));
    decisions_length_ = evidence_->size() - decisions_offset_;
    CAVRA_CHECK(decide_session_id(earlier_session));
    CAVRA_CHECK(evidence_->append(",\n" + pretty_member("product", "CAVRA", ",\n") +
                                  pretty_member("session_id", session_id_, ",\n") +
                                  pretty_member("tagline", kTagline, "\n}\n")));
    return evidence_->flush();
  }

  // The others, in v1's order. The evidence must be written.
  Result<void> write_others(const RetentionPolicy& retention) {
    CAVRA_TRY(HashingFile attestation, create("pr-attestation.md"));
    CAVRA_CHECK(attestation.append(attestation_head(session_id_, sums_)));
    CAVRA_CHECK(lines_->flush());
    CAVRA_CHECK(copy(*lines_, 0, lines_->size(), attestation));
    CAVRA_TRY(HashingFile siem, create("siem-event.json"));
    CAVRA_CHECK(write_siem(siem));
    CAVRA_CHECK(add(*evidence_));
    CAVRA_CHECK(add(attestation));
    CAVRA_CHECK(add_text("compliance-mapping.md",
                         compliance_mapping(session_id_, request_.policy_pack, sums_, retention)));
    CAVRA_CHECK(add(siem));
    CAVRA_CHECK(add_text("sandbox-run-summary.json", pretty_json(summary_json()) + '\n'));
    const RetentionContext context{request_.created_at, created_at_, session_id_};
    return add_text(std::string(kRetentionName),
                    pretty_json(retention_policy_json(retention, context)) + '\n');
  }

  Result<void> add_attachments(std::span<const Attachment> attachments,
                               const AttachmentRules& rules) {
    for (const Attachment& attachment : attachments) {
      const std::size_t slash = attachment.member_path.rfind('/');
      if (slash != std::string::npos)
        CAVRA_CHECK(staging_.make_folders(attachment.member_path.substr(0, slash)));
      CAVRA_TRY(WrittenFile file, copy_attachment(attachment, staging_.fd(), rules, progress_));
      files_.push_back(std::move(file));
    }
    return {};
  }

  Result<WrittenBundle> write_manifest(const Signer& signer) {
    JsonValue manifest = JsonValue::object({{"schema_version", kManifestSchema},
                                            {"product", "CAVRA"},
                                            {"created_at", created_at_},
                                            {"signer", request_.signer}});
    manifest.set("files", files_json());
    CAVRA_CHECK(check_cancelled());
    CAVRA_TRY(const Signature signature, sign(signer, canonical_json(manifest)));
    manifest.set("signature", signature_json(signature));
    const std::string text = pretty_json(manifest) + '\n';
    if (text.size() > kMaxManifestBytes)
      return Error{ErrorCode::usage,
                   "the manifest would be longer than 512 MiB; attach fewer files"};
    CAVRA_TRY(HashingFile file, create(std::string(kManifestName)));
    CAVRA_CHECK(file.append(text));
    CAVRA_TRY(const WrittenFile written, file.finish());
    return WrittenBundle{.folder = request_.output,
                         .session_id = session_id_,
                         .decision_count = sums_.total,
                         .member_count = files_.size(),
                         .manifest_sha256 = written.sha256.hex(),
                         .signature = signature};
  }

 private:
  [[nodiscard]] Result<void> check_cancelled() const {
    if (request_.is_cancelled && request_.is_cancelled())
      return Error{ErrorCode::cancelled, "interrupted"};
    return {};
  }

  // A part of one file to the end of another.
  Result<void> copy(const HashingFile& from, std::uint64_t offset, std::uint64_t length,
                    HashingFile& to) const {
    while (length > 0) {
      CAVRA_CHECK(check_cancelled());
      const std::uint64_t part = std::min(length, kCopyBytes);
      CAVRA_CHECK(to.append_from(from, offset, part));
      offset += part;
      length -= part;
    }
    return {};
  }

  Result<HashingFile> create(std::string name) {
    return HashingFile::create(staging_.fd(), std::move(name));
  }

  Result<void> add(HashingFile& file) {
    CAVRA_TRY(WrittenFile written, file.finish());
    files_.push_back(std::move(written));
    return {};
  }

  Result<void> add_text(std::string name, const std::string& text) {
    CAVRA_TRY(HashingFile file, create(std::move(name)));
    CAVRA_CHECK(file.append(text));
    return add(file);
  }

  Result<void> take(const JsonValue& decision) {
    CAVRA_CHECK(check_cancelled());
    CAVRA_TRY(const DecisionFacts facts, read_decision(decision));
    take_session_id(facts.session_id);
    CAVRA_TRY(const std::string text, decision_text(decision));
    CAVRA_CHECK(evidence_->append(sums_.total == 0 ? "[\n    " : ",\n    "));
    CAVRA_CHECK(evidence_->append(text));
    CAVRA_CHECK(lines_->append(attestation_line(facts)));
    sums_.add(facts);
    return {};
  }

  // As it stands in evidence.json, where it is deeper and longer than it may have come: what is
  // written must be what a verifier reads.
  static Result<std::string> decision_text(const JsonValue& decision) {
    if (json_depth(decision) + 2 > kMaxJsonDepth)
      return Error{ErrorCode::usage, "has more levels than evidence.json may have"};
    std::string text = pretty_json(decision, 2);
    if (text.size() + kAroundDecision <= kMaxStreamedValueBytes) return text;
    return Error{ErrorCode::usage, "is longer than 16 MiB in evidence.json"};
  }

  // Where none was given, the decisions must agree on one.
  void take_session_id(std::string_view found) {
    if (!request_.session_id.empty()) return;
    if (sums_.total == 0) {
      common_session_id_ = found;
    } else if (found != common_session_id_ && other_session_id_.empty()) {
      other_session_id_ = "decision " + std::to_string(sums_.total + 1) + " has the session id " +
                          quoted(found, 100) + ", and those before it " +
                          quoted(common_session_id_, 100);
    }
  }

  Result<void> decide_session_id(const std::string& earlier) {
    if (session_id_.empty()) session_id_ = earlier;
    if (session_id_.empty() && !other_session_id_.empty())
      return Error{ErrorCode::usage,
                   other_session_id_ + "; give the bundle's own with --session-id"};
    if (session_id_.empty()) session_id_ = common_session_id_;
    if (session_id_.empty())
      return Error{ErrorCode::usage,
                   (sums_.total == 0 ? std::string("there are no decisions to take the session id "
                                                   "from")
                                     : std::string("the decisions have no session id")) +
                       "; give it with --session-id"};
    if (session_id_.size() > kMaxTextBytes)
      return Error{ErrorCode::usage,
                   "the session id is longer than 4096 bytes; give another with "
                   "--session-id"};
    // It stands in texts, and in the names of objects.
    if (printable(session_id_, 6 * session_id_.size() + 16) == session_id_) return {};
    return Error{ErrorCode::usage, "the session id " + quoted(session_id_, 200) +
                                       " has characters that cannot be seen; give another with "
                                       "--session-id"};
  }

  Result<void> write_siem(HashingFile& siem) {
    const auto count = [&](std::string_view outcome) { return JsonValue(sums_.count(outcome)); };
    CAVRA_CHECK(siem.append(
        "{\n" + pretty_member("approval_required_count", count("require_approval"), ",\n") +
        pretty_member("blocked_count", count("block"), ",\n") +
        pretty_member("decision_count", sums_.total, ",\n") + "  \"decisions\": "));
    CAVRA_CHECK(copy(*evidence_, decisions_offset_, decisions_length_, siem));
    return siem.append(",\n" + pretty_member("event_type", "cavra.evidence_bundle", ",\n") +
                       pretty_member("max_severity", sums_.max_severity, ",\n") +
                       pretty_member("product", "CAVRA", ",\n") +
                       pretty_member("session_id", session_id_, ",\n") +
                       pretty_member("timestamp", created_at_, "\n}\n"));
  }

  JsonValue summary_json() const {
    return JsonValue::object({{"session_id", session_id_},
                              {"created_at", created_at_},
                              {"events", sums_.total},
                              {"blocked", sums_.count("block")},
                              {"approval_required", sums_.count("require_approval")}});
  }

  JsonValue files_json() const {
    JsonValue::Array entries;
    entries.reserve(files_.size());
    for (const WrittenFile& file : files_) {
      entries.push_back(JsonValue::object(
          {{"path", file.path}, {"sha256", file.sha256.hex()}, {"bytes", file.bytes}}));
    }
    return entries;
  }

  // A signer may be a plugin: what it gives must be a signature that a bundle can have.
  static Result<Signature> sign(const Signer& signer, const std::string& canonical) {
    CAVRA_TRY(Signature signature, signer.sign(as_bytes(canonical)));
    Findings problems;
    const Signature read = read_signature(signature_json(signature), problems);
    if (problems.empty() && read == signature) return signature;
    return Error{ErrorCode::unsupported,
                 "the signer gave no signature that a bundle can have: " +
                     (problems.empty() ? "it has other members" : problems.front().message)};
  }

  StagingFolder& staging_;
  const BundleRequest& request_;
  const VerifyPolicy policy_;
  Progress progress_;
  const std::string created_at_;
  std::string session_id_;
  std::string common_session_id_;
  std::string other_session_id_;  // why there is no common one
  DecisionSums sums_;
  std::optional<HashingFile> evidence_;
  std::uint64_t decisions_offset_ = 0;
  std::uint64_t decisions_length_ = 0;
  std::optional<HashingFile> lines_;
  std::vector<WrittenFile> files_;
};

Result<void> check_texts(const BundleRequest& request) {
  for (const std::string* text :
       {&request.session_id, &request.policy_pack, &request.signer, &request.classification}) {
    if (!is_utf8(*text))
      return Error{ErrorCode::usage, quoted(*text, 100) + " is not UTF-8; give it as UTF-8"};
    if (text->size() > kMaxTextBytes)
      return Error{ErrorCode::usage, quoted(*text, 100) + " is longer than 4096 bytes; shorten it"};
  }
  return {};
}

Result<std::vector<Attachment>> read_attachments(const BundleRequest& request,
                                                 const AttachmentRules& rules) {
  CAVRA_TRY(std::vector<Attachment> attachments, list_attachments(request.attachments, rules));
  std::vector<std::string_view> names{
      kEvidenceName,     "pr-attestation.md",        "compliance-mapping.md",
      "siem-event.json", "sandbox-run-summary.json", kRetentionName,
      kManifestName};
  for (const Attachment& attachment : attachments)
    names.push_back(attachment.member_path);
  if (names.size() > kMaxMembers)
    return Error{ErrorCode::usage, "there are more than 1000000 files to attach; split them"};
  const std::vector<PathTwins> twins = find_path_twins(names);
  if (twins.empty()) return attachments;
  return Error{ErrorCode::usage, "the member " + quoted(names[twins.front().second]) + ' ' +
                                     std::string(twins.front().why) + " (" +
                                     quoted(names[twins.front().first]) +
                                     "); rename what you attach"};
}

// Whoever leaves the key out by mistake must not lose what was signed.
Result<void> check_replacement(const StagingFolder& staging, const BundleRequest& request,
                               const Signer& signer) {
  const EarlierBundle* earlier = staging.earlier();
  if (earlier == nullptr || request.may_replace_signed) return {};
  if (signer.algorithm() != "SHA256" || earlier->algorithm == "SHA256") return {};
  return Error{ErrorCode::refused, quoted(request.output.native()) + " is a signed bundle (" +
                                       printable(earlier->algorithm) +
                                       "), and this one would not be signed: sign it, name "
                                       "another --output, or say --replace-signed"};
}

}  // namespace

Result<WrittenBundle> write_bundle(ByteSource& decisions, DecisionFormat format,
                                   const BundleRequest& request, const Signer& signer) {
  CAVRA_CHECK(check_texts(request));
  RetentionPolicy retention{.classification = request.classification,
                            .retention_days = request.retention_days,
                            .retain_until = {},
                            .legal_hold = request.legal_hold};
  CAVRA_TRY(retention.retain_until, retain_until(request.created_at, request.retention_days));
  const AttachmentRules rules{request.secrets, request.is_cancelled};
  CAVRA_TRY(const std::vector<Attachment> attachments, read_attachments(request, rules));
  CAVRA_TRY(const auto staging, StagingFolder::make(request.output));
  CAVRA_CHECK(check_replacement(*staging, request, signer));
  Draft draft(*staging, request);
  CAVRA_CHECK(draft.write_evidence(decisions, format));
  CAVRA_CHECK(draft.write_others(retention));
  CAVRA_CHECK(draft.add_attachments(attachments, rules));
  CAVRA_TRY(WrittenBundle written, draft.write_manifest(signer));
  CAVRA_CHECK(staging->publish());
  return written;
}

}  // namespace cavra
