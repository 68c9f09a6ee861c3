#include "container_flags.hpp"

#include <string_view>

namespace cavra::azure {

namespace {

std::optional<bool> flag_of(const http::Response& response, std::string_view name) {
  const std::string_view word = response.headers.get(name);
  if (word == "true") return true;
  if (word == "false") return false;
  return std::nullopt;
}

}  // namespace

Result<ContainerFlags> head_container(const Asking& ask) {
  CAVRA_TRY(const http::Response response, ask({.doing = "ask for the properties of",
                                                .action = kReadContainer,
                                                .method = "HEAD",
                                                .key = {},
                                                .query = {{"restype", "container"}},
                                                .answers = {403}}));
  ContainerFlags flags;
  flags.is_shown = response.is_success();
  if (!flags.is_shown) return flags;
  flags.is_version_level = flag_of(response, "x-ms-immutable-storage-with-versioning-enabled");
  flags.has_policy = flag_of(response, "x-ms-has-immutability-policy");
  flags.has_hold = flag_of(response, "x-ms-has-legal-hold");
  return flags;
}

}  // namespace cavra::azure
