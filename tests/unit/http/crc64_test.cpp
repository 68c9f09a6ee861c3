#include "http/crc64.hpp"

#include <doctest/doctest.h>

#include <string>

#include "cavra/support/encoding.hpp"

namespace cavra::http {
namespace {

std::string crc64(std::string_view text) {
  Crc64 crc;
  crc.update(as_bytes(text));
  return to_base64(crc.digest());
}

TEST_CASE("CRC-64/NVME has the check value of the catalogue") {
  CHECK(crc64("123456789") == "iJh5CoYUi64=");
  CHECK(crc64("") == "AAAAAAAAAAA=");
}

TEST_CASE("pieces of any length are the same as all at once") {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += static_cast<char>(i * 37);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    Crc64 crc;
    crc.update(as_bytes(std::string_view(text).substr(0, first)));
    crc.update(as_bytes(std::string_view(text).substr(first)));
    CHECK(to_base64(crc.digest()) == crc64(text));
  }
}

TEST_CASE("each byte counts, and its place") {
  CHECK(crc64("ab") != crc64("ba"));
  CHECK(crc64(std::string(16, '\0')) != crc64(std::string(17, '\0')));
}

}  // namespace
}  // namespace cavra::http
