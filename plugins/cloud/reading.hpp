// Reading follows one object's bytes over as many attempts as it takes: each goes on where the last
// one was cut off.
//
// One thread, that of the call.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "http/message.hpp"

namespace cavra::cloud {

class Reading {
 public:
  // `sink` is lent. The key is for messages.
  Reading(std::string_view key, std::uint64_t offset, sdk::Sink& sink)
      : key_(key), at_(offset), sink_(sink) {}

  // Before each attempt: what it asks for, "bytes=100-". Empty: all.
  [[nodiscard]] std::string next_range();
  // Whether the answer begins where it was asked to. Errors: io.
  [[nodiscard]] Result<void> accept(const http::Response& head) const;
  // Errors: the sink's.
  [[nodiscard]] Result<void> take(std::span<const std::byte> bytes);
  // What comes next; the object's length, once all was read.
  [[nodiscard]] std::uint64_t at() const noexcept { return at_; }

 private:
  const std::string key_;
  std::uint64_t at_;
  std::uint64_t begun_at_ = 0;
  sdk::Sink& sink_;
};

}  // namespace cavra::cloud
