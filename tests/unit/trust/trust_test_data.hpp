// Keys, roots and folders for the tests of this room. The keys are made from fixed seeds.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "cavra/hasher.hpp"
#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/trust_roots.hpp"

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

// A folder of its own that goes with its contents.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "cavra-trust-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) FAIL("mkdtemp failed");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }
  std::string write(std::string_view name, std::string_view bytes) const {
    std::ofstream(file(name), std::ios::binary) << bytes;
    return file(name);
  }
  [[nodiscard]] std::string read(std::string_view name) const {
    std::ifstream in(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path path_;
};

}  // namespace cavra::testing
