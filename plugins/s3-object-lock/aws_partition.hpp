// AWS's partitions: which domain a region's services are in.
#pragma once

#include <string_view>

namespace cavra::s3 {

struct AwsPartition {
  std::string_view region_prefix;
  std::string_view suffix;            // "amazonaws.com"
  std::string_view dualstack_suffix;  // "api.aws", of all services but S3
};

// By the region's prefix, as botocore's partitions.json; a region of no other one is in "aws".
[[nodiscard]] const AwsPartition& partition_of(std::string_view region);

// Whether it can be a part of a host's name: no region of AWS has other than a-z, 0-9 and '-'.
[[nodiscard]] bool is_region_name(std::string_view region);

}  // namespace cavra::s3
