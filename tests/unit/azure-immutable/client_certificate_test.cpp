#include "azure-immutable/client_certificate.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "azure-immutable/certificate_maker.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::azure {
namespace {

using testing::CertificateMaker;

// As openssl says it: "sha256 Fingerprint=AB:CD:…".
std::string fingerprint(const CertificateMaker& maker, const std::string& name) {
  REQUIRE(maker.openssl("x509 -in " + name + ".crt -noout -fingerprint -sha256"));
  std::string text = maker.read("out.txt");
  text = text.substr(text.find('=') + 1);
  std::erase_if(text, [](char c) { return c == ':' || c == '\n'; });
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

TEST_CASE("a certificate is known by its thumbprint, and openssl verifies what its key signs") {
  const CertificateMaker maker;
  if (!maker.is_there()) return;
  maker.make("app");
  maker.make("ca");
  REQUIRE(maker.openssl("rsa -in app.key -traditional -out pkcs1.key"));
  const std::string key = maker.read("app.key");
  const std::string certificate = maker.read("app.crt");
  for (const std::string& pem :
       {key + certificate, certificate + key, certificate + maker.read("pkcs1.key"),
        maker.read("ca.crt") + "Bag Attributes\n" + certificate + "\r\n\r\n" + key + "end\n"}) {
    CAPTURE(pem.substr(0, 40));
    const auto read = ClientCertificate::parse(pem);
    if (!read) FAIL(read.error().message);
    CHECK(to_hex(read->thumbprint()) == fingerprint(maker, "app"));
    maker.folder().write("signature", read->sign("what is signed"));
    maker.folder().write("text", "what is signed");
    CHECK(maker.verifies("text"));
    maker.folder().write("text", "what is not");
    CHECK_FALSE(maker.verifies("text"));
  }
}

TEST_CASE("what is no certificate with its key is told") {
  const CertificateMaker maker;
  if (!maker.is_there()) return;
  maker.make("app");
  maker.make("other");
  maker.make("small", "rsa:1024");
  maker.make("curve", "ec -pkeyopt ec_paramgen_curve:P-256");
  REQUIRE(maker.openssl("pkcs8 -topk8 -in app.key -passout pass:x -out locked.key"));
  REQUIRE(maker.openssl("rsa -in app.key -traditional -aes128 -passout pass:x -out old.key"));
  REQUIRE(maker.openssl("pkcs12 -export -inkey app.key -in app.crt -passout pass: -out app.pfx"));
  const std::string key = maker.read("app.key");
  const std::string certificate = maker.read("app.crt");
  std::string torn = key;
  torn.erase(torn.size() / 2, 4);
  std::string changed = key;
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  struct Row {
    std::string pem;
    ErrorCode code;
    std::string_view problem;
  };
  for (const auto& [pem, code, problem] : {
           Row{"", ErrorCode::usage, "no private key"},
           Row{certificate, ErrorCode::usage, "no private key"},
           Row{key, ErrorCode::usage, "no certificate of its key"},
           Row{key + maker.read("other.crt"), ErrorCode::usage, "no certificate of its key"},
           Row{key + maker.read("other.key") + certificate, ErrorCode::usage, "several private"},
           Row{maker.read("other.key") + certificate, ErrorCode::usage, "no certificate of its"},
           Row{maker.read("small.key") + maker.read("small.crt"), ErrorCode::usage, "1024 bits"},
           Row{maker.read("curve.key") + maker.read("curve.crt"), ErrorCode::usage, "no RSA key"},
           Row{maker.read("locked.key") + certificate, ErrorCode::unsupported, "has a password"},
           Row{maker.read("old.key") + certificate, ErrorCode::unsupported, "openssl pkey"},
           Row{maker.read("app.pfx"), ErrorCode::unsupported, "openssl pkcs12"},
           Row{torn + certificate, ErrorCode::usage, "key"},
           Row{changed + certificate, ErrorCode::usage, "key"},
           Row{"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", ErrorCode::usage,
               "no RSA key"},
           Row{"-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n",
               ErrorCode::unsupported, "no RSA key"},
           Row{"-----BEGIN ", ErrorCode::usage, "no private key"},
           Row{"-----BEGIN PRIVATE KEY-----\nAAAA", ErrorCode::usage, "no private key"},
       }) {
    CAPTURE(problem);
    const auto none = ClientCertificate::parse(pem);
    REQUIRE_FALSE(none);
    CAPTURE(none.error().message);
    CHECK(none.error().code == code);
    CHECK(none.error().message.find(problem) != std::string::npos);
  }
}

}  // namespace
}  // namespace cavra::azure
