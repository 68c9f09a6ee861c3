// What a session makes of an answer, whole or not.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "http/http_test.hpp"
#include "http/scripted_server.hpp"

namespace cavra::http {
namespace {

using testing::answer;
using testing::answers;
using testing::ask;
using testing::failure_of;
using testing::open_session;
using testing::own_failure_of;
using testing::request;
using testing::ScriptedServer;
using testing::status_of;
using Connection = ScriptedServer::Connection;

TEST_CASE("an answer has its status, its headers and its body, as they came") {
  struct Row {
    std::string text;
    int status;
    std::string_view body;
    std::string_view x;
  };
  const std::array rows{
      Row{answer(200, "body", "X:  a: b \r\n"), 200, "body", "a: b"},
      Row{answer(204), 204, "", ""},
      Row{answer(301, "moved", "Location: /other\r\n"), 301, "moved", ""},
      Row{answer(401, "who", "WWW-Authenticate: Basic realm=\"x\"\r\n"), 401, "who", ""},
      Row{answer(404, "none", "x:\r\n"), 404, "none", ""},
      Row{answer(503, "later", "x: 1\r\nx: 2\r\n"), 503, "later", "1"},
      Row{answer(200, "\x1f\x8bz", "Content-Encoding: gzip\r\n"), 200, "\x1f\x8bz", ""},
      Row{"HTTP/1.1 200 x: y\r\nContent-Length: 0\r\n\r\n", 200, "", ""},
      Row{"HTTP/1.1 102 Wait\r\nx: 1\r\n\r\n" + answer(200, "a", "x: 2\r\n"), 200, "a", "2"},
      Row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
          "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nx: trailer\r\n\r\n",
          200, "abcde", ""},
      // Chunks count, a length beside them does not: RFC 9112, section 6.3.
      Row{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
          "3\r\nabc\r\n0\r\n\r\n",
          200, "abc", ""},
      Row{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabcd", 200, "ab", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const ScriptedServer server(answers({row.text}));
    const auto session = open_session();
    const Answer got = ask(*session, request("GET", server.url()));
    CHECK(failure_of(got) == "");
    REQUIRE(got.response);
    CHECK(got.response->status == row.status);
    CHECK(got.response->body == row.body);
    CHECK(got.response->headers.get("x") == row.x);
    CHECK(server.requests().size() == 1);  // no redirect, no repeat
  }
}

TEST_CASE("a body without a length ends with its connection") {
  const ScriptedServer server([](Connection& connection) {
    if (!connection.read_request()) return;
    connection.write("HTTP/1.1 200 OK\r\n\r\nabc");
  });
  const auto session = open_session();
  const Answer got = ask(*session, request("GET", server.url()));
  REQUIRE(got.response);
  CHECK(got.response->body == "abc");
}

TEST_CASE("a HEAD has the length of a body, and none") {
  const ScriptedServer server(answers({"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"}));
  const auto session = open_session();
  const Answer got = ask(*session, request("HEAD", server.url()));
  REQUIRE(got.response);
  CHECK(got.response->headers.get("content-length") == "1000");
  CHECK(got.response->body.empty());
}

TEST_CASE("no cookie of an answer is sent again") {
  const ScriptedServer server(answers({answer(200, "", "Set-Cookie: a=b\r\n")}));
  const auto session = open_session();
  for (int i = 0; i < 2; ++i)
    REQUIRE(status_of(ask(*session, request("GET", server.url()))) == 200);
  CHECK(server.requests().back().head.find("Cookie") == std::string::npos);
}

TEST_CASE("a sink takes the body of a success alone") {
  const ScriptedServer server(answers({answer(206, "part"), answer(404, "none")}));
  const auto session = open_session();
  std::string taken;
  const auto get = [&] {
    Request made = request("GET", server.url());
    made.sink = [&](std::span<const std::byte> data) -> Result<void> {
      taken += as_text(data);
      return {};
    };
    return ask(*session, std::move(made));
  };
  Answer got = get();
  REQUIRE(status_of(got) == 206);
  CHECK(got.response->body.empty());
  got = get();
  REQUIRE(status_of(got) == 404);
  CHECK(got.response->body == "none");
  CHECK(taken == "part");
}

TEST_CASE("an error of the sink or of the body is what counts") {
  class BrokenBody final : public RequestBody {
   public:
    enum class Way { rewind, error, ends, throws };
    explicit BrokenBody(Way way) : way_(way) {}
    [[nodiscard]] std::uint64_t length() const override { return 10; }
    [[nodiscard]] Result<void> rewind() override {
      if (way_ == Way::rewind) return Error{ErrorCode::corrupt, "rewind"};
      return {};
    }
    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> buffer) override {
      if (way_ == Way::throws) throw std::runtime_error("read");
      if (way_ == Way::error) return Error{ErrorCode::corrupt, "read"};
      const std::size_t count = std::exchange(rest_, 0);
      std::ranges::fill(buffer.first(count), std::byte{'x'});
      return count;
    }

   private:
    Way way_;
    std::size_t rest_ = 3;
  };
  const ScriptedServer server([](Connection& connection) {
    while (const auto head = connection.read_head()) {
      if (head->starts_with("PUT")) return connection.drain();
      connection.write(answer(200, "abc"));
    }
  });
  const auto session = open_session();
  const auto put = [&](BrokenBody::Way way) {
    BrokenBody body(way);
    return own_failure_of(ask(*session, request("PUT", server.url(), &body)));
  };
  using Way = BrokenBody::Way;
  CHECK(put(Way::error) == "corrupt: read");
  CHECK(put(Way::throws) == "internal: the bytes to send could not be read");
  CHECK(put(Way::ends) == "io: the bytes to send end 7 bytes before their length");
  BrokenBody body(Way::rewind);
  const auto id = session->start(request("PUT", server.url(), &body));
  REQUIRE_FALSE(id);
  CHECK(id.error().message == "rewind");

  const auto get = [&](BodySink sink) {
    Request made = request("GET", server.url());
    made.sink = std::move(sink);
    return own_failure_of(ask(*session, std::move(made)));
  };
  CHECK(get([](auto) -> Result<void> { return Error{ErrorCode::cancelled, "sink"}; }) ==
        "cancelled: sink");
  CHECK(get([](auto) -> Result<void> { throw 1; }) == "internal: the answer could not be taken");
}

TEST_CASE("a body is sent up to its length, however much there is") {
  class EndlessBody final : public RequestBody {
   public:
    [[nodiscard]] std::uint64_t length() const override { return 10; }
    [[nodiscard]] Result<void> rewind() override { return {}; }
    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> buffer) override {
      std::ranges::fill(buffer, std::byte{'x'});
      return buffer.size();
    }
  };
  const ScriptedServer server([](Connection& connection) {
    if (!connection.read_request()) return;
    connection.write(answer(200, "", "Connection: close\r\n"));
    CHECK(connection.read(1) == "");
  });
  EndlessBody body;
  const auto session = open_session();
  CHECK(status_of(ask(*session, request("PUT", server.url(), &body))) == 200);
  REQUIRE(server.wait_for_ended(1));
  CHECK(server.requests().back().body == "xxxxxxxxxx");
}

TEST_CASE("an answer beyond its limits is none") {
  const std::string lines_of_one_byte = [] {
    std::string text;
    for (int i = 0; i < 1001; ++i)
      text += "a:\r\n";
    return text;
  }();
  std::string interim;
  for (int i = 0; i < 20'000; ++i)
    interim += "HTTP/1.1 100 Continue\r\n\r\n";
  std::string long_lines;
  for (int i = 0; i < 5; ++i)
    long_lines += "a: " + std::string(60'000, 'x') + "\r\n";
  struct Row {
    std::string_view what;
    std::string text;
    std::string_view own;  // else a failure
  };
  const std::array rows{
      Row{"body", answer(200, "123456"), "io: the answer is longer than 5 bytes"},
      Row{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n",
          "io: the answer is longer than 5 bytes"},
      Row{"error", answer(500, std::string(kMaxErrorBytes + 1, 'x')),
          "io: the answer is longer than 1048576 bytes"},
      Row{"many headers", answer(200, "", lines_of_one_byte),
          "io: the answer's headers do not end"},
      Row{"large headers", answer(200, "", long_lines), "io: the answer's headers do not end"},
      Row{"many 1xx", interim + answer(200), "io: the answer's headers do not end"},
      Row{"one large header", answer(200, "", "a: " + std::string(200'000, 'x') + "\r\n"), ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const ScriptedServer server([&](Connection& connection) {
      if (!connection.read_request()) return;
      connection.write(row.text);
      connection.drain();
    });
    const auto session = open_session();
    Request get = request("GET", server.url());
    get.max_body_bytes = 5;
    const Answer got = ask(*session, std::move(get));
    REQUIRE(got.failure);
    CHECK(own_failure_of(got) == row.own);
    CHECK(got.failure->may_be_sent);
    CHECK_FALSE(got.failure->is_permanent);
    if (row.own.empty())
      CHECK(got.failure->message == "out of memory, or a header of more than 100 KB");
  }
}

TEST_CASE("an answer that is cut, or garbage, is a failure that may have been sent") {
  struct Row {
    std::string text;
    std::string_view message;
  };
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::array rows{
      Row{"", "Empty reply from server"},
      Row{"HTT", "Empty reply from server"},
      Row{"HTTP/1.1 100 Continue\r\n\r\n", "Empty reply from server"},
      Row{"HTTP/1.1 200 OK\r\n", "the connection was closed within the answer's headers"},
      Row{"HTTP/1.1 200 OK\r\nContent-", "the connection was closed within the answer's headers"},
      Row{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
          "the connection was closed within the answer's headers"},
      Row{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
          "transfer closed with 2 bytes remaining to read"},
      Row{chunked + "5\r\nabc", "transfer closed with outstanding read data remaining"},
      Row{chunked + "5\r\nabcde\r\n", "transfer closed with outstanding read data remaining"},
      Row{chunked + "zz\r\n", "Illegal or missing hexadecimal sequence in chunked-encoding"},
      Row{"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "Invalid Content-Length: value"},
      Row{"HTTP/1.1 99 x\r\n\r\n", "Unsupported response code in HTTP response"},
      Row{"SSH-2.0-OpenSSH_9.2\r\n", "Received HTTP/0.9 when not allowed"},
      Row{std::string("\0\0\0\x04", 4), "Received HTTP/0.9 when not allowed"},
  };
  for (const Row& row : rows) {
    for (const std::string_view method : {"GET", "PUT"}) {
      CAPTURE(row.text);
      CAPTURE(method);
      const ScriptedServer server([&](Connection& connection) {
        if (!connection.read_request()) return;
        connection.write(row.text);
      });
      const auto session = open_session();
      TextBody body("abc");
      const Answer got = ask(
          *session, request(std::string(method), server.url(), method == "PUT" ? &body : nullptr));
      REQUIRE(got.failure);
      CHECK(got.failure->message == row.message);
      CHECK(got.failure->may_be_sent);
      CHECK_FALSE(got.failure->is_permanent);
      CHECK_FALSE(got.failure->own);
      CHECK(server.requests().size() == 1);
    }
  }
}

}  // namespace
}  // namespace cavra::http
