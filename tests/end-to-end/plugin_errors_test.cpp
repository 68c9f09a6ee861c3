// Plugins that end the process, cannot be loaded, or tell of what they do: what the program says,
// and its exit status.
#include <doctest/doctest.h>

#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("errors");

namespace {

fs::path test_plugin(const std::string& name) {
  return fs::path(CAVRA_BINARY_DIR) / "tests/plugins" / ("cavra-test-" + name + ".so");
}

// A store "bad" of that plugin, beside the one that is there.
void add_store(const Workspace& work, const fs::path& plugin) {
  const std::string digest = work.shell("sha256sum < '" + plugin.native() + "'").out.substr(0, 64);
  work.replace_in(".cavra/config.json", "\"stores\": {",
                  "\"stores\": { \"bad\": {\"plugin\": {\"path\": \"" + plugin.native() +
                      "\", \"sha256\": \"" + digest + "\"}},");
}

}  // namespace

TEST_CASE("a plugin that calls exit(0) does not make the program succeed") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const std::string text = "a plugin, or a library of one, ended the program before `cavra ";
  SUBCASE("when it is loaded") {
    work.refuses({"plugin", "check", test_plugin("exits_when_loaded")}, 3,
                 {text + "plugin check`"});
    add_store(work, test_plugin("exits_when_loaded"));
    work.refuses({"archive", kBundle, "--store", "bad", "--yes"}, 3, {text + "archive`"});
  }
  SUBCASE("when a store is opened") {
    add_store(work, test_plugin("exits_in_open"));
    work.refuses({"archive", kBundle, "--store", "bad", "--yes"}, 3, {text + "archive`"});
    work.refuses({"store", "describe", "bad"}, 3, {text + "store describe`"});
  }
  SUBCASE("when the program ends") {
    CHECK(work.cavra({"plugin", "check", test_plugin("exits_at_exit")}).exit == 0);
    add_store(work, test_plugin("exits_at_exit"));
    CHECK(work.cavra({"archive", kBundle, "--store", "bad", "--yes"}).exit != 0);
  }
  CHECK(work.receipts().empty());
}

TEST_CASE("what a plugin tells is heard with --debug alone, on standard error") {
  const Workspace work;
  work.init_advisory();
  add_store(work, test_plugin("memory"));
  const std::string line = "debug: bad: opens memory\n";
  const Words describe{"store", "describe", "bad"};
  const Outcome plain = work.done(describe);
  CHECK_FALSE(contains(plain.err, "debug:"));
  for (const Words& words : {Words{"--debug", "store", "describe", "bad"},
                             Words{"store", "describe", "bad", "--debug", "--quiet"}}) {
    const Outcome told = work.done(words);
    CHECK(told.out == plain.out);
    CHECK(contains(told.err, line));
    CHECK(contains(told.err, "debug: bad: closes memory\n"));
  }
  CHECK(contains(work.done({"--debug", "store", "describe", "bad", "--json"}).err, line));
}

TEST_SUITE_END();
