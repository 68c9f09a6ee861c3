// A Plan says which keys an archive will write in one store, under which lock. Pure.
//
// Computed from a bundle, a store's description and a retention date, without clock or network,
// so that it can be printed, kept, and compared with at the run. Format: docs/spec/plan.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/json.hpp"
#include "cavra/lock.hpp"
#include "cavra/retention.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"
#include "cavra/verify.hpp"

namespace cavra {

struct StorePlan {
  std::string store;  // the configured name
  std::string plugin_id;
  std::string location;         // as the store describes it
  std::string archive_prefix;   // "<prefix>/<session>/<manifest-sha256>/"
  std::string bundle_prefix;    // archive_prefix + "bundle/"
  std::string receipts_prefix;  // archive_prefix + "receipts/"
  Lock lock;
  RetentionDate retention;

  [[nodiscard]] std::string member_key(std::string_view member_path) const;
  [[nodiscard]] std::string manifest_key() const;
  [[nodiscard]] std::string receipt_key(std::string_view receipt_sha256) const;
};

// The session id as it stands in keys: itself where it is 1–128 of [A-Za-z0-9._-] not starting
// with a dot; else percent-encoded UTF-8, upper-case hex, one way only: each byte that is none of
// these, a leading dot, and the first byte of "cavra-probe" in any case (a destructive test may
// delete below that part).
[[nodiscard]] std::string session_in_key(std::string_view session_id);

// Errors: refused (the store cannot hold this lock, this date, a legal hold, a key or an object of
// this size: with all reasons in one message).
[[nodiscard]] Result<StorePlan> make_store_plan(const BundleSummary& bundle,
                                                const std::string& store_name,
                                                const StoreDescription& store,
                                                const RetentionDate& retention);

// The config's minimum_mode. Errors: refused (the store's lock is weaker).
[[nodiscard]] Result<void> check_minimum_mode(const StorePlan& plan, LockMode minimum);

// A relative retention limit of the store (longest_retention_s) needs the time of the run. Errors:
// refused.
[[nodiscard]] Result<void> check_store_can_hold(const StorePlan& plan,
                                                const StoreDescription& store,
                                                const Timestamp& now);

// {"archive_prefix", "keys": [members in manifest order, the manifest last], "location", "lock",
// "plugin", "retention"}: the plan document's stores.<NAME>. What differs from run to run, or with
// a plugin's update, is not in it.
[[nodiscard]] JsonValue store_plan_json(const StorePlan& plan, const BundleSummary& bundle);
// {"created_at", "manifest_signature", "signer"}: the plan document's `bundle`.
[[nodiscard]] JsonValue plan_bundle_json(const BundleSummary& bundle);

// Compares a kept plan document with what this run computes: `bundle`, each of `files` by path,
// sha256 and bytes, and stores.<NAME>. Errors: usage (not a plan; no such store in it), refused
// (differs, with the JSON pointer of the first difference and both values).
[[nodiscard]] Result<void> check_plan_document(const JsonValue& document, const StorePlan& plan,
                                               const BundleSummary& bundle);

}  // namespace cavra
