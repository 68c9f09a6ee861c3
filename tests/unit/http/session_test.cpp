#include "http/session.hpp"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <utility>

#include "http/http_test.hpp"
#include "http/scripted_server.hpp"

namespace cavra::http {
namespace {

using testing::answer;
using testing::answers;
using testing::ask;
using testing::failure_of;
using testing::open_session;
using testing::Received;
using testing::request;
using testing::ScriptedServer;
using testing::status_of;
using Connection = ScriptedServer::Connection;

// ---- what goes out -----------------------------------------------------------------------------

TEST_CASE("a request has the headers it was given, and those that HTTP needs") {
  const ScriptedServer server(answers({answer(200)}));
  const auto session = open_session();
  TextBody body("abc");
  struct Row {
    Request request;
    std::string_view first_line;
    std::string_view rest;  // but for Host
    std::string_view body;
  };
  std::array rows{
      Row{request("GET", server.url("/a/../b//%2e?x=1&y")), "GET /a/../b//%2e?x=1&y HTTP/1.1", "",
          ""},
      Row{request("HEAD", server.url()), "HEAD / HTTP/1.1", "", ""},
      Row{request("DELETE", server.url()), "DELETE / HTTP/1.1", "", ""},
      Row{request("PUT", server.url()), "PUT / HTTP/1.1", "Content-Length: 0\r\n", ""},
      Row{request("POST", server.url()), "POST / HTTP/1.1", "Content-Length: 0\r\n", ""},
      Row{request("PUT", server.url(), &body), "PUT / HTTP/1.1", "Content-Length: 3\r\n", "abc"},
      Row{request("POST", server.url(), &body), "POST / HTTP/1.1", "Content-Length: 3\r\n", "abc"},
      Row{request("GET", server.url()), "GET / HTTP/1.1",
          "User-Agent: us\r\nx-empty:\r\nx-blank:\r\nX-Case: a  b\r\n", ""},
  };
  rows.back().request.headers =
      Headers{{"User-Agent", "us"}, {"x-empty", ""}, {"x-blank", "  "}, {"X-Case", "a  b"}};
  for (auto& row : rows) {
    CAPTURE(row.first_line);
    REQUIRE(status_of(ask(*session, std::move(row.request))) == 200);
    const Received got = server.requests().back();
    CHECK(got.head == std::string(row.first_line) + "\r\nHost: 127.0.0.1:" +
                          std::to_string(server.port()) + "\r\n" + std::string(row.rest) + "\r\n");
    CHECK(got.body == row.body);
  }
  CHECK(server.connections() == 1);  // one connection for all
}

TEST_CASE("a body above 1 MiB is asked for first, and arrives whole") {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  const ScriptedServer server([&](Connection& connection) {
    while (const auto head = connection.read_head()) {
      const bool asks = head->find("\r\nExpect: 100-continue\r\n") != std::string::npos;
      if (asks) connection.write("HTTP/1.1 100 Continue\r\nx-early: 1\r\n\r\n");
      const std::string body = connection.read(asks ? kMiB + 1 : kMiB);
      connection.write(
          answer(200, std::to_string(body.size()) + (asks ? " asked" : ""), "x: 1\r\n"));
    }
  });
  const auto session = open_session();
  TextBody shorter(std::string(kMiB, 'x'));
  TextBody longer(std::string(kMiB + 1, 'x'));
  Answer got = ask(*session, request("PUT", server.url(), &shorter));
  REQUIRE(status_of(got) == 200);
  CHECK(got.response->body == "1048576");
  got = ask(*session, request("PUT", server.url(), &longer));
  REQUIRE(status_of(got) == 200);
  CHECK(got.response->body == "1048577 asked");
  CHECK(got.response->headers.all() ==
        std::vector<Header>{{"Content-Length", "13"}, {"x", "1"}});  // none of the 100
}

TEST_CASE("a refusal instead of 100 Continue costs no upload") {
  for (const int status : {301, 403, 503}) {
    CAPTURE(status);
    const ScriptedServer server([&](Connection& connection) {
      if (!connection.read_head()) return;
      connection.write(answer(status, "no"));
      connection.drain();
    });
    TextBody body(std::string(std::size_t{3} << 20, 'x'));
    const auto session = open_session();
    const Answer got = ask(*session, request("PUT", server.url(), &body));
    CHECK(failure_of(got) == "");
    REQUIRE(status_of(got) == status);
    CHECK(got.response->body == "no");
  }
}

TEST_CASE("a body goes again without asking where asking is not understood") {
  const ScriptedServer server([&](Connection& connection) {
    while (const auto head = connection.read_head()) {
      const bool asks = head->find("\r\nExpect: 100-continue\r\n") != std::string::npos;
      const std::string body = asks ? "" : connection.read(std::size_t{3} << 20);
      connection.write(answer(asks ? 417 : 200, std::to_string(body.size())));
    }
  });
  TextBody body(std::string(std::size_t{3} << 20, 'x'));
  const auto session = open_session();
  const Answer got = ask(*session, request("PUT", server.url(), &body));
  CHECK(failure_of(got) == "");
  REQUIRE(status_of(got) == 200);
  CHECK(got.response->body == "3145728");
}

TEST_CASE("what cannot be sent as it is, is not sent") {
  const ScriptedServer server(answers({answer(200)}));
  const auto session = open_session();
  for (const std::string_view path : {"/a b", "/a#b", "/\r\nx: y", "/\xc3\xa4", "/\x7f"}) {
    CAPTURE(path);
    const auto id = session->start(request("GET", server.url(path)));
    REQUIRE_FALSE(id);
    CHECK(id.error().code == ErrorCode::internal);
    CHECK(id.error().message == "a URL has a fragment, or what no URL has");
  }
  for (const Header& header :
       {Header{"a", "b\nc: d"}, Header{"a\rb", "c"}, Header{"a", std::string("\0", 1)}}) {
    Request get = request("GET", server.url());
    get.headers.add(header.name, header.value);
    const auto id = session->start(std::move(get));
    REQUIRE_FALSE(id);
    CHECK(id.error().code == ErrorCode::internal);
    CHECK(id.error().message == "a header has a line break");
  }
  CHECK(server.requests().empty());
}

TEST_CASE("what is wrong before sending was not sent") {
  SessionOptions options = testing::loopback_options();
  const std::string closed = "http://127.0.0.1:" + std::to_string(testing::unused_port());
  struct Row {
    std::string url;
    bool allows_plain;
    bool is_permanent;
    std::string_view message;
  };
  const std::array rows{
      Row{closed, true, false, "Failed to connect to 127.0.0.1 port"},
      Row{closed, false, true, "Protocol \"http\" not supported or disabled in libcurl"},
      Row{"ftp://127.0.0.1/", true, true, "Protocol \"ftp\" not supported or disabled in libcurl"},
      Row{"file:///etc/hostname", true, true, "Protocol \"file\" not supported"},
      Row{"http://name:word@127.0.0.1:1/", true, true, "a name or a password in a URL"},
      Row{"http://127.0.0.1:99999/", true, true, "URL using bad/illegal format"},
      Row{"http://unknown.test/", true, false, "Could not resolve host"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    options.allows_plain = row.allows_plain;
    const auto session = testing::open_session(options);
    const Answer got = ask(*session, request("GET", row.url));
    REQUIRE(got.failure);
    CHECK(got.failure->message.starts_with(row.message));
    CHECK_FALSE(got.failure->may_be_sent);
    CHECK(got.failure->is_permanent == row.is_permanent);
    CHECK_FALSE(got.failure->own);
  }
}

// ---- connections -------------------------------------------------------------------------------

TEST_CASE("an answer of 2xx before the body was sent is none, and an error is one") {
  for (const int status : {200, 403, 500}) {
    CAPTURE(status);
    const ScriptedServer server([&](Connection& connection) {
      if (!connection.read_head()) return;
      connection.write(answer(status, "early", "Connection: close\r\n"));
      connection.drain();
    });
    TextBody body(std::string(std::size_t{32} << 20, 'x'));
    const auto session = open_session();
    Request put = request("PUT", server.url(), &body);
    put.headers.add("Expect", "");  // else nothing is sent before the answer
    const Answer got = ask(*session, std::move(put));
    if (status == 200) {
      REQUIRE(failure_of(got) == "it was answered before all of it was sent");
      CHECK(got.failure->may_be_sent);
    } else {
      REQUIRE(status_of(got) == status);
      CHECK(got.response->body == "early");
    }
  }
}

TEST_CASE("an early answer of 2xx that leaves the connection open waits for the body") {
  const ScriptedServer server([&](Connection& connection) {
    if (!connection.read_head()) return;
    connection.write(answer(200, "early"));
    CHECK(connection.read(std::size_t{4} << 20).size() == std::size_t{4} << 20);
  });
  TextBody body(std::string(std::size_t{4} << 20, 'x'));
  const auto session = open_session();
  Request put = request("PUT", server.url(), &body);
  put.headers.add("Expect", "");
  CHECK(status_of(ask(*session, std::move(put))) == 200);
  CHECK(server.wait_for_ended(1));
}

// The first request of a connection is answered, the second one on it is cut.
void cut_second(Connection& connection) {
  if (!connection.read_request()) return;
  connection.write(answer(200));
  (void)connection.read_request();
}

TEST_CASE("libcurl repeats on a new connection what can do no harm, and nothing else") {
  TextBody text("abc");
  struct Row {
    std::string_view method;
    RequestBody* body;
    bool is_repeated;
  };
  const std::array rows{
      Row{"GET", nullptr, true},   Row{"HEAD", nullptr, true}, Row{"DELETE", nullptr, false},
      Row{"POST", nullptr, false}, Row{"PUT", nullptr, false}, Row{"PUT", &text, false},
      Row{"POST", &text, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.method);
    const ScriptedServer server(cut_second);
    const auto session = open_session();
    REQUIRE(status_of(ask(*session, request("GET", server.url()))) == 200);
    const Answer got = ask(*session, request(std::string(row.method), server.url(), row.body));
    CHECK(server.requests().size() == (row.is_repeated ? 3 : 2));
    if (row.is_repeated) {
      CHECK(status_of(got) == 200);
      continue;
    }
    REQUIRE(failure_of(got) == "the connection was closed before an answer came");
    CHECK(got.failure->may_be_sent);
    CHECK_FALSE(got.failure->is_permanent);
  }
}

TEST_CASE("a connection that the server has closed in the meantime is not used") {
  const ScriptedServer server([](Connection& connection) {
    if (!connection.read_request()) return;
    connection.write(answer(200));
  });
  TextBody body("abc");
  const auto session = open_session();
  for (std::size_t i = 1; i <= 3; ++i) {
    REQUIRE(status_of(ask(*session, request("PUT", server.url(), &body))) == 200);
    REQUIRE(server.wait_for_ended(i));
  }
  CHECK(server.requests().size() == 3);
}

TEST_CASE("a reset connection is a failure, and the session goes on") {
  const ScriptedServer server([](Connection& connection) {
    if (!connection.read_head()) return;
    if (connection.number() == 0) return connection.reset();
    connection.write(answer(200));
  });
  const auto session = open_session();
  const Answer got = ask(*session, request("GET", server.url()));
  REQUIRE(failure_of(got) == "Recv failure: Connection reset by peer");
  CHECK(got.failure->may_be_sent);
  CHECK(status_of(ask(*session, request("GET", server.url()))) == 200);
}

TEST_CASE("requests run side by side, and what is given up has no answer") {
  const ScriptedServer server([](Connection& connection) {
    while (const auto got = connection.read_request()) {
      if (got->head.starts_with("GET /never")) return connection.drain();
      connection.write(answer(200, got->head.substr(4, 2)));
    }
  });
  const auto session = open_session();
  const auto never = session->start(request("GET", server.url("/never")));
  REQUIRE(never);
  std::map<Session::Id, std::string> expected;
  for (const std::string_view path : {"/a", "/b", "/c"}) {
    const auto id = session->start(request("GET", server.url(path)));
    REQUIRE(id);
    expected[*id] = path;
  }
  std::map<Session::Id, std::string> got;
  while (got.size() < expected.size()) {
    auto ended = session->poll(std::chrono::seconds(10));
    REQUIRE_FALSE(ended.empty());
    for (auto& each : ended)
      got[each.id] = each.answer.response.value().body;
  }
  CHECK(got == expected);
  session->give_up(*never);
  session->give_up(*never);  // is nothing
  CHECK(session->poll(std::chrono::milliseconds(1)).empty());
  CHECK(server.wait_for_ended(1));  // its connection is closed, the others stay
  CHECK(status_of(ask(*session, request("GET", server.url("/d")))) == 200);
  CHECK(server.connections() == 4);
}

TEST_CASE("a session may end with requests under way") {
  const ScriptedServer server([](Connection& connection) { connection.drain(); });
  {
    const auto session = open_session();
    REQUIRE(session->start(request("GET", server.url())));
    CHECK(session->poll(std::chrono::milliseconds(1)).empty());
  }
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("who says nothing is given up after the idle time") {
  const ScriptedServer server([](Connection& connection) { connection.drain(); });
  SessionOptions options = testing::loopback_options();
  options.idle_timeout = std::chrono::seconds(1);
  const auto session = testing::open_session(options);
  const Answer got = ask(*session, request("GET", server.url()));
  REQUIRE(failure_of(got) ==
          "Operation too slow. Less than 1 bytes/sec transferred the last 1 seconds");
  CHECK(got.failure->may_be_sent);
  CHECK_FALSE(got.failure->is_permanent);
}

}  // namespace
}  // namespace cavra::http
