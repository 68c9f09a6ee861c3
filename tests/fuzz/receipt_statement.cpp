// A receipt's statement: what is read is written byte for byte.
#include "fuzz.hpp"
#include "fuzz_receipt.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

void fuzz_receipt_statement(std::string_view bytes) {
  const auto receipt = Receipt::from_statement(bytes);
  if (!receipt) return require_fine(receipt.error());
  require(receipt->statement() == bytes, "a statement has one spelling");
  require(parse_json(bytes).has_value(), "a statement is JSON");
  require(!receipt->objects.empty() && receipt->objects.back().member == "manifest.json",
          "the manifest is the last object");
}

std::vector<std::string> seed_receipt_statement() {
  return {full_receipt().statement(), small_receipt().statement()};
}

}  // namespace cavra::fuzz
