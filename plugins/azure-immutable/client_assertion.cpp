#include "client_assertion.hpp"

#include <cryptopp/osrng.h>

#include <algorithm>
#include <array>

#include "cavra/support/encoding.hpp"
#include "cloud/wiped_text.hpp"

namespace cavra::azure {

namespace {

constexpr std::int64_t kSeconds = 600;

// RFC 7515, section 2.
std::string base64url(std::span<const std::byte> bytes) {
  std::string text = to_base64(bytes);
  std::erase(text, '=');
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

// A GUID, as Entra asks for: RFC 9562, version 4.
std::string random_id() {
  std::array<std::byte, 16> bytes{};
  CryptoPP::AutoSeededRandomPool random;
  random.GenerateBlock(reinterpret_cast<CryptoPP::byte*>(bytes.data()), bytes.size());
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  std::string id = to_hex(bytes);
  for (const std::size_t at : {20, 16, 12, 8})
    id.insert(at, "-");
  return id;
}

}  // namespace

Secret make_client_assertion(const ClientCertificate& certificate, const std::string& client_id,
                             const std::string& audience, std::int64_t now_unix_s) {
  const std::string now = std::to_string(now_unix_s);
  const std::string header =
      R"({"alg":"PS256","typ":"JWT","x5t#S256":")" + base64url(certificate.thumbprint()) + R"("})";
  const std::string claims = R"({"aud":")" + audience + R"(","exp":)" +
                             std::to_string(now_unix_s + kSeconds) + R"(,"iat":)" + now +
                             R"(,"iss":")" + client_id + R"(","jti":")" + random_id() +
                             R"(","nbf":)" + now + R"(,"sub":")" + client_id + R"("})";
  const std::string text = base64url(as_bytes(header)) + "." + base64url(as_bytes(claims));
  std::string signed_text = text + "." + base64url(as_bytes(certificate.sign(text)));
  Secret assertion(as_bytes(signed_text));
  cloud::wipe(signed_text);
  return assertion;
}

}  // namespace cavra::azure
