// The JSON documents that the store keeps: its marker, and one record for each later act on a lock.
//
// One text for one value: what format_…() would not have written is not read. Pure: any thread.
//   .cavra-store/store.json   {"schema":"cavra.local-worm.store.v1","id":"<random UUID>"}
//   …/records/<key>/000001.json
//     {"schema":"cavra.local-worm.record.v1","key":"…","sequence":1,"act":"extend",
//      "retain_until":"2033-05-19T12:00:00Z"}
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cavra::local_worm {

inline constexpr std::size_t kMaxDocumentBytes = 16384;

struct Marker {
  std::string id;  // a UUID in lower case

  friend bool operator==(const Marker&, const Marker&) = default;
};

enum class Act { extend, hold, release };

struct Record {
  std::string key;
  std::uint32_t sequence = 0;  // from 1; the later one says more
  Act act = Act::hold;
  std::optional<std::int64_t> retain_until_unix_s;  // of extend, and of nothing else

  friend bool operator==(const Record&, const Record&) = default;
};

[[nodiscard]] std::string format_marker(const Marker& marker);
[[nodiscard]] std::optional<Marker> parse_marker(std::string_view json);

[[nodiscard]] std::string format_record(const Record& record);
[[nodiscard]] std::optional<Record> parse_record(std::string_view json);

}  // namespace cavra::local_worm
