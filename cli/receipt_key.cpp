#include "receipt_key.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"
#include "private_key.hpp"
#include "session.hpp"

namespace cavra::cli {

namespace {

Result<std::unique_ptr<Signer>> receipt_signer(const Config& config, const FileTrustRoots& roots) {
  if (!config.receipt_key)
    return Error{ErrorCode::usage, "archiving needs a receipt key: set receipt_key in " +
                                       quoted(config.file.native()) + " (`cavra init` makes one)"};
  const std::string file = config.receipt_key->native();
  auto read = read_private_key(file);
  if (!read) return in_config(config, "/receipt_key", read.error());
  PrivateKey key = *std::move(read);
  // A receipt that its own trust roots would not accept helps nobody: find out before the run.
  const auto root = roots.find("", key.public_key().fingerprint(), KeyPurpose::receipt);
  if (!root)
    return Error{ErrorCode::usage,
                 "the receipt key " + quoted(file) +
                     " is not among those that are trusted: " + root.error().message +
                     "; gather its root with `cavra evidence trust-bundle`, or "
                     "set receipt_key to another"};
  if (const std::string why_not = root->why_not_at(now_utc()); !why_not.empty())
    return Error{ErrorCode::refused, "the receipt key " + quoted(file) +
                                         " cannot sign receipts now: " + why_not +
                                         "; set receipt_key to one that can"};
  return make_ed25519_signer(std::move(key), root->key_id);
}

}  // namespace

Result<ReceiptKey> load_receipt_key(const Config& config) {
  if (!config.receipt_trust_roots)
    return Error{ErrorCode::usage, "archiving needs receipt_trust_roots in " +
                                       quoted(config.file.native()) + " (`cavra init` makes them)"};
  auto loaded = FileTrustRoots::load(config.receipt_trust_roots->native());
  if (!loaded) return in_config(config, "/receipt_trust_roots", loaded.error());
  FileTrustRoots roots = *std::move(loaded);
  ReceiptKey key;
  CAVRA_TRY(key.signer, receipt_signer(config, roots));
  key.roots = std::make_unique<FileTrustRoots>(std::move(roots));
  return key;
}

ReceiptFolders receipt_folders(const Config& config) {
  return {config.receipts, config.receipts.parent_path()};
}

// The receipt is the last thing written: that it has no place is found out before the first byte.
Result<void> check_receipts_folder(const Config& config) {
  const std::filesystem::path& folder = config.receipts;
  const auto cannot = [&](int problem) {
    Error error = os_error("write to the receipts folder " + quoted(folder.native()) +
                               " (receipts in " + quoted(config.file.native()) + ")",
                           problem);
    // A full or broken disk is none of the configuration's.
    const bool is_disk = problem == ENOSPC || problem == EDQUOT || problem == EIO;
    if (!is_disk) error.code = ErrorCode::usage;
    return error;
  };
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) return cannot(problem.value());
  if (!std::filesystem::is_directory(folder)) return cannot(ENOTDIR);
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) return cannot(errno);
  return {};
}

}  // namespace cavra::cli
