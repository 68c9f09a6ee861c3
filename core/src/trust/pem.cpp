#include "trust/pem.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::trust {

namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kLineChars = 64;  // RFC 7468, section 2: exactly 64, but for the last line
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Takes the first line off `text`, without its LF or CR LF.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void skip_empty_lines(std::string_view& text) {
  while (text.starts_with('\n') || text.starts_with("\r\n"))
    take_line(text);
}

// The label of "-----BEGIN label-----" or "-----END label-----".
std::optional<std::string_view> label_of(std::string_view line, std::string_view opening) {
  if (!line.starts_with(opening) || !line.ends_with(kDashes)) return std::nullopt;
  if (line.size() <= opening.size() + kDashes.size()) return std::nullopt;
  return line.substr(opening.size(), line.size() - opening.size() - kDashes.size());
}

// What a file without a BEGIN line most likely is.
std::string_view why_no_pem(std::string_view text) {
  if (text.empty()) return "is empty; it should hold one PEM key";
  if (text.starts_with("\xef\xbb\xbf"))
    return "begins with a byte order mark; save it as plain ASCII";
  if (text.starts_with('\x30'))
    return "is DER or other binary data, not PEM; convert it with "
           "`openssl pkey -inform DER -in OLD -out NEW`";
  if (text.starts_with("ssh-")) return "is an OpenSSH public key, not a PEM key";
  return "does not begin with a PEM line \"-----BEGIN ...-----\"; "
         "remove any text before the key";
}

constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return digits;
}();

// RFC 4648 with padding, zero spare bits, straight from memory that wipes itself to the same:
// from_base64() of cavra/support/encoding.hpp leaves its bytes behind. False where it is no base64.
bool decode_base64(std::span<const std::byte> text, Secret& out) {
  if (text.size() % 4 != 0 || text.empty()) return false;
  std::size_t padding = 0;
  while (padding < 2 && text[text.size() - 1 - padding] == std::byte{'='})
    ++padding;
  out = Secret(text.size() / 4 * 3 - padding);
  const auto bytes = out.expose_for_writing();
  std::uint32_t bits = 0;
  std::size_t held = 0;
  std::size_t written = 0;
  for (const std::byte c : text.first(text.size() - padding)) {
    const std::uint8_t digit = kDigits[std::to_integer<std::uint8_t>(c)];
    if (digit == kNoDigit) return false;
    bits = (bits << 6 | digit) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[written++] = static_cast<std::byte>(bits >> held & 0xff);
  }
  return (bits & ((1U << held) - 1)) == 0;
}

// Joins the base64 lines up to the END line into `joined`, whose used size is the result.
Result<std::size_t> join_lines(std::string_view& text, std::string_view label, Secret& joined,
                               std::string_view where) {
  const auto out = joined.expose_for_writing();
  std::size_t used = 0;
  bool is_last = false;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.starts_with(kEnd)) {
      if (label_of(line, kEnd) == label) return used;
      return key_error(where, "has an END line that differs from its BEGIN line");
    }
    if (line.starts_with("Proc-Type: 4,ENCRYPTED")) return encrypted_key_error(where);
    if (line.find(':') != std::string_view::npos)
      return key_error(where,
                       "has header lines inside the PEM block; rewrite the key with "
                       "`openssl pkey -in OLD -out NEW`");
    if (is_last || line.empty() || line.size() > kLineChars)
      return key_error(where,
                       "has a base64 line that is not 64 characters long; rewrite the key "
                       "with `openssl pkey -in OLD -out NEW`");
    is_last = line.size() < kLineChars;
    const auto bytes = as_bytes(line);
    std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(used));
    used += line.size();
  }
  return key_error(where, "has no PEM line \"-----END ...-----\": the file is cut off");
}

}  // namespace

Error key_error(std::string_view where, std::string_view problem, ErrorCode code) {
  return {code, printable(where) + ": " + std::string(problem)};
}

Error encrypted_key_error(std::string_view where) {
  return key_error(where,
                   "is an encrypted private key, and this program asks for no passphrase; write it "
                   "unencrypted to a place only you can read: `(umask 077; openssl pkey -in OLD "
                   "-out NEW)`",
                   ErrorCode::unsupported);
}

Result<PemBlock> decode_pem(std::string_view text, std::string_view where) {
  const std::string_view whole = text;
  skip_empty_lines(text);
  const auto label = label_of(take_line(text), kBegin);
  if (!label) return key_error(where, why_no_pem(whole));

  Secret joined(text.size());
  CAVRA_TRY(const std::size_t used, join_lines(text, *label, joined, where));
  PemBlock block{std::string(*label), {}};
  if (!decode_base64(joined.expose().first(used), block.body))
    return key_error(where, "has a PEM body that is not base64: it is damaged or cut");

  skip_empty_lines(text);
  if (text.empty()) return block;
  if (text.find(kBegin) != std::string_view::npos)
    return key_error(where, "has more than one PEM block; keep one key in a file");
  return key_error(where, "has something after the PEM block; remove it");
}

Secret encode_pem(std::string_view label, std::span<const std::byte> body) {
  const std::size_t digits = (body.size() + 2) / 3 * 4;
  const std::size_t lines = (digits + kLineChars - 1) / kLineChars;
  const std::size_t frame = kBegin.size() + kEnd.size() + 2 * (label.size() + kDashes.size() + 1);
  Secret pem(frame + digits + lines);
  auto at = pem.expose_for_writing().begin();
  const auto put = [&at](std::string_view text) { at = std::ranges::copy(as_bytes(text), at).out; };
  put(kBegin), put(label), put(kDashes), put("\n");
  for (std::size_t i = 0, column = 0; i < body.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return k < body.size() ? std::to_integer<std::uint32_t>(body[k]) : 0U;
    };
    const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (std::size_t k = 0; k < 4; ++k) {
      const bool is_padding = i + k > body.size();
      *at++ = static_cast<std::byte>(is_padding ? '=' : kAlphabet[bits >> (18 - 6 * k) & 63]);
    }
    column += 4;
    if (column % kLineChars == 0 || i + 3 >= body.size()) put("\n");
  }
  put(kEnd), put(label), put(kDashes), put("\n");
  return pem;
}

}  // namespace cavra::trust

namespace cavra {

bool is_key_text(std::string_view name) {
  return name.find_first_of("\r\n") != std::string_view::npos || holds_pem(as_bytes(name)) ||
         holds_private_key(name);
}

bool holds_private_key(std::string_view text) {
  // In PEM, or a line of it: an Ed25519 key (RFC 8410) in base64 begins in one of these ways.
  return text.find("PRIVATE KEY-----") != std::string_view::npos ||
         text.find("MC4CAQAwBQYDK2VwBCIEI") != std::string_view::npos ||
         text.find("MFECAQEwBQYDK2VwBCIEI") != std::string_view::npos;
}

bool holds_pem(std::span<const std::byte> bytes) {
  return as_text(bytes).find("-----BEGIN") != std::string_view::npos;
}

bool begins_private_key(std::span<const std::byte> bytes) {
  std::string_view text = as_text(bytes);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\v\f"), text.size()));
  if (!text.starts_with(trust::kBegin)) return false;
  // "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK", …
  return trust::take_line(text).find("PRIVATE KEY") != std::string_view::npos;
}

}  // namespace cavra
