// S3Service asks one bucket: it addresses, signs, and judges what comes back, for all sessions of
// one opening.
//
// What an answer corrects (the clock, the region, credentials that ran out) is kept here, so that
// not every request learns it anew. Any thread; an http::Session belongs to one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/session_pool.hpp"
#include "credential_provider.hpp"
#include "http/exchange.hpp"
#include "http/session.hpp"
#include "s3_address.hpp"
#include "s3_settings.hpp"
#include "service_error.hpp"
#include "sigv4.hpp"

namespace cavra::s3 {

// SHA-256 of nothing, in hex.
extern const std::string_view kEmptySha256;

// What is asked for in one exchange.
struct Ask {
  std::string_view doing;   // for messages: "put", "ask for the lock of"
  std::string_view action;  // the IAM action that it needs
  std::string method;
  std::string key;  // empty: of the bucket
  QueryParameters query{};
  http::Headers headers{};
  http::RequestBody* body = nullptr;  // lent
  std::string payload_sha256 = std::string(kEmptySha256);
  std::function<Result<void>(const http::Response& head)> accept{};  // as http::Request
  http::BodySink sink{};
  std::size_t max_body_bytes = http::kMaxErrorBytes;
  // Statuses that are answers, beside 2xx: the caller reads them.
  std::vector<int> answers{};
  // Whether a 2xx is one after all: Complete may carry an error. Empty: it is.
  std::function<bool(const http::Response&)> is_done{};
  // As http::Exchange.
  std::function<Result<bool>()> has_happened{};
  // Headers of each attempt anew (where a reading goes on). Empty: none.
  std::function<http::Headers()> more_headers{};
};

// What a service is asked with.
struct S3Access {
  S3Address address;
  std::string expected_bucket_owner;
  http::RetryPolicy retry;
  http::SessionOptions session;
  sdk::Log log;
};

class S3Service {
 public:
  S3Service(S3Access access, const AwsSettings& aws);
  S3Service(const S3Service&) = delete;
  S3Service& operator=(const S3Service&) = delete;

  [[nodiscard]] cloud::SessionPool& sessions() noexcept { return sessions_; }

  // The exchange for http::Exchanges. `call` is lent until it has ended. What it ends with is a
  // response of 2xx or one of `answers`, else an error as to_error() has it.
  [[nodiscard]] http::Exchange exchange(const sdk::Call& call, Ask ask);
  // One exchange from its beginning to its end.
  [[nodiscard]] Result<http::Response> ask(http::Session& session, const sdk::Call& call, Ask ask);

  [[nodiscard]] const http::RetryPolicy& retry() const noexcept { return access_.retry; }
  [[nodiscard]] S3Address address() const;
  // The service's clock, as far as it was told.
  [[nodiscard]] std::int64_t now_unix_s() const;

 private:
  struct Attempts;
  [[nodiscard]] Result<http::Request> make(const sdk::Call& call, const Ask& ask,
                                           Attempts& attempts);
  [[nodiscard]] http::Judgement judge(const Ask& ask, Attempts& attempts,
                                      const http::Answer& answer);
  [[nodiscard]] http::Judgement judge_error(const Ask& ask, Attempts& attempts,
                                            const http::Response& response);
  [[nodiscard]] bool correct(Remedy remedy, Attempts& attempts, const ServiceError& error,
                             const http::Response& response);
  [[nodiscard]] bool correct_clock(const http::Response& response);
  [[nodiscard]] bool correct_region(std::string_view region);
  void note(const Ask& ask, const Attempts& attempts, const http::Answer& answer) const;
  [[nodiscard]] std::string named(const Ask& ask) const;

  const S3Access access_;
  const std::unique_ptr<CredentialProvider> credentials_;
  cloud::SessionPool sessions_;
  std::atomic<std::int64_t> clock_offset_s_{0};
  mutable std::mutex mutex_;
  S3Address address_;
};

}  // namespace cavra::s3
