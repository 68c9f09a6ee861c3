// Where a bucket is: the URL, the host and the path of what is asked for there.
//
// A value. https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws_settings.hpp"
#include "cavra/support/result.hpp"
#include "cloud/http_url.hpp"
#include "s3_settings.hpp"

namespace cavra::s3 {

class S3Address {
 public:
  // Settings first, then what AWS's own configuration says, then AWS in us-east-1. Errors: usage
  // (no endpoint, a host name that none can be, http:// to another machine).
  [[nodiscard]] static Result<S3Address> make(const S3Settings& settings, const AwsSettings& aws);

  [[nodiscard]] const std::string& region() const noexcept { return region_; }
  // As "127.0.0.1:8000": what goes into the header.
  [[nodiscard]] const std::string& host() const noexcept { return host_; }
  [[nodiscard]] bool is_plain() const noexcept { return !endpoint_.is_tls; }
  [[nodiscard]] bool is_loopback() const { return endpoint_.is_loopback(); }
  // Whether Amazon serves it: some facts hold there alone.
  [[nodiscard]] bool is_aws() const;
  // Encoded once. An empty key: the bucket.
  [[nodiscard]] std::string path(std::string_view key) const;
  // `query` as it is signed, or empty.
  [[nodiscard]] std::string url(std::string_view path, std::string_view query) const;
  // For people and receipts: "s3://bucket/prefix", elsewhere than at AWS with the endpoint.
  [[nodiscard]] std::string location(std::string_view prefix) const;
  // The same for one bucket for ever: the ARN; elsewhere "s3://host/bucket".
  [[nodiscard]] std::string identity() const;

  // The same bucket in the region that the service names for it. Where the endpoint was given, only
  // what is signed changes. Errors: io (text that no region can be).
  [[nodiscard]] Result<S3Address> in_region(std::string_view region) const;

 private:
  S3Address() = default;
  [[nodiscard]] cloud::HttpUrl aws_endpoint() const;
  void place();

  std::string bucket_;
  std::string region_;
  std::optional<cloud::HttpUrl> given_;  // none: AWS's own
  bool use_fips_ = false;
  bool use_dualstack_ = false;
  bool is_virtual_ = false;  // the bucket is in the host's name
  cloud::HttpUrl endpoint_;  // the one that counts
  std::string host_;
};

// Whether Amazon serves this host, in S3's name.
[[nodiscard]] bool is_aws_host(std::string_view host);

}  // namespace cavra::s3
