// Makes the lock of one version stronger, and sets and clears its hold.
//
// The header that bypasses governance is never sent. One thread, that of the call.
#pragma once

#include <string_view>

#include "object_versions.hpp"

namespace cavra::s3 {

// Mode and date at least those of `wanted`, and the hold where it has one; what is stronger stays.
// Errors: refused (a date that the service could not keep), forbidden (with the right's name), …
[[nodiscard]] Result<void> raise_lock(const Asking& ask, std::string_view key,
                                      std::string_view version, const sdk::Lock& wanted);
// The retention, exactly. The service refuses what weakens it. None: an empty one.
[[nodiscard]] Result<void> put_retention(const Asking& ask, std::string_view key,
                                         std::string_view version,
                                         const std::optional<sdk::Lock>& lock);
[[nodiscard]] Result<void> put_legal_hold(const Asking& ask, std::string_view key,
                                          std::string_view version, bool is_on);

// Whether this service keeps such a date: some wrap it into the past. Errors: refused.
[[nodiscard]] Result<void> check_date(const S3Address& address, const sdk::Lock& lock);
// The latest date that it keeps, seconds since 1970.
[[nodiscard]] std::int64_t last_date(const S3Address& address);

}  // namespace cavra::s3
