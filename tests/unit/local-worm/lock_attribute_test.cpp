#include "lock_attribute.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cavra::local_worm;

namespace {

const std::string kHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

LockAttribute sample() {
  LockAttribute attribute{.retain_until_unix_s = 2000000000, .size = 4096, .sha256 = {}};
  for (std::size_t i = 0; i < 32; ++i)
    attribute.sha256[i] = static_cast<std::byte>(i);
  return attribute;
}

}  // namespace

TEST_CASE("a lock attribute is one line of text and comes back from it") {
  const std::string text = "v1 retain_until=2033-05-18T03:33:20Z size=4096 sha256=" + kHex;
  CHECK(format_lock_attribute(sample()) == text);
  CHECK(parse_lock_attribute(text) == sample());
  LockAttribute undated = sample();
  undated.retain_until_unix_s.reset();
  undated.size = UINT64_MAX;
  CHECK(format_lock_attribute(undated) ==
        "v1 retain_until=- size=18446744073709551615 sha256=" + kHex);
  CHECK(parse_lock_attribute(format_lock_attribute(undated)) == undated);
  CHECK(format_lock_attribute(undated).size() <= kMaxLockAttributeBytes);
}

TEST_CASE("what is not exactly a lock attribute is not read as one") {
  const std::string good = format_lock_attribute(sample());
  const std::vector<std::string> texts{
      std::string(""),
      std::string("v1"),
      std::string("v1 "),
      "v2" + good.substr(2),
      good + " ",
      good + "\n",
      " " + good,
      good.substr(0, good.size() - 1),
      good + "0",
      "v1 retain_until=2033-05-18T03:33:20+00:00 size=4096 sha256=" + kHex,
      "v1 retain_until=2033-05-18T03:33:20.0Z size=4096 sha256=" + kHex,
      "v1 retain_until=2033-05-18 size=4096 sha256=" + kHex,
      "v1 retain_until= size=4096 sha256=" + kHex,
      "v1 retain_until=- size=04096 sha256=" + kHex,
      "v1 retain_until=- size=+1 sha256=" + kHex,
      "v1 retain_until=- size=-1 sha256=" + kHex,
      "v1 retain_until=- size= sha256=" + kHex,
      "v1 retain_until=- size=18446744073709551616 sha256=" + kHex,
      "v1 size=1 retain_until=- sha256=" + kHex,
      "v1 retain_until=- size=1 sha256=00",
      "v1 retain_until=- size=1 sha256=" + std::string(64, 'A'),
      std::string(5000, 'v'),
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK_FALSE(parse_lock_attribute(text));
  }
}
