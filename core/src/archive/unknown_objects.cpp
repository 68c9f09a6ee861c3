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

bool MemberNames::has(std::string_view name) const {
  return std::ranges::binary_search(sorted_, name, {}, name_at_);
}

Result<void> tell_unknown_objects(StorageBackend& store, const CallLimits& limits,
                                  const std::string& bundle_prefix, const MemberNames& known,
                                  const std::function<void(const std::string& key)>& tell) {
  CAVRA_TRY(const auto session, store.session());
  return session->list(
      limits.context(), bundle_prefix, [&](const ListEntry& entry) -> Result<void> {
        if (entry.kind != ListEntry::Kind::object || !entry.key.starts_with(bundle_prefix))
          return {};
        if (!known.has(std::string_view(entry.key).substr(bundle_prefix.size()))) tell(entry.key);
        return {};
      });
}

}  // namespace cavra::engine
