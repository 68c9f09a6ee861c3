// Which paths a manifest may name, and which two of them are one file on some system.
//
// A member path is relative, of parts that '/' separates, none of them empty, "." or "..", in
// UTF-8, without backslash or control characters. Nothing in it is ever decoded or changed: the
// text is the name. Pure functions: any thread. Rules: docs/spec/bundle-v1.md, "Member paths".
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cavra {

inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kEvidenceName = "evidence.json";
inline constexpr std::string_view kRetentionName = "retention-policy.json";

// NAME_MAX of Linux file systems, in bytes.
inline constexpr std::size_t kMaxPathPartBytes = 255;
// What is longer fits into no store: keys have at most 1024 bytes (CAVRA_MAX_KEY_BYTES of
// cavra/plugin.h), and Linux paths 4095.
inline constexpr std::size_t kMaxMemberPathBytes = 1024;

// Why this is no member path, for a person; empty where it is one. That the manifest does not list
// itself is another matter: its name is a path like others.
[[nodiscard]] std::string why_no_member_path(std::string_view path);

// Two paths of one bundle that cannot both be there: equal, equal after Unicode normalization
// (NFC), or one the other's folder. Indices into what was given, the later one second.
struct PathTwins {
  std::size_t first = 0;
  std::size_t second = 0;
  std::string_view why;  // "stands twice", …: goes on from the second path
};

// For each path at most one twin per neighbour: enough that there are none where none is told.
// Names that differ in case alone are no twins: the file systems here tell them apart, and stores
// that do not, refuse them.
[[nodiscard]] std::vector<PathTwins> find_path_twins(std::span<const std::string_view> paths);

}  // namespace cavra
