#include "s3-object-lock/lock_wire.hpp"

#include <doctest/doctest.h>

#include "cloud/lock.hpp"

using namespace cavra;
using namespace cavra::s3;

namespace {

sdk::Lock lock_until(std::int64_t unix_s, sdk::LockMode mode = sdk::LockMode::compliance) {
  sdk::Lock lock;
  lock.mode = mode;
  lock.retain_until_unix_s = unix_s;
  return lock;
}

}  // namespace

TEST_CASE("a lock goes into a put's headers: mode and date together, the hold alone") {
  sdk::Lock lock = lock_until(1900000000);
  lock.legal_hold = true;
  const http::Headers headers = lock_headers(lock);
  CHECK(headers.get("x-amz-object-lock-mode") == "COMPLIANCE");
  CHECK(headers.get("x-amz-object-lock-retain-until-date") == "2030-03-17T17:46:40Z");
  CHECK(headers.get("x-amz-object-lock-legal-hold") == "ON");
  CHECK(lock_headers({}).all().empty());
  CHECK(lock_headers(lock_until(1, sdk::LockMode::governance)).get("x-amz-object-lock-mode") ==
        "GOVERNANCE");
}

TEST_CASE("what an answer does not show is not called absent") {
  const auto nothing = shown_lock({});
  REQUIRE(nothing);
  CHECK_FALSE(nothing->retention);
  CHECK_FALSE(nothing->legal_hold);
  const auto all =
      shown_lock({{"X-Amz-Object-Lock-Mode", "GOVERNANCE"},
                  {"x-amz-object-lock-retain-until-date", "2030-03-17T17:46:40.999999999Z"},
                  {"x-amz-object-lock-legal-hold", "OFF"}});
  REQUIRE(all);
  CHECK(*all->retention == lock_until(1900000000, sdk::LockMode::governance));
  CHECK(*all->legal_hold == false);
}

TEST_CASE("a mode, date or hold that is none is an error") {
  for (const http::Headers& headers :
       {http::Headers{{"x-amz-object-lock-mode", "compliance"},
                      {"x-amz-object-lock-retain-until-date", "2030-03-17T17:46:40Z"}},
        http::Headers{{"x-amz-object-lock-mode", "COMPLIANCE"},
                      {"x-amz-object-lock-retain-until-date", "tomorrow"}},
        http::Headers{{"x-amz-object-lock-legal-hold", "on"}}}) {
    const auto shown = shown_lock(headers);
    REQUIRE_FALSE(shown);
    CHECK(shown.error().code == ErrorCode::unproven);
  }
  for (const char* text : {"", "2030-03-17", "2030-03-17T17:46:40", "2030-03-17T17:46:40.Z.Z"})
    CHECK_FALSE(parse_date(text));
}

TEST_CASE("decimals of any number are cut") {
  for (const char* text :
       {"2030-03-17T17:46:40Z", "2030-03-17T17:46:40.000Z", "2030-03-17T17:46:40.000000000Z",
        "2030-03-17T17:46:40.9999999999999Z"}) {
    const auto date = parse_date(text);
    REQUIRE(date);
    CHECK(*date == 1900000000);
  }
}

TEST_CASE("documents of retention and hold read what they write") {
  const auto retention = parse_retention(retention_document(lock_until(1900000000)));
  REQUIRE(retention);
  CHECK(*retention == lock_until(1900000000));
  CHECK(retention_document(std::nullopt) ==
        "<Retention xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></Retention>");
  for (const bool is_on : {true, false}) {
    const auto hold = parse_legal_hold(legal_hold_document(is_on));
    REQUIRE(hold);
    CHECK(*hold == is_on);
  }
  CHECK_FALSE(parse_retention("<LegalHold><Status>ON</Status></LegalHold>"));
  CHECK_FALSE(parse_retention("<Retention></Retention>"));
  CHECK_FALSE(parse_legal_hold("<Retention/>"));
  CHECK_FALSE(parse_legal_hold("<LegalHold/>"));
}

TEST_CASE("sufficient is at least as strong, as long, and held") {
  const sdk::Lock wanted = lock_until(100, sdk::LockMode::governance);
  CHECK(cloud::is_sufficient(lock_until(100), wanted));
  CHECK(cloud::is_sufficient(lock_until(101, sdk::LockMode::governance), wanted));
  CHECK_FALSE(cloud::is_sufficient(lock_until(99), wanted));
  CHECK_FALSE(cloud::is_sufficient(wanted, lock_until(100)));
  CHECK_FALSE(cloud::is_sufficient({}, wanted));
  sdk::Lock held = wanted;
  held.legal_hold = true;
  CHECK_FALSE(cloud::is_sufficient(wanted, held));
  CHECK(cloud::is_sufficient(held, wanted));
  CHECK(describe(held) == "GOVERNANCE until 1970-01-01T00:01:40Z, legal hold");
  CHECK(describe({}) == "no lock");
}
