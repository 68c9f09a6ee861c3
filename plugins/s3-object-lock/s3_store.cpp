#include "s3_store.hpp"

#include <utility>

#include "cavra/support/encoding.hpp"
#include "s3_session.hpp"
#include "store_info.hpp"

namespace cavra::s3 {

namespace {

constexpr unsigned kMaxAttempts = 8;

S3Access access_of(const S3Settings& settings, const AwsSettings& aws, S3Address address,
                   const sdk::Log& log) {
  http::SessionOptions session;
  session.ca_file = !settings.ca_file.empty() ? settings.ca_file : aws.ca_bundle;
  session.allows_plain = address.is_plain();
  session.takes_proxy = !address.is_loopback();
  session.connections = settings.sessions;
  return {.address = std::move(address),
          .expected_bucket_owner = settings.expected_bucket_owner,
          .retry = {.max_attempts = aws.max_attempts.value_or(kMaxAttempts)},
          .session = std::move(session),
          .log = log};
}

}  // namespace

S3Store::S3Store(S3Settings settings, AwsSettings aws, std::string_view state_folder)
    : settings_(std::move(settings)),
      aws_(std::move(aws)),
      put_state_(state_folder, settings_.sessions) {}

Result<std::unique_ptr<S3Store>> S3Store::open(const sdk::OpenRequest& request) {
  CAVRA_TRY(S3Settings settings, parse_settings(request.settings_json, request.base_folder));
  CAVRA_TRY(AwsSettings aws, load_aws_settings(settings.profile, cloud::process_environment()));
  CAVRA_TRY(S3Address address, S3Address::make(settings, aws));
  std::unique_ptr<S3Store> store(
      new S3Store(std::move(settings), std::move(aws), request.state_folder));
  store->info_ = describe_store(store->settings_, address);
  store->service_ = std::make_unique<S3Service>(
      access_of(store->settings_, store->aws_, std::move(address), request.log), store->aws_);
  return store;
}

Result<std::unique_ptr<S3Session>> S3Store::session() {
  CAVRA_TRY(auto session, service_->sessions().take());
  return std::make_unique<S3Session>(*this, std::move(session));
}

Result<void> S3Store::check_rule(http::Session& session, const sdk::Call& call,
                                 const sdk::Lock& lock) {
  if (settings_.lock_from != LockFrom::bucket || !lock.retain_until_unix_s) return {};
  const std::scoped_lock guard(mutex_);
  if (!rule_) {
    CAVRA_TRY(rule_, get_lock_configuration({*service_, session, call}));
  }
  const Error short_rule{ErrorCode::refused,
                         "the bucket's default rule would lock for too short: " +
                             (rule_->rule ? rule_->rule->text() : "it has none") +
                             "; have it made longer, or set \"lock\": \"explicit\""};
  if (!rule_->rule || rule_->rule->mode < lock.mode) return short_rule;
  const bool is_enough =
      service_->now_unix_s() + rule_->rule->seconds() >= *lock.retain_until_unix_s;
  return is_enough ? Result<void>{} : short_rule;
}

}  // namespace cavra::s3
