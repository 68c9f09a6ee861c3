// Records: what was done to an object's lock after its put. The file itself is immutable, so a
// later date or a legal hold is a small immutable file of its own:
//   .cavra-store/records/<key>/000001.json, 000002.json, …
// Sequence numbers decide the order; the next number is taken by linkat, which only one writer
// wins.
//
// Where the file system locks, a record counts only once it is sealed: whoever may write into the
// folder could leave a file there, but only the privileged can seal it. One that a dead writer left
// unsealed is passed over, and the act is done again.
#pragma once

#include <cstdint>
#include <optional>

#include "cavra/support/result.hpp"
#include "documents.hpp"
#include "folder.hpp"
#include "object_key.hpp"
#include "store_root.hpp"

namespace cavra::local_worm {

struct RecordSummary {
  std::optional<std::int64_t> latest_retain_until_unix_s;
  bool is_held = false;
  // Behind the last one that counts, past names that do not: these may be of writers at work.
  std::uint32_t next_sequence = 1;
};

// Errors: corrupt (a record that counts cannot be read), refused, io.
[[nodiscard]] Result<RecordSummary> read_records(const StoreRoot& store, const Folder& root,
                                                 const ObjectKey& key);

// Adds a record, unless those that are there say as much already. `retain_until_unix_s` is for
// extend. Errors: as read_records(); forbidden.
[[nodiscard]] Result<void> add_record(StoreRoot& store, const Folder& root, const ObjectKey& key,
                                      Act act, std::optional<std::int64_t> retain_until_unix_s);

}  // namespace cavra::local_worm
