// What tests of sessions and exchanges ask with.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "http/session.hpp"

namespace cavra::testing {

// Without what the environment says of proxies.
[[nodiscard]] inline http::SessionOptions loopback_options() {
  http::SessionOptions options;
  options.takes_proxy = false;
  options.allows_plain = true;
  return options;
}

[[nodiscard]] inline std::unique_ptr<http::Session> open_session(
    const http::SessionOptions& options = loopback_options()) {
  auto session = http::Session::open(options);
  REQUIRE(session);
  return *std::move(session);
}

[[nodiscard]] inline http::Request request(std::string method, std::string url,
                                           http::RequestBody* body = nullptr) {
  http::Request made;
  made.method = std::move(method);
  made.url = std::move(url);
  made.body = body;
  return made;
}

// Until the next request of the session has ended.
[[nodiscard]] inline http::Session::Ended wait(http::Session& session) {
  auto ended = session.poll(std::chrono::seconds(10));
  REQUIRE(ended.size() == 1);
  return std::move(ended.front());
}

[[nodiscard]] inline http::Answer ask(http::Session& session, http::Request request) {
  const auto id = session.start(std::move(request));
  REQUIRE(id);
  http::Session::Ended ended = wait(session);
  REQUIRE(ended.id == *id);
  return std::move(ended.answer);
}

// Why there was no answer; "" where there was one.
[[nodiscard]] inline std::string failure_of(const http::Answer& got) {
  return got.failure ? got.failure->message : "";
}
[[nodiscard]] inline std::string own_failure_of(const http::Answer& got) {
  if (!got.failure || !got.failure->own) return "";
  return std::string(to_string(got.failure->own->code)) + ": " + got.failure->own->message;
}
[[nodiscard]] inline int status_of(const http::Answer& got) {
  return got.response ? got.response->status : 0;
}

}  // namespace cavra::testing
