// A receipt's envelope: what is read is written byte for byte, and nothing but the seeds is signed.
#include "archive/envelope.hpp"

#include <algorithm>

#include "fuzz.hpp"
#include "fuzz_key.hpp"
#include "fuzz_receipt.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

void fuzz_receipt_envelope(std::string_view bytes) {
  static const std::vector<std::string> seeds = seed_receipt_envelope();
  static const FuzzRoots roots;
  const auto apart = engine::read_envelope(std::string(bytes));
  if (apart) {
    std::string again;
    TextMessage payload(apart->payload());
    const auto written = engine::write_envelope(payload, apart->key_id, apart->signature,
                                                [&](std::string_view part) {
                                                  again += part;
                                                  return Result<void>();
                                                });
    require(written && again == bytes, "an envelope has one spelling");
  } else {
    require_fine(apart.error());
  }

  const auto checked = check_receipt(std::string(bytes), &roots);
  if (!checked) return require_fine(checked.error());
  require(apart.has_value(), "a receipt has an envelope");
  require(checked->sha256 == sha256(bytes).hex() && checked->bytes == bytes.size(),
          "a receipt's digest is that of its bytes");
  for (const Finding& finding : checked->findings)
    require_printable(finding.message);
  require(!checked->findings.empty() || std::ranges::find(seeds, bytes) != seeds.end(),
          "no other receipt was signed");
}

std::vector<std::string> seed_receipt_envelope() {
  const auto signer = make_ed25519_signer(fuzz_key(), "fuzz");
  return {*sign_receipt(full_receipt(), *signer), *sign_receipt(small_receipt(), *signer)};
}

}  // namespace cavra::fuzz
