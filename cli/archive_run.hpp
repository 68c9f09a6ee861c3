// The way to an archive run: configuration, plugins, verification and plans, all before the first
// byte is stored.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cavra/archive.hpp"
#include "cavra/storage.hpp"
#include "cavra/verify.hpp"
#include "command.hpp"
#include "receipt_key.hpp"
#include "session.hpp"

namespace cavra::cli {

struct PlannedStore {
  std::string name;
  std::unique_ptr<StorageBackend> backend;  // puts
  std::unique_ptr<StorageBackend> prover;   // another opening, which shows
  StorePlan plan;
  std::optional<Error> failure;         // why this store cannot take it; others go on
  std::optional<ArchiveOutcome> there;  // it is archived already

  [[nodiscard]] bool is_pending() const noexcept { return !failure && !there; }
};

struct ArchiveRun {
  std::optional<VerifiedBundle> bundle;
  std::vector<PlannedStore> stores;
  ReceiptKey receipt_key;
  std::string reference;
  ReceiptFolders folders;
  std::size_t workers = 0;  // 0: as each store likes
  std::uint64_t bytes = 0;
};

// Errors: usage (configuration, plugins, options: nothing was stored), corrupt (the bundle did not
// verify: the findings are in *report), refused (a date that is past, a plan that differs, HMAC).
[[nodiscard]] Result<ArchiveRun> prepare_archive(const Arguments& arguments, Session& session,
                                                 VerifyReport* report);

// Asks each store whether the bundle is archived there already, and else whether it could be now:
// fills `there` and `failure`.
void look_into_stores(ArchiveRun& run, Session& session);

[[nodiscard]] Result<ArchiveOutcome> archive_to_store(const ArchiveRun& run, PlannedStore& store,
                                                      Session& session);

}  // namespace cavra::cli
