#include "cavra/archive.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "archive/crew.hpp"
#include "archive/earlier_receipts.hpp"
#include "archive/file_source.hpp"
#include "archive/inquiry.hpp"
#include "archive/notes.hpp"
#include "archive/object_archiver.hpp"
#include "archive/receipt_archiver.hpp"
#include "archive/receipt_file.hpp"
#include "archive/unknown_objects.hpp"
#include "bundle/member_path.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {

namespace engine {

namespace {

constexpr std::size_t kMaxReferenceBytes = 1024;
// A lot is put at once where the store takes batches. So many objects share the cost of one
// barrier, and no worker waits long for another's lot.
constexpr std::size_t kMaxLotObjects = 256;
constexpr std::uint64_t kMaxLotBytes = std::uint64_t{8} << 20;

std::string media_type_of(std::string_view path) {
  if (path.ends_with(".json")) return "application/json";
  if (path.ends_with(".md")) return "text/markdown";
  if (path.ends_with(".txt")) return "text/plain";
  return "application/octet-stream";
}

// One run: the way of an archive, phase by phase. What the phases share is here.
class ArchiveRun {
 public:
  ArchiveRun(const VerifiedBundle& bundle, const StorePlan& plan, StorageBackend& writer,
             StorageBackend& prover, const Signer& receipt_key, const ArchiveOptions& options)
      : bundle_(bundle),
        plan_(plan),
        writer_(writer),
        prover_(prover),
        receipt_key_(receipt_key),
        options_(options),
        limits_{options.call_timeout, options.is_cancelled},
        question_{&options_.hasher, prover.describe().checks_sha256,
                  [this](std::uint64_t bytes) { tally_.add_bytes(bytes); }},
        tally_(options) {}

  // What is archived and wholly locked. Puts nothing into the store.
  Result<std::optional<ArchiveOutcome>> find() {
    CAVRA_CHECK(look_at_receipts());
    if (!earlier_.standing || !earlier_.standing->is_locked) return std::optional<ArchiveOutcome>{};
    CAVRA_TRY(ArchiveOutcome kept, keep());
    return std::optional(std::move(kept));
  }

  // A receipt that is there is found also where nothing more can be put.
  Result<ArchiveOutcome> run() {
    CAVRA_CHECK(look_at_receipts());
    if (earlier_.standing) {
      CAVRA_CHECK(lock_receipt());
      return keep();
    }
    CAVRA_CHECK(probe_store(writer_, plan_.store, limits_.context()));
    CAVRA_CHECK(put_members());
    CAVRA_CHECK(put_manifest());
    CAVRA_CHECK(seal());
    CAVRA_CHECK(keep_earlier_receipts());
    note_what_else_is_there();
    return put_receipt();
  }

 private:
  // Phases, in their order.
  [[nodiscard]] Result<void> check_input() const;
  [[nodiscard]] Result<void> look_at_receipts();
  [[nodiscard]] Result<void> lock_receipt();
  [[nodiscard]] Result<ArchiveOutcome> keep();
  [[nodiscard]] Result<void> put_members();
  [[nodiscard]] Result<void> put_manifest();
  [[nodiscard]] Result<void> seal();
  [[nodiscard]] Result<void> keep_earlier_receipts();
  void note_hidden(std::size_t index);
  void note_what_else_is_there();
  [[nodiscard]] Result<ArchiveOutcome> put_receipt();

  [[nodiscard]] ObjectArchiver archiver(const StopFlag& is_stopped) {
    return {writer_, prover_, CallLimits{limits_.timeout, is_stopped}, question_, tally_};
  }
  [[nodiscard]] const Member& member_at(std::size_t index) const {
    return index < bundle_.members().size() ? bundle_.members()[index] : bundle_.manifest_file();
  }
  [[nodiscard]] PendingObject pending_at(std::size_t index);
  [[nodiscard]] Result<void> archive_members(ObjectArchiver& archiver, std::size_t begin,
                                             std::size_t end);
  [[nodiscard]] Result<std::size_t> max_batch_objects();
  [[nodiscard]] std::vector<std::uint32_t> lots(std::size_t batch_objects,
                                                std::size_t workers) const;
  [[nodiscard]] ProvenObject proven_at(std::size_t index) const;
  [[nodiscard]] Result<ReceiptFacts> facts() const;
  [[nodiscard]] Result<void> archive_receipt(const StagedReceipt& file);
  [[nodiscard]] ArchiveOutcome outcome(ReceiptFacts facts, const std::string& receipt_sha256);

  const VerifiedBundle& bundle_;
  const StorePlan& plan_;
  StorageBackend& writer_;
  StorageBackend& prover_;
  const Signer& receipt_key_;
  const ArchiveOptions& options_;
  const CallLimits limits_;
  const DigestQuestion question_;
  ArchiveTally tally_;
  Notes notes_;
  EarlierReceipts earlier_;
  std::vector<ShownObject> shown_;  // by index: members, then the manifest
};

Result<void> ArchiveRun::check_input() const {
  if (!is_utf8(options_.reference) || options_.reference.size() > kMaxReferenceBytes)
    return Error{ErrorCode::usage, "the reference must be UTF-8 of at most " +
                                       std::to_string(kMaxReferenceBytes) + " bytes"};
  if (!plan_.archive_prefix.ends_with("/" + bundle_.manifest_file().sha256.hex() + "/"))
    return Error{ErrorCode::internal, "the plan is not for this bundle"};
  return {};
}

Result<void> ArchiveRun::look_at_receipts() {
  CAVRA_CHECK(check_input());
  CAVRA_TRY(earlier_, engine::look_at_receipts(
                          {bundle_, plan_, prover_, options_, limits_, question_}, notes_));
  return {};
}

Result<void> ArchiveRun::lock_receipt() {
  const StandingReceipt& standing = *earlier_.standing;
  if (standing.is_locked) return {};
  CAVRA_CHECK(archive_receipt(standing.file));
  notes_.add("the receipt " + quoted(plan_.receipt_key(standing.file.sha256().hex())) +
             " was there without its lock, as a run that is ended leaves it: it is locked now");
  return {};
}

Result<ArchiveOutcome> ArchiveRun::keep() {
  StandingReceipt& standing = *earlier_.standing;
  if (standing.facts.reference != options_.reference)
    notes_.add("archived already, with the reference " + quoted(standing.facts.reference) +
               ": that receipt is kept");
  ArchiveOutcome kept = outcome(std::move(standing.facts), standing.file.sha256().hex());
  CAVRA_TRY(kept.receipt_file, std::move(standing.file).publish());
  return kept;
}

PendingObject ArchiveRun::pending_at(std::size_t index) {
  const Member& member = member_at(index);
  PendingObject object;
  object.request = {.key = plan_.member_key(member.path),
                    .length = member.file.size,
                    .sha256 = member.sha256,
                    .media_type = media_type_of(member.path),
                    .metadata_json = "{}",
                    .lock = earlier_.lock,
                    .archive_prefix = plan_.archive_prefix};
  object.source = std::make_unique<FileSource>(
      [this, &member] { return bundle_.open(member); }, member.file, member.sha256, member.path,
      options_.hasher(), [this](std::uint64_t bytes) { tally_.add_bytes(bytes); });
  return object;
}

Result<void> ArchiveRun::archive_members(ObjectArchiver& archiver, std::size_t begin,
                                         std::size_t end) {
  std::vector<PendingObject> objects;
  for (std::size_t i = begin; i < end; ++i)
    objects.push_back(pending_at(i));
  CAVRA_CHECK(archiver.archive(objects));
  for (std::size_t i = begin; i < end; ++i) {
    shown_[i] = std::move(objects[i - begin].shown);
    if (shown_[i].is_latest == false) note_hidden(i);
  }
  return {};
}

void ArchiveRun::note_hidden(std::size_t index) {
  notes_.add(quoted(plan_.member_key(member_at(index).path)) +
             ": another version or a delete marker lies above it");
}

// Where each lot of members begins, and at last their end. A lot is one member, or as many small
// ones as the store takes at once, but no more than each worker's share.
std::vector<std::uint32_t> ArchiveRun::lots(std::size_t batch_objects, std::size_t workers) const {
  const auto members = bundle_.members();
  const std::size_t share = (members.size() + workers - 1) / workers;
  const std::size_t most =
      std::clamp<std::size_t>(std::min(batch_objects, share), 1, kMaxLotObjects);
  std::vector<std::uint32_t> begins{0};
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    bytes += members[i].file.size;
    const bool is_full = i - begins.back() == most || bytes > kMaxLotBytes;
    if (!is_full || i == begins.back()) continue;
    begins.push_back(static_cast<std::uint32_t>(i));
    bytes = members[i].file.size;
  }
  if (!members.empty()) begins.push_back(static_cast<std::uint32_t>(members.size()));
  return begins;
}

// That the store takes at once. Asked of a session that is closed again before the workers' open.
Result<std::size_t> ArchiveRun::max_batch_objects() {
  CAVRA_TRY(const auto session, writer_.session());
  return session->max_batch_objects();
}

Result<void> ArchiveRun::put_members() {
  shown_.resize(bundle_.members().size() + 1);
  CAVRA_TRY(const std::size_t batch_objects, max_batch_objects());
  const std::size_t workers = worker_count(options_.workers, writer_.describe());
  const auto begins = lots(batch_objects, workers);
  return run_crew(begins.size() - 1, workers, options_.is_cancelled,
                  [this, &begins](const StopFlag& is_stopped) -> Job {
                    auto mine = std::make_shared<ObjectArchiver>(archiver(is_stopped));
                    return [this, &begins, mine](std::size_t lot) {
                      return archive_members(*mine, begins[lot], begins[lot + 1]);
                    };
                  });
}

Result<void> ArchiveRun::put_manifest() {
  ObjectArchiver mine = archiver(options_.is_cancelled);
  const std::size_t index = bundle_.members().size();
  return archive_members(mine, index, index + 1);
}

Result<void> ArchiveRun::seal() {
  CAVRA_TRY(const auto session, writer_.session());
  auto sealed = session->seal(limits_.context(), plan_.bundle_prefix);
  if (!sealed) return at_key("seal", plan_.bundle_prefix, std::move(sealed).error());
  return {};
}

Result<void> ArchiveRun::keep_earlier_receipts() {
  if (earlier_.places.empty()) return {};
  CAVRA_TRY(const auto session, prover_.session());
  ObjectArchiver mine = archiver(options_.is_cancelled);
  for (const ReceiptPlace& place : earlier_.places)
    CAVRA_CHECK(keep_receipt(mine, *session, limits_, place, earlier_.lock, options_.folders));
  return {};
}

// Nothing of this can be undone, and nothing of it makes the archive less: it is told.
void ArchiveRun::note_what_else_is_there() {
  const MemberNames known(
      shown_.size(), [this](std::size_t index) { return std::string_view(member_at(index).path); });
  const std::string& prefix = plan_.bundle_prefix;
  const ListedTeller tell{
      .unknown =
          [this](const std::string& key) {
            notes_.add("unexpected: " + quoted(key) + " is in the store and not in the bundle");
          },
      .hidden =
          [this](std::size_t index, const std::string& version) {
            const ShownObject& shown = shown_[index];
            if (!shown.is_latest && shown.version == version) note_hidden(index);
          }};
  const auto listed = tell_unknown_objects(prover_, limits_, prefix, known, tell);
  if (!listed)
    notes_.add("what else is below " + quoted(prefix) + " is not known: " + listed.error().message);
}

ProvenObject ArchiveRun::proven_at(std::size_t index) const {
  const Member& member = member_at(index);
  const ShownObject& shown = shown_[index];
  return {.member = member.path,
          .sha256 = member.sha256,
          .bytes = member.file.size,
          .version = shown.version,
          .lock = shown.lock,
          .stored_at_unix_s = shown.stored_at_unix_s,
          .proof = shown.proof};
}

// The store is described anew: some have their identity only once something lies in them.
Result<ReceiptFacts> ArchiveRun::facts() const {
  const StoreDescription& store = prover_.describe();
  if (store.identity != writer_.describe().identity)
    return Error{ErrorCode::unproven, "the store " + quoted(plan_.store) + " was put to as " +
                                          quoted(writer_.describe().identity) + " and asked as " +
                                          quoted(store.identity)};
  const Signature& evidence = bundle_.manifest().signature;
  ReceiptFacts facts;
  facts.store = plan_.store;
  facts.location = store.location;
  facts.store_identity = store.identity;
  facts.plugin_id = store.plugin_id;
  facts.plugin_version = store.plugin_version;
  facts.plugin_sha256 = store.plugin_sha256;
  facts.archive_prefix = plan_.archive_prefix;
  facts.session_id = bundle_.session_id();
  facts.manifest_sha256 = bundle_.manifest_file().sha256.hex();
  facts.created_at = bundle_.manifest().created_at_text;
  facts.evidence_key_id = evidence.key_id;
  facts.evidence_key_sha256 = evidence.public_key_sha256;
  facts.evidence_algorithm = evidence.algorithm;
  facts.reference = options_.reference;
  facts.act.previous = earlier_.newest;
  facts.lock = earlier_.lock;
  facts.retention = earlier_.retention.value_or(plan_.retention);
  return facts;
}

Result<void> ArchiveRun::archive_receipt(const StagedReceipt& file) {
  ObjectArchiver mine = archiver(options_.is_cancelled);
  return engine::archive_receipt(mine, file, plan_.receipt_key(file.sha256().hex()), earlier_.lock);
}

Result<ArchiveOutcome> ArchiveRun::put_receipt() {
  CAVRA_TRY(ReceiptFacts receipt, facts());
  CAVRA_TRY(StagedReceipt file,
            stage_receipt(
                receipt, shown_.size(), [this](std::size_t index) { return proven_at(index); },
                receipt_key_, options_));
  CAVRA_CHECK(archive_receipt(file));
  ArchiveOutcome made = outcome(std::move(receipt), file.sha256().hex());
  made.is_new = true;
  CAVRA_TRY(made.receipt_file, std::move(file).publish());
  return made;
}

ArchiveOutcome ArchiveRun::outcome(ReceiptFacts facts, const std::string& receipt_sha256) {
  ArchiveOutcome outcome;
  outcome.receipt = std::move(facts);
  outcome.objects = bundle_.members().size() + 1;
  for (std::size_t i = 0; i < outcome.objects; ++i)
    outcome.bytes += member_at(i).file.size;
  outcome.receipt_sha256 = receipt_sha256;
  outcome.receipt_key = plan_.receipt_key(receipt_sha256);
  outcome.created = tally_.created;
  outcome.already_present = tally_.already_present;
  outcome.raised = tally_.raised;
  outcome.damage = std::move(earlier_.damage);
  outcome.notes = notes_.take();
  return outcome;
}

}  // namespace

}  // namespace engine

namespace {

// Whatever else went wrong once it was cancelled, cancelling is what happened.
template <class Done>
Result<Done> unless_cancelled(Result<Done> done, const ArchiveOptions& options) {
  if (!done && options.is_cancelled && options.is_cancelled())
    return Error{ErrorCode::cancelled, "cancelled: " + done.error().message};
  return done;
}

}  // namespace

Result<void> probe_store(StorageBackend& store, const std::string& name, const CallContext& call) {
  CAVRA_TRY(const auto session, store.session());
  CAVRA_TRY(const auto items, session->probe(call));
  std::string missing;
  for (const ProbeItem& item : items) {
    if (item.verdict != ProbeItem::Verdict::missing) continue;
    missing += (missing.empty() ? "" : "; ") + item.name + ": " + item.message;
  }
  if (missing.empty()) return {};
  return Error{ErrorCode::refused,
               "the store " + quoted(name) + " cannot hold this archive: " + missing};
}

Result<std::optional<ArchiveOutcome>> find_archive(const VerifiedBundle& bundle,
                                                   const StorePlan& plan, StorageBackend& prover,
                                                   const Signer& receipt_key,
                                                   const ArchiveOptions& options) {
  return unless_cancelled(
      engine::ArchiveRun(bundle, plan, prover, prover, receipt_key, options).find(), options);
}

Result<ArchiveOutcome> archive(const VerifiedBundle& bundle, const StorePlan& plan,
                               StorageBackend& writer, StorageBackend& prover,
                               const Signer& receipt_key, const ArchiveOptions& options) {
  return unless_cancelled(
      engine::ArchiveRun(bundle, plan, writer, prover, receipt_key, options).run(), options);
}

}  // namespace cavra
