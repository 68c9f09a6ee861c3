#include "store_info.hpp"

#include "blob_versions.hpp"
#include "management_service.hpp"

namespace cavra::azure {

namespace {

// The service's own limit for intervals; of a single date none is documented.
constexpr std::int64_t kLongestRetentionSeconds = std::int64_t{146000} * 86400;
constexpr std::uint64_t kLargestBlobBytes = (std::uint64_t{4000} << 20) * 50000;
// 9999-12-31T23:59:59Z: the last that HTTP can say.
constexpr std::int64_t kLastDate = 253402300799;

std::string strength_of(const AzureSettings& settings) {
  const bool is_locked = settings.mode == sdk::LockMode::compliance;
  if (settings.scope == LockScope::container)
    return is_locked
               ? "a locked immutability policy of the container: nobody lifts it, shortens it "
                 "or removes the container before its days from each blob's creation are "
                 "over; `store probe` tells how many"
               : "an immutability policy of the container: while it is unlocked, whoever has "
                 "immutabilityPolicies/delete lifts it; `store probe` tells its state and "
                 "days";
  return is_locked ? "a locked immutability policy: nobody lifts it before its date; the "
                     "account cannot be deleted while it holds"
                   : "an unlocked immutability policy: whoever has "
                     "blobs/immutableStorage/runAsSuperUser/action lifts it, and whoever may "
                     "delete the account deletes it";
}

std::vector<sdk::Right> rights_of(const AzureSettings& settings) {
  std::vector<sdk::Right> rights{
      {std::string(kReadBlobs), "read", "lists, proves, reads back by version, and restores"},
      {std::string(kAddBlobs), "put", "puts what is new, and nothing over what is there"},
      {std::string(kWriteBlobs), "put", "sends the blocks of large objects"},
      {std::string(kReadContainer), "read",
       settings.scope == LockScope::container
           ? "asks whether the container has an immutability policy"
           : "asks whether the container has version-level immutability"},
  };
  if (settings.scope == LockScope::container) {
    rights.push_back({std::string(kReadPolicy), "read",
                      "asks the management for the container's policy: no lock is shown without"});
    return rights;
  }
  const bool is_explicit = settings.policy_from == PolicyFrom::request;
  rights.push_back({std::string(kPolicies), is_explicit ? "put" : "raise_lock",
                    is_explicit ? "sets and locks the policy of each object, makes it longer, and "
                                  "sets and clears holds"
                                : "makes a lock longer, and sets and clears holds"});
  return rights;
}

}  // namespace

sdk::StoreInfo describe_store(const AzureSettings& settings, const AzureAddress& address) {
  sdk::StoreInfo info;
  info.location = address.location(settings.prefix);
  info.identity = settings.identity.empty() ? address.location({}) : settings.identity;
  info.key_prefix = settings.prefix;
  info.mode = settings.mode;
  // Of a container's own policy: a key is all that names a blob, and holds are the container's.
  info.has_versions = settings.scope == LockScope::version;
  info.has_legal_hold = settings.scope == LockScope::version;
  info.has_no_dot_ends = true;
  info.last_retain_until_unix_s = kLastDate;
  info.longest_retention_s = kLongestRetentionSeconds;
  info.largest_object_bytes = kLargestBlobBytes;
  info.sessions_wanted = settings.sessions;
  info.strength = strength_of(settings);
  info.rights = rights_of(settings);
  return info;
}

}  // namespace cavra::azure
