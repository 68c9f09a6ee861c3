#include "checksum.hpp"

#include "cavra/support/encoding.hpp"

namespace cavra::azure {

http::Wanted wanted(Checksum checksum) {
  return {.md5 = checksum == Checksum::md5, .crc64 = checksum == Checksum::crc64};
}

void add_checksum(Checksum checksum, const http::PartDigests::Result& digests,
                  http::Headers& headers) {
  if (checksum == Checksum::md5)
    headers.add("content-md5", to_base64(digests.md5));
  else
    headers.add("x-ms-content-crc64", to_base64(digests.crc64));
}

std::string checksum_digits(Checksum checksum, const http::PartDigests::Result& digests) {
  return checksum == Checksum::md5 ? to_hex(digests.md5) : to_hex(digests.crc64);
}

}  // namespace cavra::azure
