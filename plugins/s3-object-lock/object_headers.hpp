// The headers that make an object what it is: type, metadata, encryption, class, lock.
//
// The same for a put and for the beginning of an upload in parts. Pure: any thread.
#pragma once

#include <string>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "http/headers.hpp"
#include "s3_settings.hpp"

namespace cavra::s3 {

// Errors: usage (metadata that is no object of strings, or does not fit into headers).
[[nodiscard]] Result<http::Headers> object_headers(const S3Settings& settings,
                                                   const sdk::PutRequest& request);

}  // namespace cavra::s3
