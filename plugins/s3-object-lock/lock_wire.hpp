// A lock as S3 writes it: in headers, and in the XML of ?retention and ?legal-hold.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html. Pure: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "http/headers.hpp"

namespace cavra::s3 {

// The x-amz-object-lock-… headers that ask for this lock at a put.
[[nodiscard]] http::Headers lock_headers(const sdk::Lock& lock);

// What the headers of an answer to GET or HEAD show. Absent is not "no lock": it may be no right to
// see it. Errors: unproven (a mode or a date that is none).
struct ShownLock {
  std::optional<sdk::Lock> retention;  // mode and date, without the hold
  std::optional<bool> legal_hold;
};
[[nodiscard]] Result<ShownLock> shown_lock(const http::Headers& headers);

// <Retention>, for PUT ?retention; of its answers. None: an empty element.
[[nodiscard]] std::string retention_document(const std::optional<sdk::Lock>& lock);
// Errors: unproven.
[[nodiscard]] Result<sdk::Lock> parse_retention(std::string_view xml);

[[nodiscard]] std::string legal_hold_document(bool is_on);
[[nodiscard]] Result<bool> parse_legal_hold(std::string_view xml);

// "2030-01-31T00:00:00Z" with any number of decimals, which are cut: a lock until then holds for
// the whole second before. Errors: unproven.
[[nodiscard]] Result<std::int64_t> parse_date(std::string_view text);

// "COMPLIANCE until 2030-01-31T00:00:00Z, legal hold", "no lock"
[[nodiscard]] std::string describe(const sdk::Lock& lock);

}  // namespace cavra::s3
