#include <array>

#include "json/json_builder.hpp"

namespace cavra {
namespace {

class LineReader {
 public:
  explicit LineReader(const std::function<Result<void>(std::size_t, JsonValue&&)>& on_value)
      : on_value_(on_value) {}

  // Takes the next piece of text, wherever it begins and ends.
  Result<void> take(std::string_view text) {
    for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;) {
      CAVRA_CHECK(append(text.substr(0, end)));
      CAVRA_CHECK(finish_line());
      text.remove_prefix(end + 1);
    }
    return append(text);
  }

  // The last line may lack its end.
  Result<void> finish() { return finish_line(); }

 private:
  Result<void> append(std::string_view text) {
    if (text.size() > kMaxStreamedValueBytes - line_.size()) {
      return fail("longer than " + std::to_string(kMaxStreamedValueBytes) + " bytes");
    }
    line_ += text;
    return {};
  }

  Result<void> finish_line() {
    if (line_.ends_with('\r')) line_.pop_back();
    if (line_.find_first_not_of(" \t") != std::string::npos) {
      auto value = parse_json(line_);
      if (!value) return fail(value.error().message);
      CAVRA_CHECK(on_value_(value_count_++, *std::move(value)));
    }
    line_.clear();
    ++line_number_;
    return {};
  }

  Error fail(const std::string& problem) const {
    return {ErrorCode::corrupt, "line " + std::to_string(line_number_) + ": " + problem};
  }

  const std::function<Result<void>(std::size_t, JsonValue&&)>& on_value_;
  std::string line_;
  std::size_t line_number_ = 1;
  std::size_t value_count_ = 0;
};

}  // namespace

Result<void> stream_json_lines(
    ByteSource& source, const std::function<Result<void>(std::size_t, JsonValue&&)>& on_value) {
  LineReader reader(on_value);
  std::vector<char> block(BlockStream::kBlockBytes);
  for (;;) {
    CAVRA_TRY(const std::size_t size, source.read(std::as_writable_bytes(std::span(block))));
    if (size == 0) return reader.finish();
    CAVRA_CHECK(reader.take({block.data(), std::min(size, block.size())}));
  }
}

}  // namespace cavra
