#include "cloud/answering_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace cavra::cloud::testing {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

// False: the other side has closed, or says nothing for long.
bool take_more(int connection, std::string& text) {
  std::array<char, 4096> buffer{};
  const ssize_t got = ::recv(connection, buffer.data(), buffer.size(), 0);
  if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

Asked head_of(std::string_view head) {
  Asked asked;
  const std::string_view first = head.substr(0, head.find(kLineEnd));
  const std::size_t space = first.find(' ');
  asked.method = first.substr(0, space);
  asked.target = first.substr(space + 1, first.rfind(' ') - space - 1);
  head.remove_prefix(first.size() + kLineEnd.size());
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find(kLineEnd));
    head.remove_prefix(line.size() + kLineEnd.size());
    const std::size_t colon = line.find(':');
    const std::size_t value = std::min(line.find_first_not_of(' ', colon + 1), line.size());
    asked.headers.add(std::string(line.substr(0, colon)), std::string(line.substr(value)));
  }
  return asked;
}

std::optional<Asked> read_request(int connection) {
  std::string text;
  std::size_t end = 0;
  while ((end = text.find("\r\n\r\n")) == std::string::npos)
    if (!take_more(connection, text)) return std::nullopt;
  Asked asked = head_of(std::string_view(text).substr(0, end + kLineEnd.size()));
  asked.body = text.substr(end + 4);
  std::size_t length = 0;
  const std::string_view told = asked.headers.get("content-length");
  std::from_chars(told.data(), told.data() + told.size(), length);
  while (asked.body.size() < length)
    if (!take_more(connection, asked.body)) return std::nullopt;
  return asked;
}

std::string text_of(const Answered& answered) {
  std::string text = "HTTP/1.1 " + std::to_string(answered.status) + " Said\r\n";
  for (const auto& [name, value] : answered.headers.all())
    text.append(name).append(": ").append(value).append(kLineEnd);
  return text + "Connection: close\r\nContent-Length: " + std::to_string(answered.body.size()) +
         "\r\n\r\n" + answered.body.substr(0, answered.body_bytes_sent);
}

}  // namespace

AnsweringServer::AnsweringServer(Answer answer)
    : answer_(std::move(answer)), listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const where = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(listening_.get(), where, size) != 0 || ::listen(listening_.get(), 16) != 0 ||
      ::getsockname(listening_.get(), where, &size) != 0)
    throw std::runtime_error("no server on loopback");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

AnsweringServer::~AnsweringServer() {
  ::shutdown(listening_.get(), SHUT_RDWR);
  thread_.join();
}

std::string AnsweringServer::authority() const {
  return "127.0.0.1:" + std::to_string(port_);
}

std::vector<Asked> AnsweringServer::asked() const {
  const std::scoped_lock lock(mutex_);
  return asked_;
}

void AnsweringServer::serve() {
  for (;;) {
    const FileDescriptor connection(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) return;
    const timeval limit{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    answer_one(connection.get());
  }
}

void AnsweringServer::answer_one(int connection) {
  const auto asked = read_request(connection);
  if (!asked) return;
  {
    const std::scoped_lock lock(mutex_);
    asked_.push_back(*asked);
  }
  const Answered answered = answer_(*asked);
  if (answered.is_dropped) return;
  const std::string text = text_of(answered);
  ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

}  // namespace cavra::cloud::testing
