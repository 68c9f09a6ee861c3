// Exchanges are the one retry loop: requests with their repeats, several at once.
//
// Each attempt is made and signed anew. What an answer means the service says; when to repeat, and
// how long at most, is decided here: by the policy, the service's Retry-After, and the host's call.
// One thread, that of the call.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "http/message.hpp"
#include "http/session.hpp"

namespace cavra::http {

struct RetryPolicy {
  unsigned max_attempts = 8;
  std::chrono::milliseconds first_delay{500};  // at most, before the second attempt; then doubled
  std::chrono::milliseconds most_delay{20'000};
};

// What an answer means.
struct Judgement {
  enum class Verdict {
    done,    // it is what was asked for; never of a failure
    later,   // the same again, after a while
    now,     // again at once: what was wrong was set right (a clock, a region, credentials)
    failed,  // it will not get better
  };
  Verdict verdict = Verdict::done;
  Error error{};  // but for `done`
  // Of `later`: the service's own word. It counts up to RetryPolicy::most_delay.
  std::optional<std::chrono::milliseconds> after{};
};

struct Exchange {
  // One attempt: url, headers, signature. The body is rewound before each.
  std::function<Result<Request>()> make;
  std::function<Judgement(const Answer& answer)> judge;
  // Asked before a repeat of what may have taken effect: without an answer, or with one of 2xx or
  // 5xx. True ends the exchange with an empty Response. Not for exchanges that run side by side.
  // Empty: a repeat does no harm.
  std::function<Result<bool>()> has_happened{};
};

class Exchanges {
 public:
  using Id = std::size_t;
  struct Ended {
    Id id = 0;
    Result<Response> result;
  };

  // All lent.
  Exchanges(Session& session, const sdk::Call& call, const RetryPolicy& policy);
  ~Exchanges();  // gives up what is under way
  Exchanges(const Exchanges&) = delete;
  Exchanges& operator=(const Exchanges&) = delete;

  // Begins at once. Errors: cancelled and timeout, by the call; what make() and
  // Session::start() return.
  [[nodiscard]] Result<Id> start(Exchange exchange);
  [[nodiscard]] std::size_t under_way() const noexcept { return open_.size(); }
  // Moves bytes without waiting, while its caller is at other work.
  void move();
  // Waits for the next that ends. Errors: cancelled and timeout, by the call; internal, where
  // nothing is under way. All else is in the result of one exchange.
  [[nodiscard]] Result<Ended> next();

 private:
  using Clock = std::chrono::steady_clock;
  struct Open {
    Exchange exchange;
    unsigned attempts = 0;
    std::optional<Session::Id> on_its_way;  // else it waits
    Clock::time_point due{};
    bool may_have_happened = false;
    std::string last_problem;
  };

  [[nodiscard]] Result<void> attempt(Open& open);
  // What the exchange ends with; nothing where it goes on.
  [[nodiscard]] std::optional<Result<Response>> take(Open& open, Answer answer);
  [[nodiscard]] std::optional<Result<Response>> repeat(Open& open);
  [[nodiscard]] std::chrono::milliseconds delay(unsigned attempts);
  [[nodiscard]] std::chrono::milliseconds until_due() const;
  [[nodiscard]] std::optional<Ended> begin_what_is_due();
  [[nodiscard]] std::optional<Ended> take_what_ended();
  [[nodiscard]] Error with_last_problem(Error error) const;

  Session& session_;
  const sdk::Call& call_;
  const RetryPolicy policy_;
  std::map<Id, Open> open_;
  std::vector<Session::Ended> ended_;  // told by the session, not taken yet
  Id last_id_ = 0;
  std::optional<std::minstd_rand> random_;  // its seed costs, and few need it
};

// One exchange from its beginning to its end.
[[nodiscard]] Result<Response> run(Session& session, const sdk::Call& call,
                                   const RetryPolicy& policy, Exchange exchange);

}  // namespace cavra::http
