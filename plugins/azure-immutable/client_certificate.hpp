// An application's certificate with its key: what signs that it is the application who asks.
//
// A value, not copied: it is secret. Const use from any thread.
#pragma once

#include <string>
#include <string_view>

#include "cavra/support/result.hpp"
#include "cavra/support/secret.hpp"
#include "http/digest.hpp"

namespace cavra::azure {

class ClientCertificate {
 public:
  // PEM, in any order, with an RSA key of 2048 to 8192 bits as PKCS #8 or PKCS #1. Of several
  // certificates the one of the key. Errors, without anything that stands there: usage; unsupported
  // (PKCS #12, a key with a password, or of another kind), with what to do instead.
  [[nodiscard]] static Result<ClientCertificate> parse(std::string_view text);

  // SHA-256 of the certificate's DER.
  [[nodiscard]] const http::Sha256Digest& thumbprint() const noexcept { return thumbprint_; }
  // RSASSA-PSS with SHA-256, MGF1 with SHA-256 and 32 bytes of salt: "PS256" (RFC 7518, section
  // 3.5).
  [[nodiscard]] std::string sign(std::string_view text) const;

 private:
  ClientCertificate(Secret key, const http::Sha256Digest& thumbprint)
      : key_(std::move(key)), thumbprint_(thumbprint) {}

  Secret key_;  // DER of PKCS #1
  http::Sha256Digest thumbprint_;
};

}  // namespace cavra::azure
