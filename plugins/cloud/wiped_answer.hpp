// One request whose answer has secrets in it: the body of a success goes to memory that is wiped.
// libcurl's own buffers are not.
#pragma once

#include <functional>
#include <string>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "cloud/wiped_text.hpp"
#include "http/exchange.hpp"
#include "http/session.hpp"

namespace cavra::cloud {

inline constexpr std::size_t kMaxCredentialBytes = std::size_t{64} << 10;

struct WipedQuestion {
  std::string asked;  // for messages: `ask the container's agent at "http://…"`
  std::function<Result<http::Request>()> make;  // each attempt
  // Empty: judge_by_status().
  std::function<http::Judgement(const http::Answer& answer)> judge;
};

// The body. Errors: as judged, beginning with `asked`; io (longer than kMaxCredentialBytes);
// cancelled and timeout, by the call.
[[nodiscard]] Result<WipedText> ask(http::Session& session, const sdk::Call& call,
                                    const http::RetryPolicy& policy, const WipedQuestion& question);

// A success is done; what may be better later is repeated. Errors: io (no answer), unavailable
// (5xx, 429), forbidden (401, 403), usage (any other).
[[nodiscard]] http::Judgement judge_by_status(const http::Answer& answer);

// The same error, told as what came of `tried`.
[[nodiscard]] Error when(const std::string& tried, Error error);

}  // namespace cavra::cloud
