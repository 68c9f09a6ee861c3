// BlockUpload sends one large object in blocks, several at once, and puts them together.
//
// A block's id has a number of this upload, the block's place and its MD5, so that what a dead run
// has sent is found again. Whoever may write could put other bytes there: the host reads back. One
// thread, that of the put. https://learn.microsoft.com/rest/api/storageservices/put-block
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "blob_put.hpp"
#include "cloud/parallel_parts.hpp"

namespace cavra::azure {

class BlockUpload {
 public:
  // All lent. `headers` are those of the blob. `has_happened` as of http::Exchange.
  BlockUpload(const Asking& ask, const PutTools& tools, const sdk::PutRequest& request,
              sdk::Source& source, cloud::Verdict& verdict, const http::Headers& headers,
              std::function<Result<bool>()> has_happened);

  // Errors: those of asking, the host's. Then no blob came to be; blocks that nobody puts together
  // go by themselves, a week later.
  [[nodiscard]] Result<PutOutcome> run();

 private:
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> look_for_blocks();
  [[nodiscard]] Result<void> send_all();
  [[nodiscard]] bool is_there(const cloud::Part& block);
  [[nodiscard]] std::string id_of(const cloud::Part& block) const;
  [[nodiscard]] http::Exchange exchange(const cloud::Part& block, http::RequestBody& body) const;
  [[nodiscard]] Result<PutOutcome> commit();

  const Asking& ask_;
  const PutTools& tools_;
  const sdk::PutRequest& request_;
  sdk::Source& source_;
  cloud::Verdict& verdict_;
  const http::Headers headers_;
  const std::function<Result<bool>()> has_happened_;
  const std::uint64_t block_bytes_;
  const std::string particulars_;
  std::string upload_;                                    // its own number, in hex
  std::unordered_map<std::string, std::uint64_t> there_;  // of a dead run: lengths by id
  std::vector<std::string> ids_;                          // by number, from 1
};

}  // namespace cavra::azure
