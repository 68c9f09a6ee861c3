// ParallelParts sends one large object in parts, several at once.
//
// A part is read once to hash it, and again while it is sent, so that none is held in memory. One
// thread, that of the put, which alone may ask the host for bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "cloud/connection_budget.hpp"
#include "cloud/source_body.hpp"
#include "http/digest.hpp"
#include "http/exchange.hpp"

namespace cavra::cloud {

struct Part {
  std::uint32_t number = 0;  // from 1
  std::uint64_t begin = 0;
  std::uint64_t length = 0;
  http::PartDigests::Result digests;
};

// What a service makes of a part.
struct PartSteps {
  // Which of its digests, known before it is read.
  std::function<http::Wanted(std::uint32_t number)> wanted;
  // Whether the service has it already; then it is not sent.
  std::function<bool(const Part& part)> is_there;
  // The request that sends it. The body is lent until it has ended.
  std::function<http::Exchange(const Part& part, http::RequestBody& body)> exchange;
  std::function<Result<void>(const Part& part, const http::Response& response)> sent;
};

class ParallelParts {
 public:
  // All lent.
  ParallelParts(http::Session& session, const sdk::Call& call, const http::RetryPolicy& retry,
                sdk::Source& source, std::uint64_t part_bytes)
      : call_(call), source_(source), part_bytes_(part_bytes), exchanges_(session, call, retry) {}

  // All parts are read and, where they are not there, sent. Errors: the host's, those of sending.
  [[nodiscard]] Result<void> send(ConnectionBudget& budget, const PartSteps& steps);

 private:
  struct Sending {
    Part part;
    std::unique_ptr<PartBody> body;
  };

  [[nodiscard]] Result<Part> read(std::uint32_t number, http::Wanted asked);
  [[nodiscard]] Result<void> start(const PartSteps& steps, const Part& part);
  [[nodiscard]] Result<void> take_one(const PartSteps& steps);

  const sdk::Call& call_;
  sdk::Source& source_;
  const std::uint64_t part_bytes_;
  std::map<http::Exchanges::Id, Sending> sending_;  // outlives what is under way
  http::Exchanges exchanges_;
};

[[nodiscard]] constexpr std::uint32_t part_count(std::uint64_t length, std::uint64_t part_bytes) {
  return static_cast<std::uint32_t>((length + part_bytes - 1) / part_bytes);
}

// The configured size, or as many mebibytes as it takes to have at most `max_parts`.
[[nodiscard]] std::uint64_t fitting_part_bytes(std::uint64_t length, std::uint64_t configured,
                                               std::uint64_t max_parts);

}  // namespace cavra::cloud
