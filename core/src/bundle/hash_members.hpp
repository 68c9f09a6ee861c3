// Checks each member that the manifest lists against the file in the folder, with all cores.
//
// Each file is opened once and read once. What verification needs of evidence.json and
// retention-policy.json is taken from the very bytes that are hashed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bundle/evidence_reader.hpp"
#include "bundle/finding_list.hpp"
#include "bundle/manifest.hpp"
#include "bundle/progress.hpp"
#include "cavra/verify.hpp"

namespace cavra {

struct HashedMembers {
  // As fstat saw each, in manifest order, where it is what the manifest says.
  std::vector<std::optional<FileIdentity>> files;
  // The same for these two.
  std::optional<Evidence> evidence;
  std::optional<std::string> retention_policy;
};

// `folder` is the bundle's. Descriptors: one a worker.
[[nodiscard]] HashedMembers hash_members(int folder, const Manifest& manifest,
                                         const VerifyPolicy& policy, Progress& progress,
                                         FindingList& findings);

}  // namespace cavra
