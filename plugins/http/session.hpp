// Session moves HTTP messages over connections that it keeps: one libcurl multi handle.
//
// One thread. It knows no service and follows no redirect. TLS is always checked. An answer is a
// whole one: with all of its headers and its body, and to all of the request where it is of 2xx.
// Nothing is repeated but GET and HEAD on a kept connection that turns out to be dead, and, without
// "Expect", what was answered 417 instead of 100.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cavra/support/result.hpp"
#include "http/message.hpp"

namespace cavra::http {

struct SessionOptions {
  std::string ca_file;          // of PEM certificates; empty: the system's
  bool takes_proxy = true;      // from the environment, as curl does; else none
  bool allows_plain = false;    // http:// too
  std::size_t connections = 8;  // that are kept
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::seconds idle_timeout{30};  // with less than a byte a second
};

class Session {
 public:
  using Id = std::size_t;
  struct Ended {
    Id id = 0;
    Answer answer;
  };

  // Errors: internal (libcurl cannot start).
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(const SessionOptions& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Begins a request; its body and sink are lent until it has ended or was given up. The body's
  // length() is what is sent of it. Errors: internal; what the body's rewind() returns.
  [[nodiscard]] Result<Id> start(Request request);
  // Ends it without an answer; its connection is closed.
  void give_up(Id id);
  // Moves bytes, for at most so long, until something has ended.
  [[nodiscard]] std::vector<Ended> poll(std::chrono::milliseconds most);

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cavra::http
