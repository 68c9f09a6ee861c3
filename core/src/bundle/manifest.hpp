// Reads manifest.json: its structure, what it lists, and the bytes that its signature covers.
//
// It is streamed, so memory is what is kept: for each member a path, a digest and a size, and the
// canonical form until the signature is checked. Every finding is told, with a JSON pointer.
// Format: docs/spec/bundle-v1.md, "manifest.json".
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "bundle/bundle_file.hpp"
#include "bundle/finding_list.hpp"
#include "cavra/hasher.hpp"
#include "cavra/verified_bundle.hpp"

namespace cavra {

inline constexpr std::string_view kManifestSchema = "cavra.evidence.bundle.v1";

struct ManifestEntry {
  std::string path;
  Digest sha256;
  std::uint64_t bytes = 0;
  // Its path, digest and size are as they must be; else a finding says what is wrong.
  bool is_sound = false;
  // As fstat saw the file, where it is what this entry says. Known once members are hashed.
  std::optional<FileIdentity> file{};
};

struct Manifest {
  Member file;                        // manifest.json itself
  std::deque<ManifestEntry> entries;  // which stay where they are, also while it grows
  // The whole entries of `created_at` and `signature` are there only where they are as they must
  // be.
  ManifestFacts facts;
  bool has_created_at = false;
  bool has_signature = false;
  // What was signed or hashed: the manifest without `signature`.
  std::string canonical;

  // The index of that member, where it is listed soundly.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view path) const;
};

// Takes each entry that is sound by itself, in order, while the rest is still being read. It may
// turn out not to be sound (its path may stand twice), and there may be no manifest after all.
using EntryTaker = std::function<void(std::size_t index, ManifestEntry& entry)>;

// Nothing where there is no manifest, or none that can be read; a finding then says why.
[[nodiscard]] std::optional<Manifest> read_manifest(int folder, Hasher& hasher, Progress& progress,
                                                    FindingList& findings);

// The same, into a `manifest` that is empty: the entries lie there while they are offered, and
// stay, also where the answer is false and they count for nothing.
[[nodiscard]] bool read_manifest_into(Manifest& manifest, int folder, Hasher& hasher,
                                      Progress& progress, FindingList& findings,
                                      const EntryTaker& on_entry);

}  // namespace cavra
