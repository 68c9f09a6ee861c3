#include "http/scripted_server.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace cavra::testing {

namespace {

constexpr std::chrono::seconds kLimit{10};

struct Listener {
  int fd = -1;
  int port = 0;
};

Listener bind_to_loopback() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || ::bind(fd, any, length) != 0 || ::getsockname(fd, any, &length) != 0)
    throw std::runtime_error("no port on loopback");
  return {fd, ntohs(address.sin_port)};
}

std::size_t content_length(const std::string& head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t at = head.find(kName);
  if (at == std::string::npos) return 0;
  return std::strtoul(head.c_str() + at + kName.size(), nullptr, 10);
}

}  // namespace

bool ScriptedServer::Connection::read_more() {
  pollfd readable{fd_, POLLIN, 0};
  if (::poll(&readable, 1, std::chrono::milliseconds(kLimit).count()) <= 0) return false;
  std::array<char, 65536> buffer{};
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  unread_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> ScriptedServer::Connection::read_head() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  for (;;) {
    if (const std::size_t end = unread_.find(kEnd); end != std::string::npos)
      return read(end + kEnd.size());
    if (!read_more()) return std::nullopt;
  }
}

std::string ScriptedServer::Connection::read(std::size_t bytes) {
  while (unread_.size() < bytes && read_more()) {
  }
  std::string taken = unread_.substr(0, bytes);
  unread_.erase(0, taken.size());
  return taken;
}

std::optional<Received> ScriptedServer::Connection::read_request() {
  auto head = read_head();
  if (!head) return std::nullopt;
  Received received{*std::move(head), ""};
  received.body = read(content_length(received.head));
  const std::scoped_lock lock(server_.mutex_);
  server_.requests_.push_back(received);
  return received;
}

void ScriptedServer::Connection::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the client has gone: it is its test that says what that means
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void ScriptedServer::Connection::drain() {
  while (read_more())
    unread_.clear();
}

void ScriptedServer::Connection::hold() const {
  pollfd closed{fd_, POLLRDHUP, 0};
  ::poll(&closed, 1, std::chrono::milliseconds(kLimit).count());
}

void ScriptedServer::Connection::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  const Listener listener = bind_to_loopback();
  listener_ = listener.fd;
  port_ = listener.port;
  if (::listen(listener_, 64) != 0) throw std::runtime_error("listen");
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::scoped_lock lock(mutex_);
    is_closing_ = true;
    for (const int fd : open_fds_)
      ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR);  // wakes accept()
  acceptor_.join();
  for (std::thread& thread : threads_)
    thread.join();
  ::close(listener_);
}

void ScriptedServer::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::scoped_lock lock(mutex_);
    if (is_closing_) {
      ::close(fd);
      return;
    }
    open_fds_.push_back(fd);
    threads_.emplace_back([this, fd, number = threads_.size()] { serve(fd, number); });
  }
}

void ScriptedServer::serve(int fd, std::size_t number) {
  Connection connection(*this, fd, number);
  script_(connection);
  const std::scoped_lock lock(mutex_);
  std::erase(open_fds_, fd);
  ::close(fd);
  ++ended_;
  changed_.notify_all();
}

std::string ScriptedServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

std::vector<Received> ScriptedServer::requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

std::size_t ScriptedServer::connections() const {
  const std::scoped_lock lock(mutex_);
  return threads_.size();
}

bool ScriptedServer::wait_for_ended(std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kLimit, [&] { return ended_ >= count; });
}

ScriptedServer::Script answers(std::vector<std::string> texts) {
  auto next = std::make_shared<std::atomic<std::size_t>>(0);
  return [texts = std::move(texts), next](ScriptedServer::Connection& connection) {
    while (connection.read_request()) {
      const std::string& text = texts[std::min(next->fetch_add(1), texts.size() - 1)];
      if (text.empty()) return;
      connection.write(text);
    }
  };
}

std::string answer(int status, std::string_view body, std::string_view more_headers) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Word\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(more_headers) + "\r\n" + std::string(body);
}

int unused_port() {
  const Listener listener = bind_to_loopback();
  ::close(listener.fd);
  return listener.port;
}

}  // namespace cavra::testing
