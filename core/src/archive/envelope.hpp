// A receipt's DSSE envelope: signed, written in pieces, taken apart.
//
// Format: docs/spec/receipt-v1.md.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/message_source.hpp"
#include "cavra/signer.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

using TextSink = std::function<Result<void>(std::string_view)>;

// Signs the payload and gives the envelope to the sink, block by block. The payload is gone through
// several times and never held. Errors: usage (not an Ed25519 signer; a key id that is empty or not
// UTF-8), and the signer's.
[[nodiscard]] Result<void> sign_envelope(MessageSource& payload, const Signer& receipt_key,
                                         const TextSink& sink);
// The same with a signature that is there.
[[nodiscard]] Result<void> write_envelope(MessageSource& payload, std::string_view key_id,
                                          std::span<const std::byte> signature,
                                          const TextSink& sink);

// An envelope as it was read: what is signed is DSSE's pre-authentication encoding, with the
// payload at its end.
struct SignedStatement {
  std::string pae;
  std::size_t payload_at = 0;
  std::string key_id;
  std::vector<std::byte> signature;

  [[nodiscard]] std::string_view payload() const {
    return std::string_view(pae).substr(payload_at);
  }
};

// Takes an envelope apart, in its own memory; nothing is believed. Errors: corrupt (any other
// spelling than write_envelope()'s).
[[nodiscard]] Result<SignedStatement> read_envelope(std::string text);

}  // namespace cavra::engine
