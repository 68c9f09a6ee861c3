#include "http/message.hpp"

#include <algorithm>
#include <cstring>

namespace cavra::http {

Result<void> TextBody::rewind() {
  at_ = 0;
  return {};
}

Result<std::size_t> TextBody::read(std::span<std::byte> buffer) {
  const std::size_t count = std::min(buffer.size(), text_.size() - at_);
  std::memcpy(buffer.data(), text_.data() + at_, count);
  at_ += count;
  return count;
}

}  // namespace cavra::http
