#include "aws_partition.hpp"

#include <algorithm>
#include <array>

namespace cavra::s3 {
namespace {

constexpr std::array kPartitions{
    AwsPartition{"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    AwsPartition{"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    AwsPartition{"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    AwsPartition{"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    AwsPartition{"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    AwsPartition{"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    AwsPartition{"", "amazonaws.com", "api.aws"},
};

}  // namespace

const AwsPartition& partition_of(std::string_view region) {
  return *std::ranges::find_if(kPartitions, [region](const AwsPartition& partition) {
    return region.starts_with(partition.region_prefix);
  });
}

bool is_region_name(std::string_view region) {
  constexpr std::size_t kMaxBytes = 63;  // of a part of a host's name
  return !region.empty() && region.size() <= kMaxBytes && region.front() != '-' &&
         region.back() != '-' && std::ranges::all_of(region, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace cavra::s3
