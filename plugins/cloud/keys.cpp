#include "cloud/keys.hpp"

#include <algorithm>

#include "cavra/plugin.h"
#include "cavra/support/encoding.hpp"

namespace cavra::cloud {

bool can_be_key(std::string_view key) {
  return !key.empty() && key.size() <= CAVRA_MAX_KEY_BYTES && is_utf8(key) &&
         std::ranges::all_of(key, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x20 && byte != 0x7f;
         });
}

Result<void> require_trial(std::string_view prefix, std::string_view key,
                           std::string_view version) {
  const std::string folder =
      (prefix.empty() ? std::string() : std::string(prefix) + "/") + "cavra-probe/";
  if (key.starts_with(folder) && !version.empty()) return {};
  return Error{ErrorCode::refused,
               quoted(key) + ": only a version below " + quoted(folder) + " is tried on"};
}

}  // namespace cavra::cloud
