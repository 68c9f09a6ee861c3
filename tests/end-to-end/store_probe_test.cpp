// store probe: what a store says of itself, and whether its lock holds when it is tried.
#include <doctest/doctest.h>

#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("later-acts");

namespace {

const Words kTest{"store", "probe", "local", "--destructive-test"};

Words with_yes() {
  Words words = kTest;
  words.emplace_back("--yes");
  return words;
}

}  // namespace

TEST_CASE("a probe tells what is there, and leaves nothing behind") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  const auto probed = work.result({"store", "probe", "local"});
  CHECK(at(probed, "/ready") == cavra::JsonValue(true));
  CHECK(at(probed, "/lock_test") == cavra::JsonValue());
  CHECK_FALSE(fs::exists(work / ".cavra/worm"));
  CHECK(contains(work.done({"store", "probe", "local"}).out, "can be put here: nothing missing"));
  const Outcome without = work.cavra({"store", "probe", "local"}, {.drops_immutable = true});
  CHECK(without.exit == 4);
  CHECK(contains(without.out, "CAP_LINUX_IMMUTABLE"));
}

TEST_CASE("the kernel's lock holds against each attempt, and one object stays") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.refuses(kTest, 4, {"nobody to ask"});
  CHECK_FALSE(fs::exists(work / ".cavra/worm"));

  const auto tested = work.result(with_yes());
  for (const std::string index : {"0", "1", "2", "3"})
    CHECK(text_at(tested, "/lock_test/attempts/" + index + "/verdict") == "held");
  CHECK(at(tested, "/lock_test/findings").if_array()->empty());
  CHECK(at(tested, "/lock_test/is_as_put") == cavra::JsonValue(true));
  const std::string key = text_at(tested, "/lock_test/key");
  CHECK(key.starts_with("cavra-probe/"));
  CHECK(fs::exists(work / (".cavra/worm/" + key)));
  // It is no archive, and no stranger.
  const Outcome listed = work.done({"evidence", "list", "--store", "local"});
  CHECK(contains(listed.err, "left by `store probe --destructive-test`"));
  const Outcome text = work.done(with_yes());
  CHECK(contains(text.out, "held against delete, overwrite, shorten, clear"));
  CHECK(contains(text.err, "60 s"));
}

TEST_CASE("a store that locks nothing is found out") {
  const Workspace work;
  work.init_advisory();
  const Outcome tested = work.cavra(with_yes());
  CHECK(tested.exit == 1);
  CHECK(contains(tested.out, "DOES NOT HOLD against"));
  const Outcome json =
      work.cavra({"store", "probe", "local", "--destructive-test", "--yes", "--json"});
  CHECK(json.exit == 1);
}

TEST_CASE("what a probe refuses") {
  const Workspace work;
  work.init();
  work.refuses({"store", "probe", "other"}, 2, {"other"});
  work.refuses({"store", "probe", "local", "--yes"}, 2, {"--destructive-test"});
}

TEST_SUITE_END();
