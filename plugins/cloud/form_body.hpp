// The form of a request, application/x-www-form-urlencoded. It may hold a token, so it is wiped.
//
// A value; one thread at a time.
#pragma once

#include <algorithm>
#include <string_view>

#include "cavra/support/encoding.hpp"
#include "cloud/wiped_text.hpp"
#include "http/message.hpp"
#include "http/percent_encoding.hpp"

namespace cavra::cloud {

class Form final : public http::RequestBody {
 public:
  // An empty value is left out.
  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (!text_.empty()) text_ += '&';
    text_.append(name).append("=");
    std::string encoded = http::encode_component(value);
    text_.append(encoded);
    wipe(encoded);
  }
  [[nodiscard]] std::string_view text() const { return text_; }

  [[nodiscard]] std::uint64_t length() const override { return text_.size(); }
  [[nodiscard]] Result<void> rewind() override {
    at_ = 0;
    return {};
  }
  [[nodiscard]] Result<std::size_t> read(std::span<std::byte> buffer) override {
    const auto rest = as_bytes(text()).subspan(at_);
    const std::size_t size = std::min(rest.size(), buffer.size());
    std::ranges::copy(rest.first(size), buffer.begin());
    at_ += size;
    return size;
  }

 private:
  WipedText text_;
  std::size_t at_ = 0;
};

}  // namespace cavra::cloud
