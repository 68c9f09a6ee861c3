#include "s3_address.hpp"

#include <arpa/inet.h>

#include <array>
#include <utility>

#include "aws_partition.hpp"
#include "cavra/support/encoding.hpp"
#include "http/percent_encoding.hpp"

namespace cavra::s3 {

namespace {

bool is_ip_address(const std::string& host) {
  std::array<unsigned char, 16> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

Result<cloud::HttpUrl> parse_endpoint(std::string_view text) {
  // What does not parse may have a user's password in it.
  auto url = cloud::parse_http_url(text);
  if (!url || url->path != "/" || !url->query.empty())
    return Error{ErrorCode::usage, "the S3 endpoint is not like https://HOST or https://HOST:PORT"};
  if (url->is_tls || url->is_loopback()) return *std::move(url);
  return Error{ErrorCode::usage,
               "the S3 endpoint " + quoted(text) + " is plain http to another machine: use https"};
}

std::string_view arn_partition(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

}  // namespace

bool is_aws_host(std::string_view host) {
  if (host == "s3.amazonaws.com" || host.ends_with(".s3.amazonaws.com")) return true;
  // Not every name below amazonaws.com: machines that anybody rents have some, too.
  // The last: a bucket's name may have one in it.
  std::size_t service = host.rfind(".s3.");
  if (const std::size_t fips = host.rfind(".s3-fips.");
      fips != std::string_view::npos && (service == std::string_view::npos || fips > service))
    service = fips;
  std::string_view rest = host;
  if (service != std::string_view::npos)
    rest = host.substr(service + 1);
  else if (!host.starts_with("s3.") && !host.starts_with("s3-fips."))
    return false;
  rest.remove_prefix(rest.find('.') + 1);
  if (rest.starts_with("dualstack.")) rest.remove_prefix(10);
  const std::string_view region = rest.substr(0, rest.find('.'));
  if (!is_region_name(region)) return false;
  rest.remove_prefix(region.size());
  if (rest.starts_with(".vpce.")) rest.remove_prefix(5);
  return rest == "." + std::string(partition_of(region).suffix);
}

cloud::HttpUrl S3Address::aws_endpoint() const {
  cloud::HttpUrl url;
  url.is_tls = true;
  url.host = std::string(use_fips_ ? "s3-fips" : "s3") + (use_dualstack_ ? ".dualstack." : ".") +
             region_ + "." + std::string(partition_of(region_).suffix);
  url.authority = url.host;
  return url;
}

void S3Address::place() {
  endpoint_ = given_ ? *given_ : aws_endpoint();
  host_ = (is_virtual_ ? bucket_ + "." : "") + endpoint_.authority;
}

Result<S3Address> S3Address::make(const S3Settings& settings, const AwsSettings& aws) {
  S3Address address;
  address.bucket_ = settings.bucket;
  address.region_ = !settings.region.empty() ? settings.region : aws.region;
  if (address.region_.empty()) address.region_ = "us-east-1";
  if (!is_region_name(address.region_))
    return Error{ErrorCode::usage,
                 "the region " + quoted(address.region_) + " is not like \"eu-central-1\""};
  const std::string& url = !settings.endpoint.empty() ? settings.endpoint : aws.endpoints.s3;
  if (!url.empty()) {
    CAVRA_TRY(address.given_, parse_endpoint(url));
  }
  address.use_fips_ = aws.use_fips;
  address.use_dualstack_ = aws.use_dualstack;
  address.place();
  const std::string& style =
      !settings.addressing.empty() ? settings.addressing : aws.addressing_style;
  const cloud::HttpUrl& server = address.endpoint_;
  // Certificates have one level of names.
  const bool fits_host = !server.is_tls || address.bucket_.find('.') == std::string::npos;
  address.is_virtual_ =
      style == "virtual" ||
      (style != "path" && fits_host && server.host != "localhost" && !is_ip_address(server.host));
  address.place();
  return address;
}

bool S3Address::is_aws() const {
  return is_aws_host(endpoint_.host);
}

std::string S3Address::path(std::string_view key) const {
  std::string path = is_virtual_ ? "/" : "/" + bucket_;
  if (key.empty()) return path;
  if (!is_virtual_) path += '/';
  return path + http::encode_path(key);
}

std::string S3Address::url(std::string_view path, std::string_view query) const {
  std::string url = (is_plain() ? "http://" : "https://") + host_ + std::string(path);
  if (!query.empty()) url += "?" + std::string(query);
  return url;
}

std::string S3Address::location(std::string_view prefix) const {
  std::string location = "s3://" + bucket_;
  if (!prefix.empty()) location += "/" + std::string(prefix);
  if (!given_) return location + " (" + region_ + ")";
  return location + " at " + (is_plain() ? "http://" : "https://") + given_->authority;
}

std::string S3Address::identity() const {
  if (is_aws()) return "arn:" + std::string(arn_partition(region_)) + ":s3:::" + bucket_;
  return "s3://" + endpoint_.host + "/" + bucket_;
}

Result<S3Address> S3Address::in_region(std::string_view region) const {
  if (!is_region_name(region))
    return Error{ErrorCode::io,
                 "the service names " + quoted(region, 64) + " as the bucket's region: it is none"};
  S3Address moved = *this;
  moved.region_ = std::string(region);
  moved.place();
  return moved;
}

}  // namespace cavra::s3
