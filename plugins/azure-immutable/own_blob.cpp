#include "own_blob.hpp"

#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/lock.hpp"

namespace cavra::azure {

namespace {

// Version ids are instants: those of a name compare as texts. Without versions there is one.
bool is_better(const ListedBlob& blob, const std::optional<ListedBlob>& than,
               const sdk::PutRequest& request) {
  if (!than) return true;
  const bool is_enough = cloud::is_sufficient(blob.lock, request.lock);
  const bool was_enough = cloud::is_sufficient(than->lock, request.lock);
  return is_enough != was_enough ? is_enough : blob.version < than->version;
}

}  // namespace

Result<std::optional<ListedBlob>> find_own_blob(const Asking& ask, const sdk::PutRequest& request) {
  const std::string wanted = to_hex(request.sha256);
  std::optional<ListedBlob> best;
  bool has_others = false;
  CAVRA_CHECK(for_each_blob(ask, request.key, [&](ListedBlob blob) -> Result<void> {
    if (blob.name != request.key) return {};
    const bool is_ours = blob.length == request.length && blob.claimed_sha256 == wanted;
    if (!is_ours)
      has_others = has_others || blob.is_current;
    else if (is_better(blob, best, request))
      best = std::move(blob);
    return {};
  }));
  if (best || !has_others) return best;
  return Error{ErrorCode::conflict,
               quoted(request.key) + ": other bytes are there under this name; nothing was put"};
}

}  // namespace cavra::azure
