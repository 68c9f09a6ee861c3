#include "az_token.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "cavra/abi_struct.hpp"
#include "cloud/run_process.hpp"
#include "cloud/wiped_answer.hpp"
#include "token_document.hpp"

namespace cavra::azure {

namespace {

constexpr const char* kTried = "ask the Azure CLI (az account get-access-token)";

// The same call, over after `limit` at the latest. `call` is lent.
sdk::Call within(sdk::Call& call, std::chrono::milliseconds limit) {
  auto end = std::chrono::steady_clock::now() + limit;
  if (const auto last = call.deadline()) end = std::min(end, *last);
  auto limited = abi::make<cavra_call>();
  limited.ctx = &call;
  limited.is_cancelled = [](void* ctx) -> std::uint32_t {
    return static_cast<const sdk::Call*>(ctx)->is_cancelled() ? 1 : 0;
  };
  limited.deadline_monotonic_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(end.time_since_epoch()).count();
  return sdk::Call(&limited);
}

std::vector<std::string> words_of(const AzLogin& login, const std::string& resource) {
  std::vector<std::string> words{"az",       "account", "get-access-token", "--resource", resource,
                                 "--output", "json"};
  if (!login.tenant_id.empty()) words.insert(words.end(), {"--tenant", login.tenant_id});
  return words;
}

}  // namespace

Result<Token> fetch_az_token(const AzLogin& login, const std::string& resource,
                             std::int64_t now_unix_s, const sdk::Call& call,
                             std::chrono::milliseconds limit) {
  sdk::Call lent = call;
  auto json = cloud::run_process(words_of(login, resource), cloud::kMaxCredentialBytes,
                                 within(lent, limit));
  if (!json && json.error().code == ErrorCode::timeout && call.check())
    return Error{ErrorCode::io, std::string(kTried) + ": it does not end; it was killed"};
  if (!json && json.error().code == ErrorCode::usage)
    json = Error{ErrorCode::usage, json.error().message + ". \"az login\" says who it is"};
  if (!json) return cloud::when(kTried, std::move(json).error());
  auto token = parse_az_token(*json, now_unix_s);
  if (!token) return cloud::when(kTried, std::move(token).error());
  return token;
}

}  // namespace cavra::azure
