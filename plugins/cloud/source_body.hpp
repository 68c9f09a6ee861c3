// The bytes of a put, from the host: whole, or a part of them.
//
// Its last bytes go out only once the host has said that all are right; without them no object
// comes to be. One thread, that of the put.
#pragma once

#include <cstdint>
#include <span>

#include "cavra/plugin_types.hpp"
#include "http/digest.hpp"
#include "http/message.hpp"

namespace cavra::cloud {

// The digests of all of a source, which stand before its bytes (Content-MD5): reads it once.
// Errors: the host's; cancelled and timeout, by the call.
[[nodiscard]] Result<http::PartDigests::Result> digests_of(sdk::Source& source,
                                                           const sdk::Call& call,
                                                           http::Wanted wanted);

// The host's verdict, asked for once.
class Verdict {
 public:
  explicit Verdict(sdk::Source& source) : source_(source) {}
  // Errors: the host's; then the put ends with it.
  [[nodiscard]] Result<void> ask();

 private:
  sdk::Source& source_;
  bool is_given_ = false;
};

// All of them, sent as they are read first.
class WholeBody final : public http::RequestBody {
 public:
  // Both lent.
  WholeBody(sdk::Source& source, Verdict& verdict) : source_(source), verdict_(verdict) {}
  [[nodiscard]] std::uint64_t length() const override { return source_.length(); }
  [[nodiscard]] Result<void> rewind() override;
  [[nodiscard]] Result<std::size_t> read(std::span<std::byte> buffer) override;

 private:
  sdk::Source& source_;
  Verdict& verdict_;
  std::uint64_t at_ = 0;
};

// Bytes [begin, begin + length), which have been read before.
class PartBody final : public http::RequestBody {
 public:
  PartBody(sdk::Source& source, std::uint64_t begin, std::uint64_t length)
      : source_(source), begin_(begin), length_(length) {}
  [[nodiscard]] std::uint64_t length() const override { return length_; }
  [[nodiscard]] Result<void> rewind() override;
  [[nodiscard]] Result<std::size_t> read(std::span<std::byte> buffer) override;

 private:
  sdk::Source& source_;
  std::uint64_t begin_;
  std::uint64_t length_;
  std::uint64_t at_ = 0;
};

}  // namespace cavra::cloud
