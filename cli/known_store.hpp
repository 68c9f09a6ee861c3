// Remembers which store a configured name stood for when something was last archived there, as ssh
// remembers hosts: a disk that is not mounted must not become a new store in silence.
//
// One small file a store in the state folder. Losing it loses this check and nothing else.
#pragma once

#include <filesystem>
#include <string>

#include "cavra/config.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra::cli {

// What was noted of a store. To be read before the store is opened: another run may make it, and
// note it, at any moment.
class KnownStore {
 public:
  // Errors: usage, io (what was noted cannot be read).
  [[nodiscard]] static Result<KnownStore> read(const Config& config, const std::string& name);
  // Errors: unavailable, where the store has another identity than before, or none.
  [[nodiscard]] Result<void> check(const StoreDescription& store) const;

 private:
  KnownStore() = default;
  std::string identity_;  // empty: nothing was archived there yet
  std::filesystem::path file_;
};

// Notes the identity, where there is one. Errors: io.
[[nodiscard]] Result<void> remember_store(const Config& config, const std::string& name,
                                          const std::string& identity);

}  // namespace cavra::cli
