// Hex, base64, UTF-8 and what is made printable.
#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

void fuzz_texts(std::string_view bytes) {
  if (const auto hex = from_hex(bytes)) require(to_hex(*hex) == bytes, "hex has one spelling");
  if (const auto base64 = from_base64(bytes))
    require(to_base64(*base64) == bytes, "base64 has one spelling");
  const auto back = from_base64(to_base64(as_bytes(bytes)));
  require(back && as_text(*back) == bytes, "base64 gives the bytes back");

  for (const std::size_t most : {std::size_t{4}, std::size_t{40}, bytes.size() * 12 + 4}) {
    const std::string shown = printable(bytes, most);
    require(shown.size() <= most + std::string_view("…").size(), "printable() keeps to its length");
    require(is_utf8(shown), "printable() gives UTF-8");
    require_printable(shown);
    require_printable(quoted(bytes, most));
  }
}

}  // namespace cavra::fuzz
