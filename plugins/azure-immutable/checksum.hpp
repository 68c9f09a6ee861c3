// What the service checks each request's bytes by: against accidents on the way, no proof.
//
// Free functions: any thread.
// https://learn.microsoft.com/rest/api/storageservices/put-block#request-headers
#pragma once

#include <string>

#include "azure_settings.hpp"
#include "http/digest.hpp"
#include "http/message.hpp"

namespace cavra::azure {

[[nodiscard]] http::Wanted wanted(Checksum checksum);
// Content-MD5 or x-ms-content-crc64.
void add_checksum(Checksum checksum, const http::PartDigests::Result& digests,
                  http::Headers& headers);
// In hex; all of one length.
[[nodiscard]] std::string checksum_digits(Checksum checksum,
                                          const http::PartDigests::Result& digests);

}  // namespace cavra::azure
