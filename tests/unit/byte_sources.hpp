// Byte sources for tests: blocks of a chosen size, endless, failing.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "cavra/json.hpp"

namespace cavra::testing {

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string text, std::size_t block_bytes = 65536)
      : text_(std::move(text)), block_bytes_(block_bytes) {}

  Result<std::size_t> read(std::span<std::byte> buffer) override {
    if (at_ == text_.size() && fails_at_end_) return Error{ErrorCode::io, "the disk is gone"};
    const std::size_t size = std::min({block_bytes_, buffer.size(), text_.size() - at_});
    std::memcpy(buffer.data(), text_.data() + at_, size);
    at_ += size;
    return size;
  }

  void fail_at_end() { fails_at_end_ = true; }
  [[nodiscard]] std::size_t bytes_read() const { return at_; }

 private:
  std::string text_;
  std::size_t block_bytes_;
  std::size_t at_ = 0;
  bool fails_at_end_ = false;
};

// `head`, and then one character for ever.
class EndlessSource final : public ByteSource {
 public:
  EndlessSource(std::string head, char fill) : head_(std::move(head)), fill_(fill) {}

  Result<std::size_t> read(std::span<std::byte> buffer) override {
    std::memset(buffer.data(), fill_, buffer.size());
    std::memcpy(buffer.data(), head_.data(), std::min(head_.size(), buffer.size()));
    head_.clear();
    bytes_read_ += buffer.size();
    return buffer.size();
  }

  [[nodiscard]] std::size_t bytes_read() const { return bytes_read_; }

 private:
  std::string head_;
  char fill_;
  std::size_t bytes_read_ = 0;
};

inline JsonStreamHandler collect_elements(std::vector<JsonValue>& elements) {
  return {[&elements](std::size_t index, JsonValue&& value) -> Result<void> {
            if (index != elements.size()) return Error{ErrorCode::internal, "index"};
            elements.push_back(std::move(value));
            return {};
          },
          nullptr};
}

}  // namespace cavra::testing
