#include "json/block_stream.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace cavra {
namespace {

constexpr char kEnd = '\0';

}  // namespace

BlockStream::BlockStream(std::string_view text) {
  take_block(text);
}

BlockStream::BlockStream(ByteSource& source)
    : source_(&source), buffer_(std::make_unique_for_overwrite<char[]>(kBlockBytes)) {
  refill();
}

char BlockStream::take_last() {
  const char c = *cursor_;
  if (!is_at_end_) refill();
  return c;
}

// Called when the block before is used up.
void BlockStream::refill() {
  const std::size_t offset = block_offset_ + last_block_.size();
  if (has_nul_) {
    end();
    failure_ = json_error("a NUL byte", position(offset));
    return;
  }
  if (offset > limit_) {
    end();
    failure_ = json_error(kTooLongValue, position(offset));
    return;
  }
  if (source_ == nullptr) return end();
  auto read = source_->read(std::as_writable_bytes(std::span(buffer_.get(), kBlockBytes)));
  if (!read) {
    end();
    failure_ = std::move(read).error();
    return;
  }
  take_block({buffer_.get(), std::min(*read, kBlockBytes)});
}

void BlockStream::take_block(std::string_view block) {
  if (block.empty()) return end();  // and keep the last block, for position()
  for (std::size_t i = 0; (i = last_block_.find('\n', i)) != std::string_view::npos; ++i) {
    ++line_;
    line_start_ = last_block_offset_ + i + 1;
  }
  block_offset_ = last_block_offset_ + last_block_.size();
  last_block_offset_ = block_offset_;
  const std::size_t nul = block.find('\0');
  has_nul_ = nul != std::string_view::npos;
  last_block_ = block.substr(0, nul);
  if (last_block_.empty()) return refill();
  block_ = cursor_ = last_block_.data();
  last_ = cursor_ + last_block_.size() - 1;
}

void BlockStream::end() {
  block_offset_ = last_block_offset_ + last_block_.size();
  block_ = cursor_ = last_ = &kEnd;
  is_at_end_ = true;
}

std::string BlockStream::position(std::size_t offset) const {
  std::string text = "byte " + std::to_string(offset);
  if (offset < last_block_offset_ || offset > last_block_offset_ + last_block_.size()) return text;
  std::size_t line = line_;
  std::size_t line_start = line_start_;
  const std::string_view before = last_block_.substr(0, offset - last_block_offset_);
  for (std::size_t i = 0; (i = before.find('\n', i)) != std::string_view::npos; ++i) {
    ++line;
    line_start = last_block_offset_ + i + 1;
  }
  return text + " (line " + std::to_string(line) + ", column " +
         std::to_string(offset - line_start + 1) + ')';
}

Error json_error(std::string_view problem, std::string_view position) {
  return {ErrorCode::corrupt, std::string(problem) + " at " + std::string(position)};
}

}  // namespace cavra
