#include "cavra/support/secret.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <type_traits>

#include "cavra/support/encoding.hpp"
#include "support/watched_memory.hpp"

namespace cavra {
namespace {

constexpr std::string_view kWord = "correct horse battery staple";

Secret make_secret() {
  return Secret(as_bytes(kWord));
}

void watch(const Secret& secret) {
  testing::watch_block(secret.expose().data(), secret.size());
}

TEST_CASE("a Secret lends its bytes") {
  Secret secret = make_secret();
  CHECK(as_text(secret.expose()) == kWord);
  CHECK(secret.size() == kWord.size());
  CHECK_FALSE(secret.empty());

  Secret room(4);
  CHECK(room.size() == 4);
  std::ranges::copy(as_bytes("seed"), room.expose_for_writing().begin());
  CHECK(as_text(room.expose()) == "seed");

  CHECK(Secret().empty());
  CHECK(Secret(std::size_t{0}).empty());
}

TEST_CASE("a Secret prints as [redacted]") {
  std::ostringstream out;
  out << make_secret() << Secret();
  CHECK(out.str() == "[redacted][redacted]");
}

TEST_CASE("a Secret is moved, not copied, and leaves nothing behind") {
  static_assert(!std::is_copy_constructible_v<Secret>);
  static_assert(!std::is_copy_assignable_v<Secret>);
  static_assert(std::is_nothrow_move_constructible_v<Secret>);

  Secret first = make_secret();
  const auto* const block = first.expose().data();
  Secret second = std::move(first);
  CHECK(first.empty());
  CHECK(second.expose().data() == block);  // the one block changed hands: nothing was copied
  CHECK(as_text(second.expose()) == kWord);

  Secret third;
  third = std::move(second);
  CHECK(second.empty());
  CHECK(third.expose().data() == block);

  Secret& same = third;
  third = std::move(same);
  CHECK(as_text(third.expose()) == kWord);
}

TEST_CASE("the watch sees a block that is not wiped") {
  {
    const std::vector<std::byte> plain(as_bytes(kWord).begin(), as_bytes(kWord).end());
    testing::watch_block(plain.data(), plain.size());
    CHECK(testing::watched_block_was_wiped() == std::nullopt);
  }
  CHECK(testing::watched_block_was_wiped() == false);
}

TEST_CASE("a Secret wipes its bytes before it gives them back") {
  {
    const Secret secret = make_secret();
    watch(secret);
  }
  CHECK(testing::watched_block_was_wiped() == true);
}

TEST_CASE("a Secret wipes what it had before it takes another's bytes") {
  Secret secret = make_secret();
  watch(secret);
  secret = Secret(as_bytes("another"));
  CHECK(testing::watched_block_was_wiped() == true);
  CHECK(as_text(secret.expose()) == "another");
}

}  // namespace
}  // namespace cavra
