// Service asks a service over HTTP, for all sessions of one opening: it makes each attempt anew,
// judges what comes back, and sets right what an answer corrects.
//
// What is of one service alone its own class says: how a request is addressed and signed, what a
// refusal means. What was corrected (the clock, say) is kept, so that not every request learns it
// anew. Any thread; an http::Session belongs to one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/plugin_types.hpp"
#include "cloud/session_pool.hpp"
#include "http/exchange.hpp"
#include "http/percent_encoding.hpp"

namespace cavra::cloud {

// What is asked for in one exchange.
struct Ask {
  std::string_view doing;   // for messages: "put", "ask for the lock of"
  std::string_view action;  // the right that it needs
  std::string method;
  std::string key;  // empty: of the bucket or container
  http::QueryParameters query{};
  http::Headers headers{};
  http::RequestBody* body = nullptr;  // lent
  std::string payload_sha256{};       // hex, of the body, where it is signed; empty: of nothing
  std::function<Result<void>(const http::Response& head)> accept{};  // as http::Request
  http::BodySink sink{};
  std::size_t max_body_bytes = http::kMaxErrorBytes;
  // Statuses that are answers, beside 2xx: the caller reads them.
  std::vector<int> answers{};
  // Whether a 2xx is one after all: it may carry an error. Empty: it is.
  std::function<bool(const http::Response&)> is_done{};
  // As http::Exchange.
  std::function<Result<bool>()> has_happened{};
  // Headers of each attempt anew (where a reading goes on). Empty: none.
  std::function<http::Headers()> more_headers{};
};

// What sets a refusal right.
enum class Remedy {
  none,
  wait,             // the same again, later
  new_clock,        // our clock is not the service's
  new_credentials,  // they ran out
  other_region,
};

struct Refusal {
  Error error;
  Remedy remedy = Remedy::none;
};

class Service {
 public:
  virtual ~Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // The exchange for http::Exchanges. `call` is lent until it has ended. What it ends with is a
  // response of 2xx or one of `answers`, else the refusal's error.
  [[nodiscard]] http::Exchange exchange(const sdk::Call& call, Ask ask);
  // One exchange from its beginning to its end.
  [[nodiscard]] Result<http::Response> ask(http::Session& session, const sdk::Call& call, Ask ask);

  [[nodiscard]] SessionPool& sessions() noexcept { return sessions_; }
  [[nodiscard]] const http::RetryPolicy& retry() const noexcept { return retry_; }
  // The service's clock, as far as it was told.
  [[nodiscard]] std::int64_t now_unix_s() const;

 protected:
  // What one exchange has had. Each correction is made once: a second of its kind is a fault.
  struct Attempts {
    virtual ~Attempts() = default;
    std::chrono::steady_clock::time_point begun;
    std::string url;  // for the log: without what is secret in it
    std::set<Remedy> corrected;
  };

  // `version_header`: in which answers name a version.
  Service(http::RetryPolicy retry, http::SessionOptions session, sdk::Log log,
          std::string version_header);

  [[nodiscard]] virtual std::unique_ptr<Attempts> first_attempt() const = 0;
  // The next one, authorised; sets `attempts.url`.
  [[nodiscard]] virtual Result<http::Request> make(const sdk::Call& call, const Ask& ask,
                                                   Attempts& attempts) = 0;
  // `doing` names what was asked for, and of what.
  [[nodiscard]] virtual Refusal refusal(const http::Response& response, std::string_view doing,
                                        std::string_view action) const = 0;
  // What a service said, for the log: "404 NoSuchKey (…)".
  [[nodiscard]] virtual std::string refusal_text(const http::Response& response) const = 0;
  // Any remedy but waiting and the clock. False: it cannot be set right.
  [[nodiscard]] virtual bool correct(Remedy remedy, Attempts& attempts,
                                     const http::Response& response) = 0;
  // What `Ask::key` is empty for, for people.
  [[nodiscard]] virtual std::string place() const = 0;

 private:
  [[nodiscard]] std::string named(const Ask& ask) const;
  [[nodiscard]] http::Judgement judge(const Ask& ask, Attempts& attempts,
                                      const http::Answer& answer);
  [[nodiscard]] http::Judgement judge_refusal(const Ask& ask, Attempts& attempts,
                                              const http::Response& response);
  [[nodiscard]] bool set_right(Remedy remedy, Attempts& attempts, const http::Response& response);
  [[nodiscard]] bool correct_clock(const http::Response& response);
  void note(const Ask& ask, const Attempts& attempts, const http::Answer& answer) const;

  const http::RetryPolicy retry_;
  const sdk::Log log_;
  const std::string version_header_;
  SessionPool sessions_;
  std::atomic<std::int64_t> clock_offset_s_{0};
};

// What asking takes: all lent.
template <class OneService>
struct AskingOf {
  OneService& service;
  http::Session& session;
  const sdk::Call& call;

  [[nodiscard]] Result<http::Response> operator()(Ask ask) const {
    return service.ask(session, call, std::move(ask));
  }
};

}  // namespace cavra::cloud
