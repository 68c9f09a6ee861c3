// MultipartUpload sends one large object in parts, several at once.
//
// What a dead run has sent is taken up where its note says so and digests agree. One thread, that
// of the put.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cloud/parallel_parts.hpp"
#include "object_put.hpp"

namespace cavra::s3 {

class MultipartUpload {
 public:
  // All lent. `headers` are those of the object. `may_be_mine` and `has_happened` as of ObjectPut.
  MultipartUpload(const Asking& ask, const PutTools& tools, const sdk::PutRequest& request,
                  sdk::Source& source, cloud::Verdict& verdict, const http::Headers& headers,
                  std::function<Result<bool>()> has_happened, bool& may_be_mine);

  // The version that came to be. None: it is not known whether one did, or another one was first;
  // the upload is gone. Errors: those of asking, the host's. Then nothing came to be.
  [[nodiscard]] Result<std::optional<std::string>> run();

 private:
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> create();
  [[nodiscard]] Result<bool> take_up(const std::string& id);
  [[nodiscard]] Result<void> send_all();
  [[nodiscard]] bool is_there(const cloud::Part& part);
  [[nodiscard]] http::Exchange exchange(const cloud::Part& part, http::RequestBody& body) const;
  [[nodiscard]] Result<void> take(const cloud::Part& part, const http::Response& response);
  [[nodiscard]] Result<std::optional<std::string>> complete();
  [[nodiscard]] bool is_useless(const Error& error) const;
  void abort();

  const Asking& ask_;
  const PutTools& tools_;
  const sdk::PutRequest& request_;
  sdk::Source& source_;
  cloud::Verdict& verdict_;
  const http::Headers headers_;
  const std::function<Result<bool>()> has_happened_;
  bool& may_be_mine_;
  const std::uint64_t part_bytes_;
  const std::string particulars_;
  std::string id_;
  std::map<std::uint32_t, ListedPart> there_;  // of a dead run
  std::vector<SentPart> sent_;                 // by number, from 1
};

}  // namespace cavra::s3
