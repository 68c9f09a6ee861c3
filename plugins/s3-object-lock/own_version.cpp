#include "own_version.hpp"

#include <deque>

#include "cavra/support/encoding.hpp"
#include "cloud/lock.hpp"
#include "cloud/read_digest.hpp"

namespace cavra::s3 {

namespace {

// Whoever may put can put as many versions with our length as he likes; the oldest are looked at.
constexpr std::size_t kMaxLooks = 100;

struct Candidates {
  std::deque<std::string> versions;  // newest first, the oldest of them kept
  bool has_others = false;
};

Result<Candidates> candidates(const Asking& ask, const sdk::PutRequest& request) {
  Candidates found;
  CAVRA_CHECK(for_each_version(ask, request.key, [&](ListedVersion listed) -> Result<void> {
    if (listed.key != request.key || listed.is_delete_marker) return {};
    if (listed.length != request.length) {
      found.has_others = true;
      return {};
    }
    found.versions.push_back(std::move(listed.version));
    if (found.versions.size() > kMaxLooks) found.versions.pop_front();
    return {};
  }));
  return found;
}

// What the metadata say anybody can say who may put: where more than one does, each is read.
Result<bool> has_bytes(const Asking& ask, const ShownVersion& shown, const sdk::PutRequest& request,
                       bool is_contested) {
  if (shown.length != request.length) return false;
  if (shown.checked_sha256) return *shown.checked_sha256 == request.sha256;
  if (shown.claimed_sha256 != to_hex(request.sha256)) return false;
  if (!is_contested) return true;
  const auto digest = cloud::read_sha256(ask.service, ask.session, ask.call,
                                         {.doing = "read back",
                                          .action = "s3:GetObjectVersion",
                                          .method = "GET",
                                          .key = std::string(request.key),
                                          .query = {{"versionId", shown.version}}},
                                         request.length);
  if (digest) return *digest == request.sha256;
  if (digest.error().code == ErrorCode::corrupt) return false;
  return digest.error();
}

}  // namespace

Result<sdk::Lock> lock_of(const Asking& ask, std::string_view key, const ShownVersion& shown) {
  sdk::Lock lock;
  if (shown.lock.retention) {
    lock = *shown.lock.retention;
  } else {
    CAVRA_TRY(lock, get_retention(ask, key, shown.version));
  }
  if (shown.lock.legal_hold) {
    lock.legal_hold = *shown.lock.legal_hold;
  } else {
    CAVRA_TRY(lock.legal_hold, get_legal_hold(ask, key, shown.version));
  }
  return lock;
}

Result<std::optional<OwnVersion>> find_own_version(const Asking& ask,
                                                   const sdk::PutRequest& request) {
  CAVRA_TRY(Candidates found, candidates(ask, request));
  const bool is_contested = found.versions.size() > 1;
  std::optional<OwnVersion> oldest;
  while (!found.versions.empty()) {
    const std::string version = std::move(found.versions.back());
    found.versions.pop_back();
    auto shown = head_version(ask, request.key, version);
    if (!shown && shown.error().code == ErrorCode::not_found) continue;  // gone since it was listed
    if (!shown) return std::move(shown).error();
    CAVRA_TRY(const bool is_ours, has_bytes(ask, *shown, request, is_contested));
    if (!is_ours) {
      found.has_others = true;
      continue;
    }
    OwnVersion own{version, shown->lock.retention.value_or(sdk::Lock{}),
                   shown->checked_sha256.has_value()};
    own.lock.legal_hold = shown->lock.legal_hold.value_or(false);
    if (cloud::is_sufficient(own.lock, request.lock)) return std::optional(std::move(own));
    if (!oldest) oldest = std::move(own);
  }
  if (oldest || !found.has_others) return oldest;
  return Error{ErrorCode::conflict,
               quoted(request.key) + ": other bytes are there under this key; nothing was put"};
}

}  // namespace cavra::s3
