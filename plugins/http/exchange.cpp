#include "http/exchange.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cavra::http {

namespace {

// The host's call is looked at so often: its duty is 250 ms.
constexpr std::chrono::milliseconds kTick{100};

}  // namespace

Exchanges::Exchanges(Session& session, const sdk::Call& call, const RetryPolicy& policy)
    : session_(session), call_(call), policy_(policy) {}

Exchanges::~Exchanges() {
  for (const auto& [id, open] : open_)
    if (open.on_its_way) session_.give_up(*open.on_its_way);
}

Result<Exchanges::Id> Exchanges::start(Exchange exchange) {
  CAVRA_CHECK(call_.check());
  Open open;
  open.exchange = std::move(exchange);
  CAVRA_CHECK(attempt(open));
  open_.emplace(++last_id_, std::move(open));
  return last_id_;
}

Result<void> Exchanges::attempt(Open& open) {
  ++open.attempts;
  CAVRA_TRY(Request request, open.exchange.make());
  CAVRA_TRY(open.on_its_way, session_.start(std::move(request)));
  return {};
}

// Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
std::chrono::milliseconds Exchanges::delay(unsigned attempts) {
  const auto doubled = policy_.first_delay * (std::int64_t{1} << std::min(attempts - 1, 20U));
  if (!random_) random_.emplace(std::random_device{}());
  const auto most = std::min<std::chrono::milliseconds>(doubled, policy_.most_delay);
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(0, most.count())(*random_));
}

std::optional<Result<Response>> Exchanges::take(Open& open, Answer answer) {
  open.on_its_way.reset();
  if (answer.failure && answer.failure->own) return Result<Response>(*answer.failure->own);
  // Also an answer of 5xx may come after the deed; and some of 2xx have an error as their body.
  const bool may_have_happened =
      answer.response ? answer.response->is_success() || answer.response->status >= 500
                      : answer.failure->may_be_sent;
  Judgement judged = open.exchange.judge(answer);
  if (judged.verdict == Judgement::Verdict::done) {
    if (answer.response) return Result<Response>(*std::move(answer.response));
    return Result<Response>(Error{ErrorCode::internal, "what got no answer was judged as done"});
  }
  open.last_problem = judged.error.message;
  if (judged.verdict == Judgement::Verdict::failed || open.attempts >= policy_.max_attempts)
    return Result<Response>(std::move(judged.error));
  open.may_have_happened = open.may_have_happened || may_have_happened;
  const bool is_at_once = judged.verdict == Judgement::Verdict::now;
  // The service's word counts, but no server makes this wait for hours.
  const auto asked =
      std::min(judged.after.value_or(std::chrono::milliseconds{0}), policy_.most_delay);
  const auto wait =
      is_at_once ? std::chrono::milliseconds{0} : std::max(delay(open.attempts), asked);
  open.due = Clock::now() + wait;
  return std::nullopt;
}

std::optional<Result<Response>> Exchanges::repeat(Open& open) {
  if (open.may_have_happened && open.exchange.has_happened) {
    auto happened = open.exchange.has_happened();
    if (!happened) return Result<Response>(std::move(happened).error());
    if (*happened) return Result<Response>(Response{});
    open.may_have_happened = false;
  }
  if (auto begun = attempt(open); !begun) return Result<Response>(std::move(begun).error());
  return std::nullopt;
}

std::chrono::milliseconds Exchanges::until_due() const {
  auto soonest = kTick;
  for (const auto& [id, open] : open_)
    if (!open.on_its_way)
      soonest =
          std::min(soonest, std::chrono::ceil<std::chrono::milliseconds>(open.due - Clock::now()));
  return std::max(soonest, std::chrono::milliseconds{0});
}

std::optional<Exchanges::Ended> Exchanges::begin_what_is_due() {
  for (auto& [id, open] : open_) {
    if (open.on_its_way || open.due > Clock::now()) continue;
    auto end = repeat(open);
    if (!end) continue;
    Ended ended{id, *std::move(end)};
    open_.erase(ended.id);
    return ended;
  }
  return std::nullopt;
}

std::optional<Exchanges::Ended> Exchanges::take_what_ended() {
  while (!ended_.empty()) {
    Session::Ended one = std::move(ended_.back());
    ended_.pop_back();
    const auto found = std::ranges::find_if(
        open_, [&](const auto& each) { return each.second.on_its_way == one.id; });
    if (found == open_.end()) continue;
    auto end = take(found->second, std::move(one.answer));
    if (!end) continue;
    Ended ended{found->first, *std::move(end)};
    open_.erase(found);
    return ended;
  }
  return std::nullopt;
}

// The call's end says little about why it took so long.
Error Exchanges::with_last_problem(Error error) const {
  for (const auto& [id, open] : open_)
    if (!open.last_problem.empty())
      return {error.code, error.message + "; last: " + open.last_problem, error.retryable};
  return error;
}

void Exchanges::move() {
  if (open_.empty()) return;
  std::ranges::move(session_.poll(std::chrono::milliseconds{0}), std::back_inserter(ended_));
}

Result<Exchanges::Ended> Exchanges::next() {
  if (open_.empty()) return Error{ErrorCode::internal, "no exchange is under way"};
  for (;;) {
    if (auto ended = take_what_ended()) return *std::move(ended);
    if (const auto may_go_on = call_.check(); !may_go_on)
      return with_last_problem(may_go_on.error());
    if (auto ended = begin_what_is_due()) return *std::move(ended);
    ended_ = session_.poll(until_due());
  }
}

Result<Response> run(Session& session, const sdk::Call& call, const RetryPolicy& policy,
                     Exchange exchange) {
  Exchanges one(session, call, policy);
  CAVRA_TRY([[maybe_unused]] const auto id, one.start(std::move(exchange)));
  CAVRA_TRY(Exchanges::Ended ended, one.next());
  return std::move(ended.result);
}

}  // namespace cavra::http
