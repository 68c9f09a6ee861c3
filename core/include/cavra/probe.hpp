// What a store says of itself when it is probed: rights and WORM state as they are now.
//
// A probe leaves nothing behind, and is the plugin's word alone: what a lock is worth shows only
// cavra/lock_test.hpp. Pure functions but for ask_probe(): any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

// "ok", "missing", "excess", "unknown", "note"
[[nodiscard]] const char* to_string(ProbeItem::Verdict verdict) noexcept;

// In a session of its own. Errors: what the store returns.
[[nodiscard]] Result<std::vector<ProbeItem>> ask_probe(StorageBackend& store,
                                                       const CallContext& call);

// Whether an archive may begin on these items. Errors: refused, with all that is missing.
[[nodiscard]] Result<void> check_probe(std::span<const ProbeItem> items, const std::string& name);

[[nodiscard]] std::size_t count_of(std::span<const ProbeItem> items, ProbeItem::Verdict verdict);

// What the store's own rule locks a new object for at least; 0: none is known.
[[nodiscard]] std::int64_t least_retention_s(std::span<const ProbeItem> items);

}  // namespace cavra
