// openssl's own server, as a stranger with a certificate for 127.0.0.1 that it made itself.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "temporary_folder.hpp"

namespace cavra::testing {

// Whether there is a program openssl; tells of it where not.
[[nodiscard]] bool has_openssl();

class TlsServer {
 public:
  // Some of s_server's options; "-www" answers each GET with a page, and closes.
  explicit TlsServer(std::string_view options);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // 0: it did not start.
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(std::string_view host = "127.0.0.1") const;
  [[nodiscard]] std::string certificate_file() const { return folder_.file("cert.pem"); }
  // At once, and its connections with it.
  void kill();

 private:
  TemporaryFolder folder_;
  pid_t process_ = -1;
  int port_ = 0;
};

}  // namespace cavra::testing
