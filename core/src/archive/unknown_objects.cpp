#include "archive/unknown_objects.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace cavra::engine {

MemberNames::MemberNames(std::size_t count, NameAt name_at)
    : name_at_(std::move(name_at)), sorted_(count) {
  std::iota(sorted_.begin(), sorted_.end(), std::uint32_t{0});
  std::ranges::sort(sorted_, {}, name_at_);
}

std::optional<std::size_t> MemberNames::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(sorted_, name, {}, name_at_);
  if (found == sorted_.end() || name_at_(*found) != name) return std::nullopt;
  return *found;
}

Result<void> tell_unknown_objects(StorageBackend& store, const CallLimits& limits,
                                  const std::string& bundle_prefix, const MemberNames& known,
                                  const ListedTeller& tell) {
  CAVRA_TRY(const auto session, store.session());
  return session->list(
      limits.context(), bundle_prefix, [&](const ListEntry& entry) -> Result<void> {
        if (entry.kind != ListEntry::Kind::object || !entry.key.starts_with(bundle_prefix))
          return {};
        const auto index = known.find(std::string_view(entry.key).substr(bundle_prefix.size()));
        if (!index) {
          tell.unknown(entry.key);
        } else if (!entry.is_latest) {
          tell.hidden(*index, entry.version);
        }
        return {};
      });
}

}  // namespace cavra::engine
