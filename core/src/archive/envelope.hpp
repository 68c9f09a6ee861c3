// A receipt's DSSE envelope: signed, written in pieces, taken apart.
//
// The statement of a million objects is held once, as the message that is signed; the envelope goes
// out block by block. Format: docs/spec/receipt-v1.md.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "archive/statement.hpp"
#include "cavra/receipt.hpp"
#include "cavra/signer.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

// A statement as it is signed: DSSE's pre-authentication encoding, the payload at its end.
struct SignedStatement {
  std::string pae;
  std::size_t payload_at = 0;
  std::string key_id;
  std::vector<std::byte> signature;

  [[nodiscard]] std::string_view payload() const {
    return std::string_view(pae).substr(payload_at);
  }
};

// Errors: usage (not an Ed25519 signer; a key id that is empty or not UTF-8), and the signer's.
[[nodiscard]] Result<SignedStatement> sign_statement(const ReceiptFacts& facts, std::size_t count,
                                                     const ObjectAt& object_at,
                                                     const Signer& receipt_key);

using TextSink = std::function<Result<void>(std::string_view)>;
[[nodiscard]] Result<void> write_envelope(const SignedStatement& statement, const TextSink& sink);

// Takes an envelope apart, in its own memory; nothing is believed. Errors: corrupt (any other
// spelling than write_envelope()'s).
[[nodiscard]] Result<SignedStatement> read_envelope(std::string text);

}  // namespace cavra::engine
