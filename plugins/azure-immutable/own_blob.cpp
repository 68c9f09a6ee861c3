#include "own_blob.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "cavra/support/encoding.hpp"
#include "cloud/lock.hpp"
#include "cloud/read_digest.hpp"

namespace cavra::azure {

namespace {

// Whoever may write can put as many that say so as he likes; so many are read.
constexpr std::size_t kMaxReads = 100;

struct Claims {
  std::vector<ListedBlob> ours;  // as they say, the oldest first
  bool has_others = false;       // the current one is not
};

Result<Claims> claims(const Asking& ask, const sdk::PutRequest& request) {
  const std::string wanted = to_hex(request.sha256);
  Claims found;
  CAVRA_CHECK(
      for_each_blob(ask, Listing::with_metadata, request.key, [&](ListedBlob blob) -> Result<void> {
        if (blob.name != request.key) return {};
        if (blob.length == request.length && blob.claimed_sha256 == wanted)
          found.ours.push_back(std::move(blob));
        else
          found.has_others = found.has_others || blob.is_current;
        return {};
      }));
  // Version ids are instants: those of a name compare as texts.
  std::ranges::sort(found.ours, {}, &ListedBlob::version);
  return found;
}

}  // namespace

Result<bool> has_bytes(const Asking& ask, const sdk::PutRequest& request,
                       const std::string& version) {
  const auto digest = cloud::read_sha256(ask.service, ask.session, ask.call,
                                         {.doing = "read back",
                                          .action = kReadBlobs,
                                          .method = "GET",
                                          .key = std::string(request.key),
                                          .query = version_query(version)},
                                         request.length);
  if (digest) return *digest == request.sha256;
  if (digest.error().code == ErrorCode::corrupt) return false;
  return digest.error();
}

Result<std::optional<ListedBlob>> find_own_blob(const Asking& ask, const sdk::PutRequest& request) {
  CAVRA_TRY(Claims found, claims(ask, request));
  const bool is_contested = found.ours.size() > 1;
  if (found.ours.size() > kMaxReads) found.ours.resize(kMaxReads);
  std::optional<ListedBlob> oldest;
  for (ListedBlob& blob : found.ours) {
    if (is_contested) {
      CAVRA_TRY(const bool is_ours, has_bytes(ask, request, blob.version));
      if (!is_ours) {
        found.has_others = found.has_others || blob.is_current;
        continue;
      }
    }
    if (cloud::is_sufficient(blob.lock, request.lock)) return std::optional(std::move(blob));
    if (!oldest) oldest = std::move(blob);
  }
  if (oldest || !found.has_others) return oldest;
  return Error{ErrorCode::conflict,
               quoted(request.key) + ": other bytes are there under this name; nothing was put"};
}

}  // namespace cavra::azure
