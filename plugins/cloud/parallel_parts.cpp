#include "cloud/parallel_parts.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace cavra::cloud {

namespace {

constexpr std::uint64_t kPartStep = std::uint64_t{1} << 20;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;

}  // namespace

std::uint64_t fitting_part_bytes(std::uint64_t length, std::uint64_t configured,
                                 std::uint64_t max_parts) {
  const std::uint64_t least = (length + max_parts - 1) / max_parts;
  return std::max(configured, (least + kPartStep - 1) / kPartStep * kPartStep);
}

// The host's first reading of it.
Result<Part> ParallelParts::read(std::uint32_t number, http::Wanted asked) {
  Part part;
  part.number = number;
  part.begin = std::uint64_t{number - 1} * part_bytes_;
  part.length = std::min(part_bytes_, source_.length() - part.begin);
  http::PartDigests digests(asked);
  std::vector<std::byte> buffer(kReadBytes);
  for (std::uint64_t at = 0; at < part.length;) {
    CAVRA_CHECK(call_.check());
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), part.length - at));
    CAVRA_TRY(const std::size_t got,
              source_.read_at(part.begin + at, std::span(buffer).first(wanted)));
    if (got == 0) return Error{ErrorCode::internal, "the host's bytes end early"};
    digests.update(std::span(buffer).first(got));
    at += got;
    exchanges_.move();
  }
  part.digests = digests.finish();
  return part;
}

Result<void> ParallelParts::start(const PartSteps& steps, const Part& part) {
  auto body = std::make_unique<PartBody>(source_, part.begin, part.length);
  CAVRA_TRY(const auto id, exchanges_.start(steps.exchange(part, *body)));
  sending_.emplace(id, Sending{part, std::move(body)});
  return {};
}

Result<void> ParallelParts::take_one(const PartSteps& steps) {
  CAVRA_TRY(http::Exchanges::Ended ended, exchanges_.next());
  const auto found = sending_.find(ended.id);
  CAVRA_TRY(const http::Response response, std::move(ended.result));
  CAVRA_CHECK(steps.sent(found->second.part, response));
  sending_.erase(found);
  return {};
}

Result<void> ParallelParts::send(ConnectionBudget& budget, const PartSteps& steps) {
  const std::uint32_t count = part_count(source_.length(), part_bytes_);
  const auto share = budget.take(count);
  for (std::uint32_t number = 1; number <= count; ++number) {
    CAVRA_TRY(const Part part, read(number, steps.wanted(number)));
    if (steps.is_there(part)) continue;
    while (sending_.size() >= share.connections())
      CAVRA_CHECK(take_one(steps));
    CAVRA_CHECK(start(steps, part));
  }
  while (!sending_.empty())
    CAVRA_CHECK(take_one(steps));
  return {};
}

}  // namespace cavra::cloud
