// Keys and roots for the tests of this room. The keys are made from fixed seeds.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "cavra/hasher.hpp"
#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/trust_roots.hpp"
#include "temporary_folder.hpp"

namespace cavra::testing {

template <class T>
T must(Result<T> result) {
  if (!result) FAIL("unexpected error: " << result.error().message);
  return *std::move(result);
}

inline PrivateKey test_key(std::string_view name) {
  return must(PrivateKey::from_seed(sha256(name).span()));
}

inline Secret secret_of(std::string_view text) {
  return Secret(as_bytes(text));
}

inline OffsetTimestamp time_of(std::string_view text) {
  return must(parse_rfc3339(text));
}

// An active root without end for test_key(key_id), for evidence, valid from 2026 on.
inline TrustRoot test_root(std::string_view key_id) {
  return {.key_id = std::string(key_id),
          .owner = "tests",
          .status = KeyStatus::active,
          .purpose = KeyPurpose::evidence,
          .key = test_key(key_id).public_key(),
          .valid_from = time_of("2026-01-01T00:00:00Z"),
          .valid_until = std::nullopt};
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace cavra::testing
