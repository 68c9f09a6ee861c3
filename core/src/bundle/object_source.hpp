// Passes a document's bytes on, and refuses one that is no object: stream_json() would stream an
// array at the top just as one inside.
#pragma once

#include <string_view>

#include "cavra/json.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {

class JsonObjectSource final : public ByteSource {
 public:
  explicit JsonObjectSource(ByteSource& source) : source_(source) {}

  // Errors: corrupt; what the source gives.
  Result<std::size_t> read(std::span<std::byte> buffer) override {
    CAVRA_TRY(const std::size_t size, source_.read(buffer));
    if (!has_begun_) {
      const std::string_view text = as_text(buffer.first(size));
      const std::size_t first = text.find_first_not_of(" \t\r\n");
      has_begun_ = first != std::string_view::npos;
      if (has_begun_ && text[first] == '[')
        return Error{ErrorCode::corrupt, "it is a JSON array, and must be an object"};
    }
    return size;
  }

 private:
  ByteSource& source_;
  bool has_begun_ = false;
};

}  // namespace cavra
