// Sessions and the proxies that the environment names.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <optional>

#include "http/http_test.hpp"
#include "http/scripted_server.hpp"

namespace cavra::http {
namespace {

using testing::answer;
using testing::answers;
using testing::ask;
using testing::request;
using testing::ScriptedServer;

// A variable, until it goes.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* const old = ::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (old_)
      ::setenv(name_, old_->c_str(), 1);
    else
      ::unsetenv(name_);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

Answer ask_by_proxy(const std::string& url, bool takes_proxy = true) {
  SessionOptions options = testing::loopback_options();
  options.takes_proxy = takes_proxy;
  const auto session = testing::open_session(options);
  Request get = request("GET", url);
  get.headers.add("x-signed", "secret");
  return ask(*session, std::move(get));
}

TEST_CASE("the environment's proxy is asked, but where it or the session says no") {
  const ScriptedServer proxy(answers({answer(200, "proxy")}));
  const ScriptedServer server(answers({answer(200, "server")}));
  const Variable http_proxy("http_proxy", proxy.url());
  const Variable no_proxy("no_proxy", "");
  const Variable no_proxy_too("NO_PROXY", "");
  Answer got = ask_by_proxy(server.url("/a?b"));
  REQUIRE(got.response);
  CHECK(got.response->body == "proxy");
  CHECK(proxy.requests().front().head.starts_with("GET " + server.url("/a?b") + " HTTP/1.1\r\n"));

  got = ask_by_proxy(server.url(), false);
  REQUIRE(got.response);
  CHECK(got.response->body == "server");

  const Variable but_for("no_proxy", "127.0.0.1");
  got = ask_by_proxy(server.url());
  REQUIRE(got.response);
  CHECK(got.response->body == "server");
  CHECK(proxy.requests().size() == 1);
}

TEST_CASE("a proxy that opens no tunnel was sent nothing of the request") {
  const ScriptedServer proxy([](ScriptedServer::Connection& connection) {
    if (connection.read_request()) connection.write(answer(403, "no"));
  });
  const Variable https_proxy("https_proxy", proxy.url());
  const Variable no_proxy("no_proxy", "");
  const Variable no_proxy_too("NO_PROXY", "");
  const Answer got = ask_by_proxy("https://service.invalid/");
  REQUIRE(got.failure);
  CHECK(got.failure->message == "CONNECT tunnel failed, response 403");
  CHECK_FALSE(got.failure->may_be_sent);
  REQUIRE(proxy.requests().size() == 1);
  const std::string head = proxy.requests().front().head;
  CHECK(head.starts_with("CONNECT service.invalid:443 HTTP/1.1\r\n"));
  CHECK(head.find("x-signed") == std::string::npos);
}

TEST_CASE("a proxy's password is in no message") {
  const Variable no_proxy("no_proxy", "");
  const Variable no_proxy_too("NO_PROXY", "");
  for (const std::string_view value :
       {"odd://name:word@127.0.0.1:1", "http://name:word@127.0.0.1:99999"}) {
    CAPTURE(value);
    const Variable http_proxy("http_proxy", std::string(value));
    const Answer got = ask_by_proxy("http://service.invalid/");
    REQUIRE(got.failure);
    CHECK(got.failure->message == "the proxy that the environment names cannot be used");
    CHECK_FALSE(got.failure->may_be_sent);
  }
}

}  // namespace
}  // namespace cavra::http
