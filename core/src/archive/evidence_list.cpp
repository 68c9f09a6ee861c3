#include "cavra/evidence_list.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "archive/archive_contents.hpp"
#include "archive/inquiry.hpp"
#include "archive/notes.hpp"
#include "archive/receipt_chain.hpp"
#include "cavra/hasher.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {

namespace engine {

namespace {

constexpr std::string_view kProbePart = "cavra-probe/";
// Somebody else may use the bucket, too: findings beyond these are counted.
constexpr std::size_t kMaxElsewhere = 1000;

// "<session>/<manifest-sha256>/bundle/…" or "…/receipts/…": the first two parts with their slashes.
// Empty where the key does not look so.
std::string_view archive_part(std::string_view key) {
  if (key.starts_with(kProbePart)) return {};
  const std::size_t session = key.find('/');
  if (session == 0 || session == std::string_view::npos) return {};
  const std::size_t end = session + 1 + 64;
  if (key.size() <= end || key[end] != '/') return {};
  if (!Digest::from_hex(key.substr(session + 1, 64))) return {};
  const std::string_view rest = key.substr(end + 1);
  if (!rest.starts_with("bundle/") && !rest.starts_with("receipts/")) return {};
  return key.substr(0, end + 1);
}

// "cavra-probe/" and the 32 hex digits that lock_test_key() makes up.
bool is_of_lock_test(std::string_view key) {
  if (!key.starts_with(kProbePart)) return false;
  const std::string_view name = key.substr(kProbePart.size());
  return name.size() == 32 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void sort_by_place(Findings& findings) {
  std::ranges::sort(findings, [](const Finding& a, const Finding& b) {
    return std::tie(a.place, a.code, a.message) < std::tie(b.place, b.code, b.message);
  });
  // Two receipts may speak of the same object.
  const auto same = std::ranges::unique(findings);
  findings.erase(same.begin(), same.end());
}

// Two passes: which archives there are, then each by itself. What is kept is their prefixes, and
// the listing of one.
class EvidenceListRun {
 public:
  EvidenceListRun(StorageBackend& store, const EvidenceListOptions& options)
      : store_(store), options_(options), limits_{options.call_timeout, options.is_cancelled} {}

  Result<EvidenceElsewhere> run(const ListedArchiveSink& sink) {
    CAVRA_TRY(session_, store_.session());
    CAVRA_CHECK(find_archives());
    for (const std::string& prefix : archive_prefixes_) {
      CAVRA_TRY(ListedArchive archive, look_at(prefix));
      CAVRA_CHECK(sink(std::move(archive)));
    }
    if (untold_ > 0)
      notes_.add(std::to_string(untold_) + " more keys in the store belong to no archive");
    sort_by_place(elsewhere_);
    return EvidenceElsewhere{std::move(elsewhere_), notes_.take()};
  }

 private:
  [[nodiscard]] Result<void> find_archives();
  void tell_elsewhere(const ListEntry& entry);
  [[nodiscard]] Result<ListedArchive> look_at(const std::string& prefix);
  [[nodiscard]] Result<void> read_receipts(ListedArchive& archive, ArchiveContents& contents);
  [[nodiscard]] Result<bool> is_over(const Receipt& receipt, ListedArchive& archive);
  [[nodiscard]] Result<void> take_receipt(const ChainLink& head, ListedArchive& archive,
                                          ArchiveContents& contents);

  StorageBackend& store_;
  const EvidenceListOptions& options_;
  const CallLimits limits_;
  std::unique_ptr<StorageSession> session_;
  std::set<std::string> archive_prefixes_;
  Findings elsewhere_;
  std::size_t untold_ = 0;
  Notes notes_;
};

Result<void> EvidenceListRun::find_archives() {
  const std::string& configured = store_.describe().key_prefix;
  const std::string prefix = configured.empty() ? "" : configured + "/";
  const std::string* last = nullptr;
  std::size_t of_probes = 0;
  const auto take = [&](const ListEntry& entry) -> Result<void> {
    const std::string_view key = std::string_view(entry.key).substr(prefix.size());
    const std::string_view archive = archive_part(key);
    if (is_of_lock_test(key)) {
      ++of_probes;
    } else if (archive.empty()) {
      tell_elsewhere(entry);
    } else if (last == nullptr || !entry.key.starts_with(*last)) {
      last = &*archive_prefixes_.insert(prefix + std::string(archive)).first;
    }
    return {};
  };
  auto listed = session_->list(limits_.context(), prefix, take);
  if (!listed) return at_key("list", prefix, std::move(listed).error());
  if (of_probes > 0)
    notes_.add(std::to_string(of_probes) + " below " + quoted(prefix + std::string(kProbePart)) +
               ": left by `store probe --destructive-test`");
  return {};
}

void EvidenceListRun::tell_elsewhere(const ListEntry& entry) {
  if (entry.kind == ListEntry::Kind::delete_marker) return;
  if (elsewhere_.size() == kMaxElsewhere) {
    ++untold_;
  } else if (entry.kind == ListEntry::Kind::incomplete_upload) {
    elsewhere_.push_back(unfinished_upload(entry.key));
  } else {
    elsewhere_.push_back({"store.unexpected", entry.key, "it belongs to no archive"});
  }
}

Result<ListedArchive> EvidenceListRun::look_at(const std::string& prefix) {
  ListedArchive archive;
  archive.archive_prefix = prefix;
  archive.manifest_sha256 = prefix.substr(prefix.size() - 65, 64);
  const std::size_t session_end = prefix.size() - 66;
  const std::size_t slash = prefix.rfind('/', session_end - 1);
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  archive.session_in_key = prefix.substr(begin, session_end - begin);
  CAVRA_TRY(ArchiveContents contents,
            ArchiveContents::list(*session_, limits_, prefix + "bundle/"));
  archive.objects = contents.objects();
  archive.bytes = contents.bytes();
  CAVRA_CHECK(read_receipts(archive, contents));
  contents.tell_uploads(archive.findings);
  if (archive.is_complete()) {
    contents.tell_unknown(archive.findings);
  } else {
    archive.findings.push_back(
        {"archive.incomplete", prefix,
         std::string("no receipt of it counts, ") +
             (contents.has("manifest.json") ? "and its manifest is there"
                                            : "and its manifest is not there") +
             "; archive the same bundle again"});
  }
  sort_by_place(archive.findings);
  return archive;
}

Result<void> EvidenceListRun::read_receipts(ListedArchive& archive, ArchiveContents& contents) {
  Notes notes;
  CAVRA_TRY(const ReceiptChain chain, ReceiptChain::read(store_, archive.archive_prefix,
                                                         *options_.receipt_roots, limits_, notes));
  for (const std::string& gap : chain.gaps())
    archive.findings.push_back({"store.unexpected", archive.archive_prefix + "receipts/", gap});
  for (const ChainLink* head : chain.heads())
    CAVRA_CHECK(take_receipt(*head, archive, contents));
  std::ranges::sort(archive.newest, {}, &ListedReceipt::sha256);
  archive.is_due = archive.is_due && chain.gaps().empty();
  archive.notes = notes.take();
  return {};
}

// Whether the receipt's date has passed and no hold stands: what the receipts say, the store has to
// say too, as an act may have been ended before its receipt, or was nobody's of this program.
Result<bool> EvidenceListRun::is_over(const Receipt& receipt, ListedArchive& archive) {
  const auto has_passed = [this](std::optional<std::int64_t> until) {
    return until && Timestamp{*until, 0} <= options_.now;
  };
  if (!has_passed(receipt.lock.retain_until_unix_s) || receipt.lock.legal_hold) return false;
  for (const ProvenObject& object : receipt.objects) {
    const std::string key = receipt.member_key(object.member);
    auto info = session_->stat(limits_.context(), key, object.version);
    if (!info && info.error().code == ErrorCode::not_found) continue;  // told by the listing
    if (!info) return at_key("ask for", key, std::move(info).error());
    if (has_passed(info->lock.retain_until_unix_s) && !info->lock.legal_hold) continue;
    archive.findings.push_back({"store.hold", key,
                                "its receipts say that retention has ended, and the store shows " +
                                    describe(info->lock) + "; `cavra status` tells more"});
    return false;
  }
  return true;
}

Result<void> EvidenceListRun::take_receipt(const ChainLink& head, ListedArchive& archive,
                                           ArchiveContents& contents) {
  // Read once more, as a chain keeps no objects.
  CAVRA_TRY(const CheckedReceipt checked,
            read_receipt(*session_, limits_, head.place, *options_.receipt_roots));
  contents.compare_with(checked.receipt, archive.findings);
  const bool was_due = archive.newest.empty() || archive.is_due;
  CAVRA_TRY(const bool is_due, is_over(checked.receipt, archive));
  archive.is_due = was_due && is_due;
  CAVRA_TRY(const Answer answer, ask_state(*session_, limits_.context(),
                                           {.key = head.place.key,
                                            .version = head.place.version,
                                            .sha256 = {},
                                            .bytes = checked.bytes,
                                            .lock = head.facts.lock}));
  if (answer.doubt != Doubt::none)
    archive.findings.push_back({"store.lock", head.place.key,
                                "the receipt is not kept as it should be: " + answer.problem +
                                    "; archive the same bundle again"});
  if (options_.save_to) {
    CAVRA_TRY(StagedReceipt file, fetch_receipt(*session_, limits_, head.place, *options_.save_to));
    const auto saved = std::move(file).publish();
    if (!saved && saved.error().code != ErrorCode::conflict) return saved.error();
    if (!saved)
      archive.findings.push_back({"store.receipt", head.place.key, saved.error().message});
  }
  archive.lock = both(archive.lock, head.facts.lock);
  archive.newest.push_back({head.place.sha256, head.facts});
  return {};
}

}  // namespace

}  // namespace engine

Result<EvidenceElsewhere> list_evidence(StorageBackend& store, const EvidenceListOptions& options,
                                        const ListedArchiveSink& sink) {
  return engine::EvidenceListRun(store, options).run(sink);
}

}  // namespace cavra
