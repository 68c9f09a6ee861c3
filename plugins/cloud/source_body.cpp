#include "cloud/source_body.hpp"

#include <algorithm>
#include <vector>

namespace cavra::cloud {

namespace {

Error ends_early() {
  return {ErrorCode::internal, "the host's bytes end before the length that it told"};
}

}  // namespace

Result<http::PartDigests::Result> digests_of(sdk::Source& source, const sdk::Call& call,
                                             http::Wanted wanted) {
  http::PartDigests digests(wanted);
  std::vector<std::byte> buffer(std::size_t{256} << 10);
  for (std::uint64_t at = 0; at < source.length();) {
    CAVRA_CHECK(call.check());
    CAVRA_TRY(const std::size_t got, source.read_at(at, buffer));
    if (got == 0) return ends_early();
    digests.update(std::span(buffer).first(got));
    at += got;
  }
  return digests.finish();
}

Result<void> Verdict::ask() {
  if (is_given_) return {};
  CAVRA_CHECK(source_.finish());
  is_given_ = true;
  return {};
}

Result<void> WholeBody::rewind() {
  at_ = 0;
  return length() == 0 ? verdict_.ask() : Result<void>{};
}

Result<std::size_t> WholeBody::read(std::span<std::byte> buffer) {
  const auto wanted =
      static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), length() - at_));
  if (wanted == 0) return 0;
  CAVRA_TRY(const std::size_t got, source_.read_at(at_, buffer.first(wanted)));
  if (got == 0) return ends_early();
  at_ += got;
  if (at_ == length()) CAVRA_CHECK(verdict_.ask());
  return got;
}

Result<void> PartBody::rewind() {
  at_ = 0;
  return {};
}

Result<std::size_t> PartBody::read(std::span<std::byte> buffer) {
  const auto wanted =
      static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), length_ - at_));
  if (wanted == 0) return 0;
  CAVRA_TRY(const std::size_t got, source_.read_at(begin_ + at_, buffer.first(wanted)));
  if (got == 0) return ends_early();
  at_ += got;
  return got;
}

}  // namespace cavra::cloud
