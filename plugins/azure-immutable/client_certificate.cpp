#include "client_certificate.hpp"

#include <cryptopp/osrng.h>
#include <cryptopp/pssr.h>
#include <cryptopp/queue.h>
#include <cryptopp/rsa.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "cavra/support/encoding.hpp"
#include "cloud/wiped_text.hpp"

namespace cavra::azure {

namespace {

using PrivateKey = CryptoPP::RSA::PrivateKey;

constexpr unsigned kLeastBits = 2048;
constexpr unsigned kMostBits = 8192;
constexpr const char* kHasPassword =
    "its key has a password, which is not asked for here; write it without one by \"openssl pkey "
    "-in OLD -out NEW\", beside its certificate in a file that only its user can read";

Error wrong(const std::string& problem) {
  return {ErrorCode::usage, problem};
}

Error unsupported(const std::string& problem) {
  return {ErrorCode::unsupported, problem};
}

const CryptoPP::byte* crypto_data(std::span<const std::byte> bytes) {
  return reinterpret_cast<const CryptoPP::byte*>(bytes.data());
}

struct PemBlock {
  std::string_view label;  // "RSA PRIVATE KEY"
  std::string_view lines;
  Secret der;  // empty: it is no base64
};

Secret decode(std::string_view lines) {
  cloud::WipedText packed;
  packed.reserve(lines.size());
  for (const char c : lines)
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') packed += c;
  auto bytes = from_base64(packed);
  if (!bytes || bytes->empty()) return {};
  Secret der{std::span<const std::byte>(*bytes)};
  ::explicit_bzero(bytes->data(), bytes->size());
  return der;
}

// What stands between the blocks is for people, and passed over (RFC 7468, section 2).
std::vector<PemBlock> blocks_of(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kDashes = "-----";
  std::vector<PemBlock> blocks;
  for (;;) {
    const std::size_t begin = pem.find(kBegin);
    if (begin == std::string_view::npos) return blocks;
    pem.remove_prefix(begin + kBegin.size());
    const std::string_view label = pem.substr(0, pem.find(kDashes));
    const std::string end = "-----END " + std::string(label) + "-----";
    pem.remove_prefix(std::min(label.size() + kDashes.size(), pem.size()));
    const std::size_t last = pem.find(end);
    if (last == std::string_view::npos) return blocks;
    blocks.push_back({label, pem.substr(0, last), decode(pem.substr(0, last))});
    pem.remove_prefix(last + end.size());
  }
}

// PKCS #12 and other DER: a SEQUENCE with a length of two bytes.
bool is_der(std::string_view text) {
  return text.starts_with("\x30\x82");
}

// Crypto++ says by exceptions what is no key.
std::optional<PrivateKey> read_key(const PemBlock& block) {
  if (block.der.empty()) return std::nullopt;
  try {
    CryptoPP::ByteQueue queue;
    queue.Put(crypto_data(block.der.expose()), block.der.size());
    PrivateKey key;
    if (block.label == "RSA PRIVATE KEY")
      key.BERDecodePrivateKey(queue, false, block.der.size());
    else
      key.Load(queue);
    if (!queue.IsEmpty()) return std::nullopt;
    return key;
  } catch (const CryptoPP::Exception&) {
    return std::nullopt;
  }
}

// Whether its numbers belong together; with those of a damaged key one may not even calculate.
bool is_sound(const PrivateKey& key) {
  try {
    CryptoPP::AutoSeededRandomPool random;
    return key.Validate(random, 2);
  } catch (const CryptoPP::Exception&) {
    return false;
  }
}

Result<PrivateKey> find_key(const std::vector<PemBlock>& blocks) {
  const auto is_key = [](const PemBlock& block) { return block.label.ends_with("PRIVATE KEY"); };
  const auto found = std::ranges::find_if(blocks, is_key);
  if (found == blocks.end()) return wrong("it has no private key in PEM");
  if (std::count_if(found, blocks.end(), is_key) > 1) return wrong("it has several private keys");
  // PKCS #8 says it in its label, older files in a line of their own (RFC 1421).
  if (found->label == "ENCRYPTED PRIVATE KEY" ||
      found->lines.find("ENCRYPTED") != std::string_view::npos)
    return unsupported(kHasPassword);
  if (found->label != "PRIVATE KEY" && found->label != "RSA PRIVATE KEY")
    return unsupported("its key is no RSA key, which Entra asks for");
  auto key = read_key(*found);
  if (!key) return wrong("its private key is no RSA key, or is damaged");
  const unsigned bits = key->GetModulus().BitCount();
  if (bits < kLeastBits || bits > kMostBits)
    return wrong("its key has " + std::to_string(bits) + " bits, not 2048 to 8192");
  if (!is_sound(*key)) return wrong("the numbers of its key do not belong together");
  return *std::move(key);
}

std::string public_der(const PrivateKey& key) {
  CryptoPP::ByteQueue queue;
  CryptoPP::RSA::PublicKey(key).DEREncodePublicKey(queue);
  std::string der(queue.CurrentSize(), '\0');
  queue.Get(reinterpret_cast<CryptoPP::byte*>(der.data()), der.size());
  return der;
}

Secret private_der(const PrivateKey& key) {
  CryptoPP::ByteQueue queue;
  key.DEREncodePrivateKey(queue);
  Secret der(queue.CurrentSize());
  queue.Get(reinterpret_cast<CryptoPP::byte*>(der.expose_for_writing().data()), der.size());
  return der;
}

}  // namespace

Result<ClientCertificate> ClientCertificate::parse(std::string_view text) {
  if (is_der(text))
    return unsupported(
        "it is PKCS #12 (PFX) or other DER, and PEM is read here; write it by \"openssl pkcs12 -in "
        "OLD -nodes -out NEW\", to a file that only its user can read");
  const std::vector<PemBlock> blocks = blocks_of(text);
  CAVRA_TRY(const PrivateKey key, find_key(blocks));
  // A certificate is of this key if it has its numbers: one that is not is refused by the service.
  const std::string numbers = public_der(key);
  const auto found = std::ranges::find_if(blocks, [&](const PemBlock& block) {
    return block.label == "CERTIFICATE" &&
           as_text(block.der.expose()).find(numbers) != std::string_view::npos;
  });
  if (found == blocks.end()) return wrong("it has no certificate of its key in PEM");
  return ClientCertificate(private_der(key), http::sha256(found->der.expose()));
}

std::string ClientCertificate::sign(std::string_view text) const {
  CryptoPP::ByteQueue queue;
  queue.Put(crypto_data(key_.expose()), key_.size());
  PrivateKey key;
  key.BERDecodePrivateKey(queue, false, key_.size());
  const CryptoPP::RSASS<CryptoPP::PSS, CryptoPP::SHA256>::Signer signer(key);
  CryptoPP::AutoSeededRandomPool random;
  std::string signature(signer.MaxSignatureLength(), '\0');
  const std::size_t size = signer.SignMessage(random, crypto_data(as_bytes(text)), text.size(),
                                              reinterpret_cast<CryptoPP::byte*>(signature.data()));
  signature.resize(size);
  return signature;
}

}  // namespace cavra::azure
