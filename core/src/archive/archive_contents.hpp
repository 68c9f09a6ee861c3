// What the store lists below bundle/ of one archive, held against the receipts that speak of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "archive/store_session.hpp"
#include "cavra/finding.hpp"
#include "cavra/receipt.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

[[nodiscard]] Finding unfinished_upload(const std::string& key);

// One thread.
class ArchiveContents {
 public:
  // Errors: what the store returns.
  [[nodiscard]] static Result<ArchiveContents> list(StorageSession& session,
                                                    const CallLimits& limits,
                                                    const std::string& bundle_prefix);

  [[nodiscard]] std::size_t objects() const noexcept { return members_.size(); }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }  // of the latest versions
  [[nodiscard]] bool has(std::string_view member) const;

  // Each object of the receipt that is not listed, has another size, or is hidden.
  void compare_with(const Receipt& receipt, Findings& findings);
  // After that: what no receipt speaks of.
  void tell_unknown(Findings& findings) const;
  void tell_uploads(Findings& findings) const;

 private:
  struct Version {
    std::string version;
    std::uint64_t length = 0;
    bool is_latest = true;
    bool is_known = false;  // a receipt speaks of it
  };

  std::string bundle_prefix_;
  std::unordered_map<std::string, std::vector<Version>> members_;
  std::vector<std::string> uploads_;  // keys
  std::size_t entries_ = 0;
  std::size_t untold_ = 0;  // of them
  std::uint64_t bytes_ = 0;
};

}  // namespace cavra::engine
