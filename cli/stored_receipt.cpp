#include "stored_receipt.hpp"

#include <algorithm>
#include <set>

#include "anchor_options.hpp"
#include "cavra/archive.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"

namespace cavra::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLeastDigestDigits = 6;

bool is_digest_prefix(const std::string& word) {
  return word.size() >= kLeastDigestDigits && word.size() <= 64 &&
         word.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// A path as it stands, or a digest's first digits looked up in the receipts folder.
Result<fs::path> find_receipt(const std::string& word, const Config& config) {
  std::error_code problem;
  if (fs::exists(word, problem)) return fs::path(word);
  if (!is_digest_prefix(word))
    return Error{ErrorCode::usage,
                 "there is no receipt file " + quoted(word) +
                     "; name a file, or at least the first 6 lower-case digits of its name in " +
                     quoted(config.receipts.native())};
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(config.receipts, problem)) {
    if (entry.path().filename().native().starts_with(word)) found.push_back(entry.path());
  }
  if (found.size() == 1) return found.front();
  return Error{ErrorCode::usage, found.empty() ? "there is no receipt " + quoted(word) + " in " +
                                                     quoted(config.receipts.native())
                                               : "more than one receipt begins with " +
                                                     quoted(word) + "; give more digits"};
}

// In the receipts folder a name is the digest: another one under it would be taken for it.
Result<void> check_name(const fs::path& file, const std::string& sha256, const Config& config) {
  std::error_code problem;
  const bool is_in_folder = fs::equivalent(
      file.parent_path().empty() ? fs::path(".") : file.parent_path(), config.receipts, problem);
  if (!is_in_folder || file.filename() == sha256 + ".json") return {};
  return Error{ErrorCode::corrupt,
               quoted(file.native()) + ": its name is not the digest of its bytes, which is " +
                   sha256 + ": it was changed or is another receipt; move it away"};
}

Result<CheckedReceipt> read_receipt(const fs::path& file, const TrustRoots& roots) {
  CAVRA_TRY(std::string envelope, read_small_file(file.native(), kMaxReceiptBytes));
  auto checked = check_receipt(std::move(envelope), &roots);
  if (!checked)
    return Error{checked.error().code, quoted(file.native()) + ": " + checked.error().message};
  return checked;
}

// The evidence was good when it was archived; a key that was revoked since makes it doubtful.
Result<void> look_for_revoked_evidence_key(CheckedReceipt& checked, const Config& config) {
  if (!config.trust_roots || checked.receipt.evidence_key_sha256.empty()) return {};
  CAVRA_TRY(const FileTrustRoots roots, FileTrustRoots::load(config.trust_roots->native()));
  const auto root = roots.find(checked.receipt.evidence_key_id, checked.receipt.evidence_key_sha256,
                               KeyPurpose::evidence);
  if (root && root->status == KeyStatus::revoked)
    checked.findings.push_back({"receipt.evidence_revoked", "",
                                "the key " + quoted(root->key_id) +
                                    " that signed the evidence is revoked: nothing that it signed "
                                    "is believed"});
  return {};
}

}  // namespace

Result<FileTrustRoots> receipt_roots(const Arguments& arguments, const Config& config) {
  CAVRA_CHECK(check_not_empty(arguments, {"receipt-trust-root"}));
  if (arguments.has("receipt-trust-root"))
    return FileTrustRoots::load(arguments.text("receipt-trust-root"), ChosenBy::person);
  if (!config.receipt_trust_roots)
    return Error{ErrorCode::usage,
                 "nothing says whose receipts to trust; name --receipt-trust-root FILE, or "
                 "receipt_trust_roots in the configuration"};
  auto roots = FileTrustRoots::load(config.receipt_trust_roots->native());
  if (!roots) return in_config(config, "/receipt_trust_roots", roots.error());
  return roots;
}

Option at_option() {
  return {"at", Option::Kind::value, "TIME", "Tell what is due then (RFC 3339), not now", ""};
}

Result<Timestamp> asked_time(const Arguments& arguments) {
  if (!arguments.has("at")) return now_utc();
  CAVRA_TRY(const OffsetTimestamp at, parse_rfc3339(arguments.text("at")));
  return at.at;
}

std::vector<Option> receipt_options() {
  return {
      {"receipt-trust-root", Option::Kind::value, "FILE",
       "Trust receipts signed by these keys (without: the configuration's)", ""},
      {"store", Option::Kind::value, "NAME",
       "The configured store to ask (without: the one that the receipt names)", ""},
  };
}

Result<StoredReceipt> read_stored_receipt(const std::string& word, const Arguments& arguments,
                                          Session& session) {
  CAVRA_TRY(const Config* config, session.config());
  CAVRA_TRY(const fs::path file, find_receipt(word, *config));
  CAVRA_TRY(FileTrustRoots loaded, receipt_roots(arguments, *config));
  const auto roots = std::make_shared<const FileTrustRoots>(std::move(loaded));
  CAVRA_TRY(CheckedReceipt checked, read_receipt(file, *roots));
  CAVRA_CHECK(check_name(file, checked.sha256, *config));
  CAVRA_CHECK(look_for_revoked_evidence_key(checked, *config));
  return StoredReceipt{file, std::move(checked), roots};
}

Result<std::unique_ptr<StorageBackend>> open_receipt_store(const Receipt& receipt,
                                                           const Arguments& arguments,
                                                           Session& session) {
  CAVRA_TRY(const Config* config, session.config());
  const std::string name = arguments.has("store") ? arguments.text("store") : receipt.store;
  CAVRA_CHECK(load_store_plugin(session, *config, name));
  return open_store(session, *config, name, worker_count(0));
}

Result<std::vector<std::string>> all_receipt_files(Session& session) {
  CAVRA_TRY(const Config* config, session.config());
  std::error_code problem;
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(config->receipts, problem))
    files.push_back(entry.path().native());
  if (problem == std::errc::no_such_file_or_directory)
    return Error{ErrorCode::usage, "there is no receipts folder " +
                                       quoted(config->receipts.native()) +
                                       ": nothing was archived with this configuration here, or it "
                                       "is gone; `cavra evidence list --save-receipts` brings "
                                       "receipts back from a store"};
  if (problem)
    return os_error("read the folder " + quoted(config->receipts.native()), problem.value());
  std::ranges::sort(files);
  return files;
}

Result<std::vector<std::string>> newest_receipts(std::vector<std::string> files,
                                                 const Arguments& arguments, Session& session) {
  CAVRA_TRY(const Config* config, session.config());
  CAVRA_TRY(const FileTrustRoots roots, receipt_roots(arguments, *config));
  std::set<std::string> followed;
  for (const std::string& file : files) {
    const auto checked = read_receipt(file, roots);
    const bool counts = checked && checked->findings.empty() &&
                        fs::path(file).filename() == checked->sha256 + ".json";
    if (!counts) continue;
    const auto& previous = checked->receipt.act.previous;
    followed.insert(previous.begin(), previous.end());
  }
  std::erase_if(files, [&](const std::string& file) {
    return followed.contains(fs::path(file).stem().native());
  });
  return files;
}

}  // namespace cavra::cli
