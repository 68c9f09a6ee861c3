#include "http/tls_server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iostream>

#include "vectors.hpp"

namespace cavra::testing {

namespace {

// openssl's options are ours alone, without foreign text.
bool run(const std::string& command) {
  return std::system(command.c_str()) == 0;  // NOLINT(cert-env33-c)
}

// What stands behind "ACCEPT 127.0.0.1:" in what the server tells.
int told_port(int output) {
  constexpr std::string_view kBefore = "ACCEPT 127.0.0.1:";
  std::string told;
  std::array<char, 256> buffer{};
  for (;;) {
    const ssize_t got = ::read(output, buffer.data(), buffer.size());
    if (got <= 0) return 0;
    told.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t at = told.find(kBefore);
    if (at != std::string::npos && told.find('\n', at) != std::string::npos)
      return std::atoi(told.c_str() + at + kBefore.size());
  }
}

}  // namespace

bool has_openssl() {
  if (run("openssl version >/dev/null 2>&1")) return true;
  std::cout << "openssl: left out, no such program\n";
  if (must_run("openssl")) FAIL_CHECK("openssl is missing, and it must run");
  return false;
}

TlsServer::TlsServer(std::string_view options) {
  const std::string files =
      " -keyout '" + folder_.file("key.pem") + "' -out '" + certificate_file() + "'";
  if (!run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
           " -subj /CN=test -addext subjectAltName=IP:127.0.0.1" +
           files + " 2>/dev/null"))
    return;
  const std::string command = "exec openssl s_server -accept 127.0.0.1:0 -key '" +
                              folder_.file("key.pem") + "' -cert '" + certificate_file() + "' " +
                              std::string(options) + " 2>/dev/null </dev/null";
  std::array<int, 2> output{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) return;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::array<std::string, 3> words{"sh", "-c", command};
  const std::array<char*, 4> argv{words[0].data(), words[1].data(), words[2].data(), nullptr};
  if (::posix_spawn(&process_, "/bin/sh", &actions, nullptr, argv.data(), environ) != 0)
    process_ = -1;
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(output[1]);
  port_ = told_port(output[0]);
  ::close(output[0]);
}

TlsServer::~TlsServer() {
  kill();
}

std::string TlsServer::url(std::string_view host) const {
  return "https://" + std::string(host) + ":" + std::to_string(port_) + "/";
}

void TlsServer::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace cavra::testing
