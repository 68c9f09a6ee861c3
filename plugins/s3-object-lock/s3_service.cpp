#include "s3_service.hpp"

#include <utility>

#include "fetch_credentials.hpp"
#include "sigv4.hpp"

namespace cavra::s3 {

namespace {

constexpr std::string_view kSigningName = "s3";
// SHA-256 of nothing, in hex.
constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

}  // namespace

struct S3Service::S3Attempts final : Attempts {
  CredentialProvider::Given credentials;
};

S3Service::S3Service(const S3Access& access, const AwsSettings& aws)
    : Service(access.retry, access.session, access.log, "x-amz-version-id"),
      expected_bucket_owner_(access.expected_bucket_owner),
      credentials_(make_credential_provider(aws, false, [this] { return now_unix_s(); })),
      address_(access.address) {}

std::unique_ptr<cloud::Service::Attempts> S3Service::first_attempt() const {
  return std::make_unique<S3Attempts>();
}

S3Address S3Service::address() const {
  const std::scoped_lock lock(mutex_);
  return address_;
}

std::string S3Service::place() const {
  return address().location("");
}

Result<http::Request> S3Service::make(const sdk::Call& call, const Ask& ask, Attempts& attempts) {
  auto& own = static_cast<S3Attempts&>(attempts);
  CAVRA_TRY(own.credentials, credentials_->get(call));
  const S3Address address = this->address();
  UnsignedRequest request{.method = ask.method,
                          .path = address.path(ask.key),
                          .query = ask.query,
                          .headers = ask.headers,
                          .payload_sha256 = ask.payload_sha256.empty() ? std::string(kEmptySha256)
                                                                       : ask.payload_sha256};
  request.headers.set("host", address.host());
  if (!expected_bucket_owner_.empty())
    request.headers.set("x-amz-expected-bucket-owner", expected_bucket_owner_);
  if (ask.more_headers) {
    const http::Headers more = ask.more_headers();
    for (const http::Header& header : more.all())
      request.headers.set(header.name, header.value);
  }
  attempts.url = address.url(request.path, canonical_query(ask.query));
  const SigningScope scope{address.region(), std::string(kSigningName)};
  http::Request made;
  made.url = attempts.url;
  made.headers =
      signed_headers(request, signing_credentials(*own.credentials), scope, now_unix_s());
  return made;
}

cloud::Refusal S3Service::refusal(const http::Response& response, std::string_view doing,
                                  std::string_view action) const {
  const ServiceError said = service_error(response);
  return {to_error(said, doing, action), remedy_of(said)};
}

std::string S3Service::refusal_text(const http::Response& response) const {
  return service_error(response).text();
}

bool S3Service::correct(Remedy remedy, Attempts& attempts, const http::Response& response) {
  if (remedy == Remedy::new_credentials) {
    credentials_->forget(static_cast<S3Attempts&>(attempts).credentials);
    return true;
  }
  const std::scoped_lock lock(mutex_);
  auto moved = address_.in_region(service_error(response).region);
  if (!moved) return false;
  address_ = *std::move(moved);
  return true;
}

}  // namespace cavra::s3
