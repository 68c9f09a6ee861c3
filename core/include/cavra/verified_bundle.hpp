// A VerifiedBundle is a bundle that verify() found sound under a trust anchor: the only thing that
// storage code takes (invariant I1).
//
// It owns the bundle's directory descriptor, and what verify() saw of each member, so that sending
// can tell whether a file was replaced since. Immutable: any thread. Memory: at most 1 KiB a
// member.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/hasher.hpp"
#include "cavra/json.hpp"
#include "cavra/signer.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"
#include "cavra/trust_anchor.hpp"

struct stat;  // <sys/stat.h>

namespace cavra {

// A file as fstat saw it: another one of these means another file, or another content.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  std::uint64_t size = 0;
  timespec modified{};
  timespec changed{};

  [[nodiscard]] static FileIdentity of(const struct ::stat& seen) noexcept;
  friend bool operator==(const FileIdentity& a, const FileIdentity& b) noexcept;
};

struct Member {
  std::string path;  // relative to the bundle, as the manifest has it
  Digest sha256;
  FileIdentity file;
};

// retention-policy.json, where the manifest lists it.
struct RetentionPolicy {
  std::string classification;
  std::int64_t retention_days = 0;
  OffsetTimestamp retain_until;
  bool legal_hold = false;
};

// What the manifest says of itself.
struct ManifestFacts {
  OffsetTimestamp created_at;
  std::string created_at_text;  // as written
  std::string signer;
  Signature signature;
  JsonValue signature_json;  // as written
};

class VerifiedBundle {
 public:
  VerifiedBundle(VerifiedBundle&&) noexcept = default;
  VerifiedBundle& operator=(VerifiedBundle&&) noexcept = default;

  [[nodiscard]] const ManifestFacts& manifest() const noexcept { return manifest_; }
  // manifest.json itself: its bytes are kept as they were hashed and verified.
  [[nodiscard]] const Member& manifest_file() const noexcept { return manifest_file_; }
  [[nodiscard]] std::span<const Member> members() const noexcept { return members_; }
  [[nodiscard]] const std::string& session_id() const noexcept { return session_id_; }
  [[nodiscard]] const std::optional<RetentionPolicy>& retention() const noexcept {
    return retention_;
  }
  [[nodiscard]] TrustAnchor::Kind anchor() const noexcept { return anchor_; }
  [[nodiscard]] const std::optional<TrustRoot>& signed_by() const noexcept { return signed_by_; }
  // As given by the caller, for messages.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // Opens a member (or manifest_file()) again beneath the bundle's directory, without following
  // links, and compares it with what verify() saw. Errors: corrupt (replaced or changed), io.
  [[nodiscard]] Result<FileDescriptor> open(const Member& member) const;

 private:
  VerifiedBundle() = default;
  friend struct VerifiedBundleMaker;  // core/src/bundle/verify.cpp, and nobody else

  FileDescriptor directory_;
  std::string name_;
  ManifestFacts manifest_;
  Member manifest_file_;
  std::vector<Member> members_;
  std::string session_id_;
  std::optional<RetentionPolicy> retention_;
  TrustAnchor::Kind anchor_ = TrustAnchor::Kind::public_key;
  std::optional<TrustRoot> signed_by_;
};

}  // namespace cavra
