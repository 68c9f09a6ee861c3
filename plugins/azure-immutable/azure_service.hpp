// AzureService asks the blob service: authorises, sends, repeats what may be repeated, and makes of
// answers what they mean.
//
// Any thread; a session is one thread's.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "authorizer.hpp"
#include "azure_address.hpp"
#include "azure_error.hpp"
#include "cavra/plugin_types.hpp"
#include "cloud/session_pool.hpp"
#include "http/exchange.hpp"

namespace cavra::azure {

// One request, before it is authorised.
struct Ask {
  std::string_view doing;   // for messages: "put"
  std::string_view action;  // the data action that it needs: "blobs/write"
  std::string method;
  std::string key;  // empty: the container
  http::QueryParameters query{};
  http::Headers headers{};
  http::RequestBody* body = nullptr;                                 // lent
  std::function<Result<void>(const http::Response& head)> accept{};  // as http::Request
  http::BodySink sink{};
  std::size_t max_body_bytes = http::kMaxErrorBytes;
  // Statuses that are answers, beside 2xx: the caller reads them.
  std::vector<int> answers{};
  // As http::Exchange.
  std::function<Result<bool>()> has_happened{};
  // Headers of each attempt anew (where a reading goes on). Empty: none.
  std::function<http::Headers()> more_headers{};
};

// What a service is asked with.
struct AzureAccess {
  AzureAddress address;
  std::string account;
  http::RetryPolicy retry;
  http::SessionOptions session;
  sdk::Log log;
};

class AzureService {
 public:
  AzureService(AzureAccess access, AzureIdentity identity);
  AzureService(const AzureService&) = delete;
  AzureService& operator=(const AzureService&) = delete;

  [[nodiscard]] cloud::SessionPool& sessions() noexcept { return sessions_; }

  // The exchange for http::Exchanges. `call` is lent until it has ended. What it ends with is a
  // response of 2xx or one of `answers`, else an error as to_error() has it.
  [[nodiscard]] http::Exchange exchange(const sdk::Call& call, Ask ask);
  // One exchange from its beginning to its end.
  [[nodiscard]] Result<http::Response> ask(http::Session& session, const sdk::Call& call, Ask ask);

  [[nodiscard]] const http::RetryPolicy& retry() const noexcept { return access_.retry; }
  [[nodiscard]] const AzureAddress& address() const noexcept { return access_.address; }
  [[nodiscard]] const std::string& account() const noexcept { return access_.account; }
  // The service's clock, as far as it was told.
  [[nodiscard]] std::int64_t now_unix_s() const;

 private:
  struct Attempts;
  [[nodiscard]] Result<http::Request> make(const sdk::Call& call, const Ask& ask,
                                           Attempts& attempts);
  [[nodiscard]] http::Judgement judge(const Ask& ask, Attempts& attempts,
                                      const http::Answer& answer);
  [[nodiscard]] bool correct(Remedy remedy, Attempts& attempts, const http::Response& response);
  void note(const Ask& ask, const Attempts& attempts, const http::Answer& answer) const;
  [[nodiscard]] std::string named(const Ask& ask) const;

  const AzureAccess access_;
  Authorizer authorizer_;
  cloud::SessionPool sessions_;
  std::atomic<std::int64_t> clock_offset_s_{0};
};

}  // namespace cavra::azure
