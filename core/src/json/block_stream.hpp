// The bytes of a JSON text, one at a time, as RapidJSON's reader takes them: from memory, or block
// by block from a ByteSource.
//
// It ends the text (with the NUL that RapidJSON takes for the end) where the text ends, where a
// real NUL stands, where the source fails and where a value is longer than allowed; failure() then
// says which. So nothing after a NUL is silently ignored. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/json.hpp"

namespace cavra {

// With where it was given up.
static_assert(kMaxStreamedValueBytes == std::size_t{16} * 1024 * 1024);
inline constexpr std::string_view kTooLongValue = "a value of more than 16 MiB, given up";

class BlockStream {
 public:
  using Ch = char;  // RapidJSON's name for it

  static constexpr std::size_t kBlockBytes = std::size_t{64} << 10;

  // `text` and `source` are lent as long as this lives.
  explicit BlockStream(std::string_view text);
  explicit BlockStream(ByteSource& source);
  BlockStream(const BlockStream&) = delete;
  BlockStream& operator=(const BlockStream&) = delete;

  // RapidJSON's stream concept (rapidjson/stream.h). At the end Peek and Take give NUL.
  [[nodiscard]] char Peek() const { return *cursor_; }
  char Take() { return cursor_ == last_ ? take_last() : *cursor_++; }
  [[nodiscard]] std::size_t Tell() const {
    return block_offset_ + static_cast<std::size_t>(cursor_ - block_);
  }
  // Only for parsing in place, which is not done here.
  char* PutBegin() { return nullptr; }
  void Put(char) {}
  void Flush() {}
  std::size_t PutEnd(char*) { return 0; }

  // The text may be read up to this offset, and not at all beyond: set anew for each value.
  void set_limit(std::size_t offset) { limit_ = offset; }
  [[nodiscard]] bool is_over_limit() const { return Tell() > limit_; }

  [[nodiscard]] bool is_at_end() const { return is_at_end_; }
  // Why the text ended, if not by itself.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

  // "byte 17 (line 2, column 5)"; without line and column where that text is no longer there.
  [[nodiscard]] std::string position(std::size_t offset) const;

 private:
  char take_last();
  void refill();
  void take_block(std::string_view block);
  void end();

  ByteSource* source_ = nullptr;
  std::unique_ptr<char[]> buffer_;
  const char* block_ = nullptr;
  const char* cursor_ = nullptr;
  const char* last_ = nullptr;  // the block's last byte, or the NUL at the end
  std::size_t block_offset_ = 0;
  std::string_view last_block_;  // what block_ was before the end
  std::size_t last_block_offset_ = 0;
  std::size_t limit_ = static_cast<std::size_t>(-1);
  // Up to the start of last_block_: its line (from 1), and where that line starts.
  std::size_t line_ = 1;
  std::size_t line_start_ = 0;
  bool has_nul_ = false;  // right behind this block
  bool is_at_end_ = false;
  std::optional<Error> failure_;
};

// The error for what is wrong at that place.
[[nodiscard]] Error json_error(std::string_view problem, std::string_view position);

}  // namespace cavra
