#include "stored_receipt.hpp"

#include <algorithm>

#include "cavra/archive.hpp"
#include "cavra/support/encoding.hpp"

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
  if (fs::exists(word, problem) || !is_digest_prefix(word)) return fs::path(word);
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

Result<CheckedReceipt> read_receipt(const fs::path& file, const Arguments& arguments,
                                    const Config& config) {
  CAVRA_TRY(const std::string envelope, read_small_file(file.native(), kMaxReceiptBytes));
  std::string roots_file = arguments.text("receipt-trust-root");
  if (roots_file.empty() && config.receipt_trust_roots)
    roots_file = config.receipt_trust_roots->native();
  if (roots_file.empty())
    return Error{ErrorCode::usage,
                 "nothing says whose receipts to trust; name --receipt-trust-root FILE, or "
                 "receipt_trust_roots in the configuration"};
  CAVRA_TRY(const FileTrustRoots roots, FileTrustRoots::load(roots_file));
  auto checked = check_receipt(envelope, &roots);
  if (!checked)
    return Error{checked.error().code, quoted(file.native()) + ": " + checked.error().message};
  return checked;
}

}  // namespace

std::vector<Option> receipt_options() {
  return {
      {"receipt-trust-root", Option::Kind::value, "FILE",
       "Trust receipts signed by these keys (without: the configuration's)", ""},
      {"store", Option::Kind::value, "NAME",
       "The configured store to ask (without: the one that the receipt names)", ""},
  };
}

Result<StoredReceipt> open_stored_receipt(const Arguments& arguments, Session& session) {
  CAVRA_TRY(const Config* config, session.config());
  CAVRA_TRY(const fs::path file, find_receipt(arguments.positional(0), *config));
  CAVRA_TRY(CheckedReceipt checked, read_receipt(file, arguments, *config));
  const std::string name = arguments.has("store") ? arguments.text("store") : checked.receipt.store;
  CAVRA_CHECK(load_store_plugin(session, *config, name));
  CAVRA_TRY(auto store, open_store(session, *config, name, worker_count(0)));
  return StoredReceipt{std::move(checked), std::move(store)};
}

}  // namespace cavra::cli
