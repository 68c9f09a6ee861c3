#include "trust/key_label.hpp"

#include <array>

#include "cavra/support/encoding.hpp"

namespace cavra::trust {

namespace {

struct KnownLabel {
  std::string_view label;
  std::string_view name;
};

constexpr std::array kKnownLabels{
    KnownLabel{kPublicLabel, "a public key"},
    KnownLabel{kPrivateLabel, "a private key"},
    KnownLabel{kEncryptedLabel, "an encrypted private key"},
    KnownLabel{"CERTIFICATE", "a certificate"},
    KnownLabel{"X509 CERTIFICATE", "a certificate"},
    KnownLabel{"TRUSTED CERTIFICATE", "a certificate"},
    KnownLabel{"CERTIFICATE REQUEST", "a certificate request"},
    KnownLabel{"NEW CERTIFICATE REQUEST", "a certificate request"},
    KnownLabel{"RSA PRIVATE KEY", "an RSA private key (PKCS#1)"},
    KnownLabel{"RSA PUBLIC KEY", "an RSA public key (PKCS#1)"},
    KnownLabel{"EC PRIVATE KEY", "an elliptic-curve private key (SEC 1)"},
    KnownLabel{"DSA PRIVATE KEY", "a DSA private key"},
    KnownLabel{"OPENSSH PRIVATE KEY", "an OpenSSH private key"},
};

std::string name_of(std::string_view label) {
  for (const auto& known : kKnownLabels)
    if (label == known.label) return std::string(known.name);
  return "a PEM block " + quoted(label, 64);
}

}  // namespace

std::string describe_label(std::string_view label, std::string_view wanted) {
  const bool wants_public = wanted == kPublicLabel;
  std::string text = "is " + name_of(label) + ", where an Ed25519 " +
                     (wants_public ? "public" : "private") + " key in PEM is wanted";
  if (wants_public && label == kPrivateLabel)
    text += "; `openssl pkey -in PRIVATE -pubout -out PUBLIC` writes its public key";
  return text;
}

}  // namespace cavra::trust
