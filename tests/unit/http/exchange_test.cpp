#include "http/exchange.hpp"

#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <stdexcept>
#include <vector>

#include "http/http_test.hpp"
#include "http/scripted_server.hpp"
#include "http/slow_names.hpp"

namespace cavra::http {
namespace {

using std::chrono::milliseconds;
using testing::answer;
using testing::answers;
using testing::open_session;
using testing::request;
using testing::ScriptedServer;
using Connection = ScriptedServer::Connection;
using Verdict = Judgement::Verdict;

constexpr RetryPolicy kFast{
    .max_attempts = 4, .first_delay = milliseconds(1), .most_delay = milliseconds(2)};
// Its delays are anything up to a year: none is short by chance.
constexpr RetryPolicy kSlow{
    .max_attempts = 4, .first_delay = std::chrono::years(1), .most_delay = std::chrono::years(1)};

std::string told(const Error& error) {
  return std::string(to_string(error.code)) + ": " + error.message;
}
template <class T>
std::string told(const Result<T>& result) {
  return result ? "" : told(result.error());
}

// 2xx is done, 307 to be done again at once, 4xx failed, all else again after a while.
Judgement judge(const Answer& got) {
  if (got.failure)
    return {.verdict = got.failure->is_permanent ? Verdict::failed : Verdict::later,
            .error = {ErrorCode::io, got.failure->message, true}};
  const int status = got.response->status;
  if (got.response->is_success()) return {};
  Error error{ErrorCode::io, "HTTP " + std::to_string(status), status >= 500};
  if (status == 307) return {.verdict = Verdict::now, .error = std::move(error)};
  if (status < 500) return {.verdict = Verdict::failed, .error = std::move(error)};
  return {.verdict = Verdict::later, .error = std::move(error)};
}

Exchange exchange(const std::string& method, const std::string& url, RequestBody* body = nullptr) {
  Exchange made;
  made.make = [=]() -> Result<Request> { return request(method, url, body); };
  made.judge = judge;
  return made;
}

Result<Response> run_fast(Session& session, Exchange one) {
  return run(session, sdk::Call(), kFast, std::move(one));
}

// ---- repeats -----------------------------------------------------------------------------------

TEST_CASE("an exchange is repeated until its answer is one, with its whole body each time") {
  const ScriptedServer server(answers({answer(503), "", answer(307), answer(200, "done")}));
  const auto session = open_session();
  TextBody body("abc");
  int made = 0;
  Exchange put;
  put.make = [&]() -> Result<Request> {
    Request one = request("PUT", server.url(), &body);
    one.headers.add("x-attempt", std::to_string(++made));
    return one;
  };
  put.judge = judge;
  const auto got = run_fast(*session, std::move(put));
  CHECK(told(got) == "");
  REQUIRE(got);
  CHECK(got->body == "done");
  const auto requests = server.requests();
  REQUIRE(requests.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(requests[i].body == "abc");
    CHECK(requests[i].head.find("x-attempt: " + std::to_string(i + 1) + "\r\n") !=
          std::string::npos);
  }
}

TEST_CASE("an exchange ends with the last answer's error after so many attempts") {
  for (const int status : {307, 503}) {
    CAPTURE(status);
    const ScriptedServer server(answers({answer(status)}));
    const auto session = open_session();
    const auto got = run_fast(*session, exchange("GET", server.url()));
    CHECK(told(got) == "io: HTTP " + std::to_string(status));
    CHECK(server.requests().size() == kFast.max_attempts);
  }
}

TEST_CASE("what failed is not repeated") {
  const ScriptedServer server(answers({answer(403)}));
  const auto session = open_session();
  CHECK(told(run_fast(*session, exchange("GET", server.url()))) == "io: HTTP 403");
  CHECK(server.requests().size() == 1);
  const auto got = run(*session, sdk::Call(), kSlow, exchange("GET", "ftp://127.0.0.1/"));
  CHECK(told(got) == "io: Protocol \"ftp\" not supported or disabled in libcurl");
}

TEST_CASE("what was set right goes again without a delay") {
  const ScriptedServer server(answers({answer(307), answer(200)}));
  const auto session = open_session();
  CHECK(run(*session, sdk::Call(), kSlow, exchange("GET", server.url())));
}

TEST_CASE("the service's own delay is kept, up to the policy's longest") {
  struct Row {
    milliseconds after;
    milliseconds least;
  };
  for (const Row& row :
       {Row{milliseconds(20), milliseconds(20)}, Row{std::chrono::hours(24), milliseconds(30)},
        Row{milliseconds(-5), milliseconds(0)}}) {
    CAPTURE(row.after.count());
    const ScriptedServer server(answers({answer(503), answer(200)}));
    const auto session = open_session();
    Exchange get = exchange("GET", server.url());
    get.judge = [&](const Answer& got) {
      Judgement judged = judge(got);
      judged.after = row.after;
      return judged;
    };
    const RetryPolicy policy{
        .max_attempts = 2, .first_delay = milliseconds(0), .most_delay = milliseconds(30)};
    const auto begin = std::chrono::steady_clock::now();
    CHECK(run(*session, sdk::Call(), policy, std::move(get)));
    CHECK(std::chrono::steady_clock::now() - begin >= row.least);
  }
}

TEST_CASE("errors that are the caller's own end an exchange at once, unjudged") {
  const ScriptedServer server(answers({answer(200, "abc")}));
  const auto session = open_session();
  const auto start = [&](std::function<Result<Request>()> make) {
    Exchange one;
    one.make = std::move(make);
    one.judge = [](const Answer&) -> Judgement { throw std::logic_error("judged"); };
    return told(run_fast(*session, std::move(one)));
  };
  CHECK(start([&]() -> Result<Request> {
          Request get = request("GET", server.url());
          get.sink = [](auto) -> Result<void> { return Error{ErrorCode::corrupt, "sink"}; };
          return get;
        }) == "corrupt: sink");
  CHECK(server.requests().size() == 1);
  CHECK(start([&]() -> Result<Request> { return Error{ErrorCode::forbidden, "no credentials"}; }) ==
        "forbidden: no credentials");
  CHECK(start([&]() -> Result<Request> { return request("GET", "http://a b"); }) ==
        "internal: a URL has a fragment, or what no URL has");
}

TEST_CASE("an attempt that cannot be made ends its exchange") {
  const ScriptedServer server(answers({answer(503)}));
  const auto session = open_session();
  Exchange get = exchange("GET", server.url());
  get.make = [&, made = 0]() mutable -> Result<Request> {
    if (++made == 2) return Error{ErrorCode::forbidden, "the credentials have expired"};
    return request("GET", server.url());
  };
  CHECK(told(run_fast(*session, std::move(get))) == "forbidden: the credentials have expired");
  CHECK(server.requests().size() == 1);
}

TEST_CASE("bugs of a caller are errors") {
  const auto session = open_session();
  const sdk::Call call;
  Exchanges none(*session, call, kFast);
  CHECK(told(none.next()) == "internal: no exchange is under way");
  Exchange get = exchange("GET", "http://unknown.test/");
  get.judge = [](const Answer&) { return Judgement{}; };
  CHECK(told(run_fast(*session, std::move(get))) ==
        "internal: what got no answer was judged as done");
}

// ---- what may have happened --------------------------------------------------------------------

TEST_CASE("before a repeat it is asked whether the first has happened, where it may have") {
  struct Row {
    std::string_view what;
    std::string first;  // answer
    bool is_asked;
  };
  const std::array rows{
      Row{"no answer", "", true},
      Row{"half an answer", "HTTP/1.1 200 OK\r\n", true},
      Row{"500", answer(500), true},
      Row{"503", answer(503), true},
      Row{"200 with an error in it", answer(200, "<Error/>"), true},
      Row{"404", answer(404), false},
      Row{"307", answer(307), false},
  };
  const std::string last = answer(201);
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const ScriptedServer server([&](Connection& connection) {
      while (connection.read_request()) {
        const std::string& text = server.requests().size() == 1 ? row.first : last;
        connection.write(text);
        if (text.find("\r\n\r\n") == std::string::npos) return;  // cut
      }
    });
    const auto session = open_session();
    int asked = 0;
    Exchange post = exchange("POST", server.url());
    post.has_happened = [&]() -> Result<bool> {
      ++asked;
      return false;
    };
    post.judge = [](const Answer& got) -> Judgement {
      if (got.response && got.response->status == 201) return {};
      return {.verdict = Verdict::later, .error = {ErrorCode::io, "again", true}};
    };
    CHECK(told(run_fast(*session, std::move(post))) == "");
    CHECK(asked == (row.is_asked ? 1 : 0));
    CHECK(server.requests().size() == 2);
  }
}

TEST_CASE("what was never sent has not happened") {
  const auto session = open_session();
  Exchange post = exchange("POST", "http://unknown.test/");
  post.has_happened = []() -> Result<bool> { throw std::logic_error("asked"); };
  CHECK(told(run_fast(*session, std::move(post))) == "io: Could not resolve host: unknown.test");
}

TEST_CASE("what has happened ends, and so does what cannot be known") {
  const ScriptedServer server(answers({""}));
  const auto session = open_session();
  Exchange post = exchange("POST", server.url());
  post.has_happened = []() -> Result<bool> { return true; };
  const auto got = run_fast(*session, std::move(post));
  REQUIRE(got);
  CHECK(got->status == 0);
  CHECK(server.requests().size() == 1);

  post = exchange("POST", server.url());
  post.has_happened = []() -> Result<bool> { return Error{ErrorCode::forbidden, "unknown"}; };
  CHECK(told(run_fast(*session, std::move(post))) == "forbidden: unknown");
  CHECK(server.requests().size() == 2);
}

TEST_CASE("whether it has happened may be asked over the same session") {
  const ScriptedServer server(answers({"", answer(503), answer(200, "here")}));
  const auto session = open_session();
  Exchange post = exchange("POST", server.url("/put"));
  post.has_happened = [&]() -> Result<bool> {
    CAVRA_TRY(const auto got, run_fast(*session, exchange("GET", server.url("/stat"))));
    return got.body == "here";
  };
  CHECK(told(run_fast(*session, std::move(post))) == "");
  CHECK(server.requests().size() == 3);
}

// ---- side by side ------------------------------------------------------------------------------

TEST_CASE("exchanges run side by side, each with its own repeats") {
  const ScriptedServer server([](Connection& connection) {
    for (bool is_first = connection.number() < 4;; is_first = false) {
      const auto got = connection.read_request();
      if (!got) return;
      const bool fails = got->head.starts_with("GET /fails");
      connection.write(fails ? answer(404) : answer(is_first ? 503 : 200, got->head.substr(4, 2)));
    }
  });
  const auto session = open_session();
  const sdk::Call call;
  Exchanges all(*session, call, kFast);
  std::map<Exchanges::Id, std::string> expected;
  for (const std::string_view path : {"/a", "/b", "/c", "/fails"}) {
    const auto id = all.start(exchange("GET", server.url(path)));
    REQUIRE(id);
    expected[*id] = path == "/fails" ? "io: HTTP 404" : path;
  }
  CHECK(all.under_way() == 4);
  std::map<Exchanges::Id, std::string> got;
  while (all.under_way() > 0) {
    auto ended = all.next();
    REQUIRE(ended);
    got[ended->id] = ended->result ? ended->result->body : told(ended->result);
  }
  CHECK(got == expected);
}

TEST_CASE("exchanges that go give up what is under way") {
  const ScriptedServer server([](Connection& connection) {
    if (connection.number() == 0) return connection.drain();
    if (connection.read_request()) connection.write(answer(200));
  });
  const auto session = open_session();
  const sdk::Call call;
  {
    Exchanges one(*session, call, kFast);
    REQUIRE(one.start(exchange("GET", server.url())));
    CHECK(session->poll(milliseconds(1)).empty());
  }
  CHECK(session->poll(milliseconds(0)).empty());
  CHECK(run_fast(*session, exchange("GET", server.url())));
}

// ---- the host's call ---------------------------------------------------------------------------

// Is cancelled once `when` says so.
class CancelledWhen {
 public:
  using Clock = std::chrono::steady_clock;
  explicit CancelledWhen(std::function<bool()> when) : when_(std::move(when)) {}
  [[nodiscard]] sdk::Call call() {
    auto made = abi::make<cavra_call>();
    made.ctx = this;
    made.is_cancelled = [](void* ctx) -> std::uint32_t {
      auto& self = *static_cast<CancelledWhen*>(ctx);
      if (!self.since_ && self.when_()) self.since_ = Clock::now();
      return self.since_ ? 1 : 0;
    };
    return sdk::Call(&made);
  }
  [[nodiscard]] bool was_quick() const {
    return since_ && Clock::now() - *since_ < std::chrono::seconds(2);
  }

 private:
  std::function<bool()> when_;
  std::optional<Clock::time_point> since_;
};

TEST_CASE("cancelling ends the wait for an answer, for a reader and for the next attempt") {
  struct Row {
    std::string_view what;
    ScriptedServer::Script script;
    std::string_view error;
  };
  const std::array rows{
      Row{"no answer", [](Connection& connection) { connection.drain(); }, "cancelled: cancelled"},
      Row{"no reader", [](Connection& connection) { connection.hold(); }, "cancelled: cancelled"},
      Row{"half an answer",
          [](Connection& connection) {
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
            connection.drain();
          },
          "cancelled: cancelled"},
      Row{"the next attempt", answers({answer(503)}), "cancelled: cancelled; last: HTTP 503"},
  };
  TextBody body(std::string(std::size_t{1} << 20, 'x'));
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const ScriptedServer server(row.script);
    // Asked at the start, before the first wait, and after it.
    CancelledWhen cancelled([asked = 0]() mutable { return ++asked == 3; });
    const auto session = open_session();
    const auto got = run(*session, cancelled.call(), kSlow, exchange("PUT", server.url(), &body));
    CHECK(told(got) == row.error);
    CHECK(cancelled.was_quick());
  }
}

TEST_CASE("cancelling does not wait for a name") {
  const testing::SlowNames names;
  CancelledWhen cancelled([&] { return names.is_asked(); });
  const auto session = open_session();
  const auto got = run(*session, cancelled.call(), kSlow, exchange("GET", "http://slow.test/"));
  CHECK(told(got) == "cancelled: cancelled");
  CHECK(cancelled.was_quick());
}

TEST_CASE("nothing begins in a call that is over") {
  const ScriptedServer server(answers({answer(200)}));
  const auto session = open_session();
  CancelledWhen cancelled([] { return true; });
  const auto got = run(*session, cancelled.call(), kFast, exchange("GET", server.url()));
  CHECK(told(got) == "cancelled: cancelled");
  CHECK(server.connections() == 0);
}

TEST_CASE("the call's deadline ends an exchange, with the last problem") {
  const ScriptedServer server(answers({answer(503)}));
  const auto session = open_session();
  auto call = abi::make<cavra_call>();
  call.deadline_monotonic_ms =
      std::chrono::floor<milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count() +
      150;
  const auto got = run(*session, sdk::Call(&call), kSlow, exchange("GET", server.url()));
  CHECK(told(got) == "timeout: the time for this call is over; last: HTTP 503");
}

}  // namespace
}  // namespace cavra::http
