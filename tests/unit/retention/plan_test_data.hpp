// A small bundle, a store that takes it, and its retention date.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "cavra/plan.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::testing {

inline const std::string kManifestSha256(64, 'a');
inline const std::string kMemberSha256(64, 'b');
inline constexpr std::int64_t kRetainUntil = 2'000'000'001;  // 2033-05-18T03:33:21Z

[[nodiscard]] inline OffsetTimestamp time_of(std::string_view text) {
  const auto parsed = parse_rfc3339(text);
  REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

[[nodiscard]] inline BundleSummary::File file_of(std::string path, std::uint64_t bytes) {
  return {std::move(path), *Digest::from_hex(kMemberSha256), bytes};
}

[[nodiscard]] inline BundleSummary small_bundle() {
  BundleSummary bundle;
  bundle.manifest.created_at_text = "2026-05-21T12:00:00+00:00";
  bundle.manifest.created_at = time_of(bundle.manifest.created_at_text);
  bundle.manifest.signer = "Zoë";
  bundle.manifest.signature_json =
      JsonValue::object({{"algorithm", "Ed25519"}, {"key_id", "k1"}, {"value", "c2ln"}});
  bundle.files = {file_of("evidence.json", 10), file_of("attachments/log.txt", 20)};
  bundle.manifest_file = {"manifest.json", *Digest::from_hex(kManifestSha256), 300};
  bundle.session_id = "session-17";
  return bundle;
}

[[nodiscard]] inline StoreDescription roomy_store() {
  StoreDescription store;
  store.plugin_id = "org.example.store";
  store.location = "example:bucket";
  store.key_prefix = "evidence";
  store.mode = LockMode::compliance;
  store.has_legal_hold = true;
  return store;
}

[[nodiscard]] inline RetentionDate some_retention() {
  RetentionDate date;
  date.retain_until_unix_s = kRetainUntil;
  date.source = "signed policy";
  date.signed_policy_unix_s = kRetainUntil;
  return date;
}

[[nodiscard]] inline StorePlan some_plan(const BundleSummary& bundle = small_bundle()) {
  auto plan = make_store_plan(bundle, "aws", roomy_store(), some_retention());
  REQUIRE(plan);
  return *std::move(plan);
}

[[nodiscard]] inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace cavra::testing
