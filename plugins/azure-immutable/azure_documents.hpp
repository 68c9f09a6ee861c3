// The XML of listings and block lists.
//
// https://learn.microsoft.com/rest/api/storageservices/list-blobs, …/get-block-list. Pure: any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::azure {

struct ListedBlob {
  std::string name;
  std::string version;  // empty: the container keeps none
  bool is_current = false;
  bool is_uncommitted = false;  // blocks that were never put together
  bool is_deleted = false;      // softly
  std::uint64_t length = 0;
  std::optional<std::int64_t> stored_at_unix_s;
  std::string claimed_sha256;  // hex, of our own metadata
  sdk::Lock lock;
};

struct BlobPage {
  std::vector<ListedBlob> blobs;
  std::string next;  // the marker; empty: the last page
};

// Errors: io (no such document), unproven (a lock that nobody can read).
[[nodiscard]] Result<BlobPage> parse_blob_page(std::string_view xml);

struct ListedBlock {
  std::string id;  // as it was put: base64
  std::uint64_t length = 0;
};
[[nodiscard]] Result<std::vector<ListedBlock>> parse_uncommitted_blocks(std::string_view xml);

// Which blocks make the blob, in their order.
[[nodiscard]] std::string block_list_document(std::span<const std::string> ids);

}  // namespace cavra::azure
