#include "cloud/reading.hpp"

#include "cavra/support/encoding.hpp"

namespace cavra::cloud {

std::string Reading::next_range() {
  begun_at_ = at_;
  return at_ == 0 ? std::string() : "bytes=" + std::to_string(at_) + "-";
}

// "bytes 100-199/200". A server that knows no ranges begins anew.
Result<void> Reading::accept(const http::Response& head) const {
  const std::string begin = "bytes " + std::to_string(begun_at_) + "-";
  if (begun_at_ == 0 ||
      (head.status == 206 && head.headers.get("content-range").starts_with(begin)))
    return {};
  return Error{ErrorCode::io, quoted(key_) + ": asked for bytes from " + std::to_string(begun_at_) +
                                  ", the service answered with others"};
}

Result<void> Reading::take(std::span<const std::byte> bytes) {
  CAVRA_CHECK(sink_.write(bytes));
  at_ += bytes.size();
  return {};
}

}  // namespace cavra::cloud
