#include "s3_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "aws_partition.hpp"
#include "cavra/support/encoding.hpp"
#include "http/headers.hpp"
#include "http/percent_encoding.hpp"

namespace cavra::s3 {

namespace {

bool is_any_of(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

std::string_view without_port(std::string_view host) {
  return host.substr(0, host.rfind(':'));
}

bool is_ip_address(std::string_view host) {
  in_addr parsed{};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &parsed) == 1;
}

bool is_loopback_host(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") ||
         (is_ip_address(host) && host.starts_with("127."));
}

struct Endpoint {
  std::string scheme;
  std::string host;  // with the port, where it is not the scheme's own
};

// "https://host[:port][/]", as no more can be meant: a path would have to be signed, and a user's
// name is a secret.
Result<Endpoint> parse_endpoint(std::string_view url) {
  const Error wrong{ErrorCode::usage,
                    "the S3 endpoint is not like https://HOST or https://HOST:PORT"};
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return wrong;
  Endpoint endpoint{http::lower_case(url.substr(0, colon)),
                    http::lower_case(url.substr(colon + 3))};
  if (endpoint.scheme != "https" && endpoint.scheme != "http") return wrong;
  if (endpoint.host.ends_with('/')) endpoint.host.pop_back();
  const std::size_t port = endpoint.host.rfind(':');
  const std::string_view name = without_port(endpoint.host);
  constexpr std::string_view kDigits = "0123456789";
  if (name.empty() || !is_any_of(name, "abcdefghijklmnopqrstuvwxyz0123456789._-")) return wrong;
  if (port != std::string::npos) {
    const std::string_view digits = std::string_view(endpoint.host).substr(port + 1);
    if (digits.empty() || digits.size() > 5 || !is_any_of(digits, kDigits)) return wrong;
    if (digits == (endpoint.scheme == "https" ? "443" : "80")) endpoint.host.resize(port);
  }
  if (endpoint.scheme == "http" && !is_loopback_host(without_port(endpoint.host)))
    return Error{ErrorCode::usage,
                 "the S3 endpoint " + quoted(url) + " is plain http to another machine: use https"};
  return endpoint;
}

// Certificates have one level of names.
bool fits_host_name(std::string_view bucket, bool is_plain) {
  return is_plain || bucket.find('.') == std::string_view::npos;
}

std::string_view arn_partition(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

}  // namespace

bool is_aws_host(std::string_view host) {
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

std::string S3Address::aws_host() const {
  const std::string service =
      std::string(use_fips_ ? "s3-fips" : "s3") + (use_dualstack_ ? ".dualstack." : ".");
  return service + region_ + "." + std::string(partition_of(region_).suffix);
}

std::string S3Address::server() const {
  return endpoint_.empty() ? aws_host() : std::string(without_port(endpoint_));
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
    CAVRA_TRY(Endpoint endpoint, parse_endpoint(url));
    address.scheme_ = std::move(endpoint.scheme);
    address.endpoint_ = std::move(endpoint.host);
  }
  address.use_fips_ = aws.use_fips;
  address.use_dualstack_ = aws.use_dualstack;
  const std::string& style =
      !settings.addressing.empty() ? settings.addressing : aws.addressing_style;
  const bool is_host = style == "virtual" || (style != "path" && !is_ip_address(address.server()) &&
                                              address.server() != "localhost" &&
                                              fits_host_name(address.bucket_, address.is_plain()));
  address.addressing_ = is_host ? "virtual" : "path";
  address.place();
  return address;
}

void S3Address::place() {
  const std::string server = endpoint_.empty() ? aws_host() : endpoint_;
  host_ = addressing_ == "virtual" ? bucket_ + "." + server : server;
}

bool S3Address::is_loopback() const noexcept {
  return is_loopback_host(without_port(host_));
}

bool S3Address::is_aws() const noexcept {
  return is_aws_host(without_port(host_));
}

std::string S3Address::path(std::string_view key) const {
  std::string path = addressing_ == "virtual" ? "/" : "/" + bucket_;
  if (key.empty()) return path;
  if (addressing_ != "virtual") path += '/';
  return path + http::encode_path(key);
}

std::string S3Address::url(std::string_view path, std::string_view query) const {
  std::string url = scheme_ + "://" + host_ + std::string(path);
  if (!query.empty()) url += "?" + std::string(query);
  return url;
}

std::string S3Address::location(std::string_view prefix) const {
  std::string location = "s3://" + bucket_;
  if (!prefix.empty()) location += "/" + std::string(prefix);
  if (endpoint_.empty()) return location + " (" + region_ + ")";
  return location + " at " + scheme_ + "://" + endpoint_;
}

std::string S3Address::identity() const {
  if (is_aws()) return "arn:" + std::string(arn_partition(region_)) + ":s3:::" + bucket_;
  return "s3://" + server() + "/" + bucket_;
}

Result<S3Address> S3Address::in_region(std::string_view region) const {
  if (!is_region_name(region))
    return Error{ErrorCode::io,
                 "the service names " + quoted(region, 64) + " as the bucket's region: it is none"};
  S3Address moved = *this;
  moved.region_ = std::string(region);
  if (moved.endpoint_.empty()) moved.place();
  return moved;
}

}  // namespace cavra::s3
