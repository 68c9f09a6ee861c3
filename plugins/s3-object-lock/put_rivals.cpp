#include "put_rivals.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "own_version.hpp"

namespace cavra::s3 {

namespace {

struct Looked {
  const MadeVersion* made;
  bool is_seen = false;
  bool has_rival = false;

  [[nodiscard]] std::string_view key() const { return made->request->key; }
};

// Of a version that is listed. Another length is somebody else's, and may be a conflict.
void note(std::vector<Looked>& looked, const ListedVersion& listed) {
  const auto found =
      std::ranges::lower_bound(looked, std::string_view(listed.key), {}, &Looked::key);
  if (found == looked.end() || found->key() != listed.key || listed.is_delete_marker) return;
  const bool is_mine = listed.version == found->made->result->version;
  (is_mine ? found->is_seen : found->has_rival) = true;
}

}  // namespace

Result<void> name_the_oldest(const Asking& ask, std::span<const MadeVersion> made) {
  if (made.empty()) return {};
  std::vector<Looked> looked;
  for (const MadeVersion& each : made)
    looked.push_back({&each});
  std::ranges::sort(looked, {}, &Looked::key);
  CAVRA_TRY(const bool is_told_whole,
            for_versions_between(ask, looked.front().key(), looked.back().key(),
                                 [&](const ListedVersion& listed) { note(looked, listed); }));
  for (const Looked& each : looked) {
    if (is_told_whole && each.is_seen && !each.has_rival) continue;
    CAVRA_TRY(auto oldest, find_own_version(ask, *each.made->request));
    if (oldest && oldest->version != each.made->result->version)
      *each.made->result = {.is_created = false, .version = std::move(oldest->version)};
  }
  return {};
}

}  // namespace cavra::s3
