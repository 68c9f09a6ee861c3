// What an S3 store is, from its settings alone.
#pragma once

#include "cavra/plugin_types.hpp"
#include "s3_address.hpp"
#include "s3_settings.hpp"

namespace cavra::s3 {

[[nodiscard]] sdk::StoreInfo describe_store(const S3Settings& settings, const S3Address& address);

}  // namespace cavra::s3
