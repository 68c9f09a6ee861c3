// Checks each member that a manifest lists against the file in the folder, with all cores, from the
// moment on that its entry is read.
//
// Each file is opened once and read once. What verification needs of evidence.json and
// retention-policy.json is taken from the very bytes that are hashed.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "bundle/evidence_reader.hpp"
#include "bundle/finding_list.hpp"
#include "bundle/manifest.hpp"
#include "bundle/progress.hpp"
#include "cavra/verify.hpp"

namespace cavra {

// Of these two, where the file is what the manifest says.
struct HashedMembers {
  std::optional<Evidence> evidence;
  std::optional<std::string> retention_policy;
};

// One thread's; the threads that it starts end with it.
class MemberHashing {
 public:
  // All lent. `folder` is the bundle's. Descriptors: one a worker.
  MemberHashing(int folder, const VerifyPolicy& policy, Progress& progress);
  MemberHashing(const MemberHashing&) = delete;
  MemberHashing& operator=(const MemberHashing&) = delete;
  // Ends what is not finished at the next block.
  ~MemberHashing();

  // A sound entry, which must outlive this, or its finish(); its `file` is set meanwhile.
  void add(std::size_t index, ManifestEntry& entry);
  // Works along until all is hashed. What was found of entries that are not sound after all does
  // not count. Once.
  [[nodiscard]] HashedMembers finish(const Manifest& manifest, FindingList& findings);

 private:
  struct Work;
  class Worker;
  std::unique_ptr<Work> work_;
};

}  // namespace cavra
