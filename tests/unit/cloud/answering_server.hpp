// A small HTTP server on loopback for tests: a function answers each request.
//
// One thread, one request a connection. The function is called from that thread.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cavra/support/file_descriptor.hpp"
#include "http/headers.hpp"

namespace cavra::cloud::testing {

struct Asked {
  std::string method;
  std::string target;  // as it was sent
  http::Headers headers;
  std::string body;
};

struct Answered {
  int status = 200;
  std::string body{};
  http::Headers headers{};
  bool is_dropped = false;                          // the connection ends without an answer
  std::size_t body_bytes_sent = std::string::npos;  // then the connection ends
};

class AnsweringServer {
 public:
  using Answer = std::function<Answered(const Asked& asked)>;

  explicit AnsweringServer(Answer answer);
  ~AnsweringServer();
  AnsweringServer(const AnsweringServer&) = delete;
  AnsweringServer& operator=(const AnsweringServer&) = delete;

  // "127.0.0.1:PORT"
  [[nodiscard]] std::string authority() const;
  // "http://127.0.0.1:PORT"
  [[nodiscard]] std::string url() const { return "http://" + authority(); }
  // All so far, in their order.
  [[nodiscard]] std::vector<Asked> asked() const;

 private:
  void serve();
  void answer_one(int connection);

  const Answer answer_;
  FileDescriptor listening_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
  std::thread thread_;
};

}  // namespace cavra::cloud::testing
