// Sessions and certificates, against openssl's own server.
#include <doctest/doctest.h>

#include "http/http_test.hpp"
#include "http/scripted_server.hpp"
#include "http/tls_server.hpp"

namespace cavra::http {
namespace {

using testing::ask;
using testing::has_openssl;
using testing::request;
using testing::TlsServer;

Answer ask_over_tls(const std::string& url, const std::string& ca_file) {
  SessionOptions options = testing::loopback_options();
  options.ca_file = ca_file;
  const auto session = testing::open_session(options);
  return ask(*session, request("GET", url));
}

// Why nothing was sent; "" where something was.
std::string refusal_of(const Answer& got) {
  if (!got.failure || got.failure->may_be_sent) return "";
  return (got.failure->is_permanent ? "for good: " : "this time: ") + got.failure->message;
}

TEST_CASE("a certificate counts where it is trusted, and has the server's name") {
  if (!has_openssl()) return;
  const TlsServer server("-www");
  const TlsServer other("-www");
  REQUIRE(server.port() != 0);
  const std::string trusted = server.certificate_file();

  const Answer got = ask_over_tls(server.url(), trusted);
  REQUIRE(got.response);
  CHECK(got.response->status == 200);

  const std::string_view untrusted = "for good: SSL certificate problem: self-signed certificate";
  CHECK(refusal_of(ask_over_tls(server.url(), "")) == untrusted);
  CHECK(refusal_of(ask_over_tls(server.url(), other.certificate_file())) == untrusted);
  CHECK(refusal_of(ask_over_tls(server.url("localhost"), trusted)) ==
        "for good: SSL: no alternative certificate subject name matches target host name "
        "'localhost'");
  CHECK(refusal_of(ask_over_tls(server.url(), "/nonexistent.pem")) ==
        "for good: error setting certificate file: /nonexistent.pem");
}

TEST_CASE("TLS 1.1 and plain text are refused") {
  if (!has_openssl()) return;
  const TlsServer old("-www -tls1_1 -cipher ALL:@SECLEVEL=0");
  REQUIRE(old.port() != 0);
  const std::string refused = refusal_of(ask_over_tls(old.url(), old.certificate_file()));
  CAPTURE(refused);
  CHECK(refused.starts_with("this time: "));
  CHECK(refused.find("alert protocol version") != std::string::npos);

  const testing::ScriptedServer plain([](auto& connection) { connection.write("220 mail\r\n"); });
  const std::string url = "https://127.0.0.1:" + std::to_string(plain.port()) + "/";
  const std::string garbled = refusal_of(ask_over_tls(url, ""));
  CAPTURE(garbled);
  CHECK(garbled.starts_with("this time: "));
  CHECK(garbled.find("wrong version number") != std::string::npos);
}

TEST_CASE("a TLS server that dies while it is sent to is a failure, and no signal") {
  if (!has_openssl()) return;
  static constexpr std::uint64_t kMiB = 1 << 20;
  // Kills the server when some of it was read.
  class DeadlyBody final : public RequestBody {
   public:
    explicit DeadlyBody(TlsServer& server) : server_(server) {}
    [[nodiscard]] std::uint64_t length() const override { return kMiB * 64; }
    [[nodiscard]] Result<void> rewind() override { return {}; }
    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> buffer) override {
      given_ += buffer.size();
      if (given_ > kMiB) server_.kill();
      return buffer.size();
    }

   private:
    TlsServer& server_;
    std::uint64_t given_ = 0;
  };
  TlsServer server("-www");
  REQUIRE(server.port() != 0);
  SessionOptions options = testing::loopback_options();
  options.ca_file = server.certificate_file();
  const auto session = testing::open_session(options);
  DeadlyBody body(server);
  Request put = request("PUT", server.url(), &body);
  put.headers.add("Expect", "");
  const Answer got = ask(*session, std::move(put));
  REQUIRE(got.failure);
  CAPTURE(got.failure->message);
  CHECK(got.failure->may_be_sent);
  CHECK_FALSE(got.failure->is_permanent);
  CHECK_FALSE(got.failure->own);
}

}  // namespace
}  // namespace cavra::http
