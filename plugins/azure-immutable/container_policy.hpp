// The immutability policy of a container, as Azure's management tells it, and what it makes of a
// blob.
//
// https://learn.microsoft.com/azure/storage/blobs/immutable-container-level-worm-policies. Values,
// and pure functions: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::azure {

struct ContainerPolicy {
  std::int64_t days = 0;  // from a blob's creation; 0: there is no policy
  bool is_locked = false;
  bool allows_appends = false;      // to append blobs
  bool allows_all_appends = false;  // to block blobs too
  std::string etag{};               // with its quotes, as If-Match takes it

  [[nodiscard]] std::int64_t seconds() const { return days * 86400; }
  // "locked, 2555 days"; "none".
  [[nodiscard]] std::string text() const;
};

// Errors: io (it is no such document), unproven (a state or a period that no policy has).
[[nodiscard]] Result<ContainerPolicy> parse_container_policy(std::string_view json);

// What a blob's own answer tells, as its lock comes of it.
struct BlobAge {
  std::optional<std::int64_t> created_at_unix_s;
  bool is_block_blob = false;
};
// None where there is no policy, or one that lets the blob's bytes grow. Errors: unproven (the
// service does not tell when the blob was created).
[[nodiscard]] Result<sdk::Lock> lock_by(const ContainerPolicy& policy, const BlobAge& blob);

// The days that a policy needs to hold what is created at `from` until `until`.
[[nodiscard]] std::int64_t days_between(std::int64_t from_unix_s, std::int64_t until_unix_s);

}  // namespace cavra::azure
