#include "cavra/probe.hpp"

#include <doctest/doctest.h>

#include "archive/archive_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

using Verdict = ProbeItem::Verdict;

const std::vector<ProbeItem> kItems{{Verdict::ok, "reading", "can read"},
                                    {Verdict::excess, "lifting", "may lift", 86400},
                                    {Verdict::unknown, "clock", "who knows"},
                                    {Verdict::note, "space", "some", 3600}};

}  // namespace

TEST_CASE("a store that lacks nothing may take an archive, whatever else its probe says") {
  CHECK(check_probe({}, "vault"));
  CHECK(check_probe(kItems, "vault"));
  CHECK(count_of(kItems, Verdict::excess) == 1);
  CHECK(count_of(kItems, Verdict::missing) == 0);
}

TEST_CASE("all that is missing is told together, and refuses") {
  auto items = kItems;
  items.push_back({Verdict::missing, "flags", "no +i here"});
  items.push_back({Verdict::missing, "room", "none"});
  const auto checked = check_probe(items, "vault");
  REQUIRE_FALSE(checked);
  CHECK((checked.error().code == ErrorCode::refused));
  CHECK(checked.error().message ==
        "the store \"vault\" cannot hold an archive: flags: no +i here; room: none");
}

TEST_CASE("an archive refuses at the items at which check_probe refuses") {
  for (const Verdict verdict :
       {Verdict::ok, Verdict::missing, Verdict::excess, Verdict::unknown, Verdict::note}) {
    CAPTURE(to_string(verdict));
    FakeStore store;
    FakeBackend backend(store);
    store.probe_items = {{verdict, "thing", "words"}};
    const auto items = ask_probe(backend, {});
    REQUIRE(items);
    const bool may_begin = check_probe(*items, "fake").has_value();
    CHECK(may_begin == (verdict != Verdict::missing));
    CHECK(probe_store(backend, "fake", {}).has_value() == may_begin);
  }
}

TEST_CASE("the longest of the store's own rules counts") {
  CHECK(least_retention_s({}) == 0);
  CHECK(least_retention_s(kItems) == 86400);
}

TEST_CASE("a store that cannot be asked is an error, and not ready") {
  FakeStore store;
  FakeBackend backend(store);
  backend.session_error = Error{ErrorCode::unavailable, "away", true};
  const auto items = ask_probe(backend, {});
  REQUIRE_FALSE(items);
  CHECK((items.error().code == ErrorCode::unavailable));
}
