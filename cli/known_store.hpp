// Remembers which store a configured name stood for when something was last archived there, as ssh
// remembers hosts: a disk that is not mounted must not become a new store in silence.
//
// One small file a store in the state folder. Losing it loses this check and nothing else.
#pragma once

#include <string>

#include "cavra/config.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra::cli {

// Errors: unavailable, where the store has another identity than before, or none.
[[nodiscard]] Result<void> check_known_store(const Config& config, const std::string& name,
                                             const StoreDescription& store);

// Notes the identity, where there is one. Errors: io.
[[nodiscard]] Result<void> remember_store(const Config& config, const std::string& name,
                                          const std::string& identity);

}  // namespace cavra::cli
