// ContainerProbe tells what the container and the identity are, as far as asking shows it.
//
// Leaves nothing behind. One thread, that of the call.
#pragma once

#include <cstdint>
#include <string_view>

#include "azure_settings.hpp"
#include "blob_versions.hpp"
#include "container_flags.hpp"
#include "container_lock.hpp"

namespace cavra::azure {

class ContainerProbe {
 public:
  // All lent. `who`: how it says who asks.
  ContainerProbe(const Asking& ask, const AzureSettings& settings, std::string_view who,
                 ContainerLock& container_lock, sdk::ProbeSink& sink)
      : ask_(ask), settings_(settings), who_(who), container_lock_(container_lock), sink_(sink) {}

  // Errors: those of asking, and whoever the service does not know is told so once; the sink's.
  [[nodiscard]] Result<void> run();

 private:
  using Verdict = sdk::ProbeItem::Verdict;
  [[nodiscard]] Result<void> tell(Verdict verdict, std::string_view name, std::string_view message,
                                  std::int64_t least_retention_s = 0);
  [[nodiscard]] Result<void> tell_transport();
  [[nodiscard]] Result<void> tell_listing();
  [[nodiscard]] Result<void> tell_container();
  [[nodiscard]] Result<void> tell_version_level(const ContainerFlags& shown);
  [[nodiscard]] Result<void> tell_container_level(const ContainerFlags& shown);
  [[nodiscard]] Result<void> tell_policy();
  [[nodiscard]] Result<void> tell_rights();

  const Asking ask_;
  const AzureSettings& settings_;
  const std::string_view who_;
  ContainerLock& container_lock_;
  sdk::ProbeSink& sink_;
};

}  // namespace cavra::azure
