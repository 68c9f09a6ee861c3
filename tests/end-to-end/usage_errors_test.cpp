// What is refused before anything is done: the command line and the configuration.
#include <doctest/doctest.h>

#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("errors");

TEST_CASE("commands that are not there are unknown, and near ones are named") {
  const Workspace work;
  struct Row {
    Words words;
    std::string text;
  };
  const std::vector<Row> rows{
      {{"evidence", "siem-event", "bundle"}, "unknown command \"evidence siem-event\""},
      {{"evidence", "index", "bundle"}, "unknown command"},
      {{"evidence", "keygen"}, "unknown command"},
      {{"delete", "receipt"}, "unknown command"},
      {{"hold", "lift", "receipt"}, "unknown command \"hold lift\""},
      {{"hold"}, "needs one of: set, clear"},
      {{"archiv"}, "did you mean \"archive\"?"},
      {{"evidence", "verfy"}, "did you mean \"evidence verify\"?"},
      {{"evidence"}, "needs one of: bundle, verify"},
      {{"store"}, "needs one of: list, describe"},
      {{""}, "unknown command"},
      {{"--nonsense"}, "unknown command"},
      {{"verify", "bundle"}, "did you mean \"evidence verify\"?"},
      {{"list"}, "did you mean \"evidence list\", \"store list\", \"plugin list\"?"},
      {{"help", "archiv"}, "did you mean \"archive\"?"},
      {{"--quiet"}, "no command is named"},
  };
  for (const auto& [words, text] : rows)
    work.refuses(words, 2, {text});
  const Outcome nothing = work.cavra({});
  CHECK(nothing.exit == 2);
  CHECK(contains(nothing.out + nothing.err, "usage: cavra COMMAND"));
}

TEST_CASE("wrong options are named, with the near one") {
  const Workspace work;
  work.init();
  work.bundle();
  work.refuses({"evidence", "verify", kBundle, "--trust-rot", "x"}, 2,
               {"unknown option --trust-rot", "did you mean --trust-root?"});
  work.refuses({"evidence", "verify"}, 2, {"usage: cavra evidence verify BUNDLE"});
  work.refuses({"evidence", "verify", "a", "b"}, 2, {"too many arguments"});
  work.refuses({"version", "x"}, 2, {"takes no argument"});
  work.refuses({"evidence", "verify", kBundle, "--key-id", "a", "--key-id", "b"}, 2,
               {"--key-id is given twice"});
  CHECK(work.cavra({"evidence", "verify", kBundle, "--key-id"}).exit == 2);
  for (const std::string days : {"0", "-1", "1.5", "7y", "", "99999999999999999999"}) {
    work.refuses({"evidence", "bundle", "--retention-days=" + days}, 2, {"--retention-days"});
    work.refuses({"evidence", "verify", kBundle, "--minimum-retention-days=" + days}, 2,
                 {"--minimum-retention-days"});
    work.refuses({"evidence", "storage-plan", kBundle, "--retention-days=" + days}, 2,
                 {"--retention-days"});
  }
  work.refuses({"archive", kBundle, "--store", "local", "--yes", "--workers", "0"}, 2,
               {"--workers"});
  work.refuses({"archive", kBundle, "--yes"}, 2, {"--store", "local"});
  work.refuses({"archive", kBundle, "--store", "local", "--store", "local", "--yes"}, 2,
               {"given twice"});
  work.refuses({"archive", kBundle, "--store", "local", "--yes", "--retention", "7y",
                "--retention-days", "9"},
               2, {"use one of --retention-days"});
  work.refuses({"archive", kBundle, "--store", "local", "--yes", "--retention", "7 years"}, 2,
               {"7 years"});
  work.refuses({"archive", kBundle, "--store", "local", "--yes", "--retain-until", "tomorrow"}, 2,
               {"tomorrow"});
  work.refuses({"evidence", "verify", kBundle, "--at", "tomorrow"}, 2, {"tomorrow"});
  work.refuses({"restore", "receipt.json"}, 2, {"--output"});
  CHECK(work.receipts().empty());
}

TEST_CASE("an option is never taken for the value of the one before it") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  work.refuses({"archive", kBundle, "--store", "--yes"}, 2,
               {"--store needs a value", "--store=--yes"});
  work.refuses({"archive", kBundle, "--store", "local", "--reference", "--yes"}, 2,
               {"--reference=--yes"});
  work.refuses({"evidence", "verify", kBundle, "--public-key", "--trust-root", "x"}, 2,
               {"--public-key needs a value"});
  CHECK(work.receipts().empty());
  // It may still be one.
  (void)work.archive({"--reference=--yes"});
  CHECK(contains(work.shell("sed 's/^{\"payload\":\"\\([^\"]*\\).*/\\1/' .cavra/receipts/* | "
                            "base64 -d")
                     .out,
                 "\"--yes\""));
}

TEST_CASE("what holds everywhere may stand before the command") {
  const Workspace work;
  work.init_advisory();
  fs::rename(work / ".cavra/config.json", work / ".cavra/other.json");
  const std::string file = ".cavra/other.json";
  CHECK(contains(work.done({"--config", file, "store", "list"}).out, "local-worm"));
  CHECK(contains(work.done({"--config=" + file, "store", "list"}).out, "local-worm"));
  CHECK(text_at(parsed(work.done({"--json", "--quiet", "--config", file, "store", "list"}).out),
                "/command") == "store list");
  work.refuses({"--config", file, "store", "list", "--config", file}, 2,
               {"--config is given twice"});
  work.refuses({"--json=x", "store", "list"}, 2, {"unknown command"});
}

TEST_CASE("a store that is not there is told with the near ones") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const std::string text = "did you mean \"local\"?";
  work.refuses({"archive", kBundle, "--store", "locl", "--yes"}, 2, {"\"locl\"", text});
  work.refuses({"store", "describe", "locla"}, 2, {text});
  const fs::path receipt = work.archive();
  work.refuses({"status", receipt, "--store", "lcal"}, 2, {text});
  work.refuses({"restore", receipt, "--output", "r", "--store", "lcal"}, 2, {text});
}

TEST_CASE("a program without plugins says where it looked for them") {
  const Workspace work;
  fs::create_directory(work / "bin");
  fs::copy_file(CAVRA_PROGRAM, work / "bin/cavra");
  const Outcome list = run({work / "bin/cavra", "plugin", "list"});
  CHECK(list.exit == 0);
  CHECK(contains(list.err, (work / "lib/cavra/plugins").native()));
}

TEST_CASE("a configuration is told with the place of each problem") {
  const Workspace work;
  work.init();
  work.bundle();
  const Words list{"store", "list"};
  const std::string config = ".cavra/config.json";
  SUBCASE("unknown members, with the near name") {
    work.replace_in(config, "\"receipt_key\"", "\"reciept_key\"");
    work.replace_in(config, "\"settings\"", "\"setings\"");
    work.refuses(list, 2,
                 {"config.json#/reciept_key", "did you mean \"receipt_key\"?",
                  "config.json#/stores/local/setings", "did you mean \"settings\"?"});
    // Also for what needs the configuration for trust roots alone.
    work.refuses({"evidence", "verify", kBundle}, 2, {"config.json#/reciept_key"});
  }
  SUBCASE("settings that the plugin's schema refuses") {
    work.replace_in(config, "\"require\"", "\"requires\"");
    for (const Words& words : {Words{"archive", kBundle, "--store", "local", "--yes"},
                               Words{"store", "describe", "local"}})
      work.refuses(words, 2,
                   {"config.json#/stores/local/settings/requires", "did you mean \"require\"?"});
  }
  SUBCASE("a setting that is not among the choices") {
    work.replace_in(config, "\"filesystem\"", "\"file-system\"");
    work.refuses({"store", "describe", "local"}, 2, {"config.json#/stores/local/settings/require"});
  }
  SUBCASE("a setting that is missing") {
    work.replace_in(config, "\"root\": \"worm\", ", "");
    work.refuses({"evidence", "storage-plan", kBundle, "--output", "p"}, 2,
                 {"config.json#/stores/local/settings: ", "\"root\""});
  }
  SUBCASE("trust roots that are not there") {
    work.replace_in(config, "evidence-trust-roots", "nope");
    work.refuses({"evidence", "verify", kBundle}, 2,
                 {"config.json#/trust_roots: read ", "keys/nope.json"});
    work.refuses({"evidence", "bundle", "--private-key", ".cavra/keys/evidence-private.pem"}, 2,
                 {"config.json#/trust_roots: read "});
  }
  SUBCASE("a plugin that is not there") {
    work.replace_in(config, "\"local-worm\"", "\"local-wrom\"");
    work.refuses({"store", "describe", "local"}, 2, {"local-wrom", "local-worm"});
  }
  SUBCASE("not JSON") {
    work.write(config, "{\n  \"schema_version\": \"cavra.config.v1\",\n}");
    work.refuses(list, 2, {"config.json", "line 3"});
  }
  SUBCASE("a doubled member") {
    work.replace_in(config, "{", "{ \"stores\": {},");
    work.refuses(list, 2, {"config.json", "a doubled member name", "line 6"});
  }
  SUBCASE("another version") {
    work.replace_in(config, "cavra.config.v1", "cavra.config.v9");
    work.refuses(list, 2, {"cavra.config.v9"});
  }
  SUBCASE("none there") {
    fs::remove(work / config);
    work.refuses(list, 2, {"cavra init", "in the current folder (no other is searched)"});
  }
  SUBCASE("named by $CAVRA_CONFIG, and not there") {
    const RunOptions elsewhere{.environment = {{"CAVRA_CONFIG", "nowhere.json"}}};
    work.refuses(list, 2, {"nowhere.json"}, elsewhere);
  }
  SUBCASE("--config wins over $CAVRA_CONFIG, and its paths start at its folder") {
    const RunOptions elsewhere{.folder = "/", .environment = {{"CAVRA_CONFIG", "/nowhere.json"}}};
    const fs::path file = work / config;
    (void)work.done({"store", "list", "--config", file}, elsewhere);
    (void)work.done({"evidence", "verify", work / kBundle, "--config", file}, elsewhere);
  }
}

TEST_CASE("init makes the configuration that is named, and the rest beside it") {
  const Workspace work;
  (void)work.done({"init", "--config", "cfg/my.json", "--sample"});
  CHECK_FALSE(fs::exists(work / ".cavra"));
  CHECK(work.tree("cfg").size() == 9);
  (void)work.done({"evidence", "bundle", "--config", "cfg/my.json", "--decisions",
                   "cfg/decisions.jsonl", "--private-key", "cfg/keys/evidence-private.pem",
                   "--output", "b"});
  (void)work.done({"evidence", "verify", "b", "--config", "cfg/my.json"});
  work.refuses({"init", "--config", "cfg/my.json"}, 4, {"cfg/my.json"});
  // A name without a folder, and the variable that all other commands follow.
  (void)work.done({"init"},
                  {.folder = work / "cfg", .environment = {{"CAVRA_CONFIG", "../c.json"}}});
  CHECK(fs::exists(work / "c.json"));
  CHECK(fs::exists(work / "keys/evidence-public.pem"));
  const Workspace bare;
  (void)bare.done({"init", "--config", "c.json"});
  (void)bare.done({"store", "list", "--config", "c.json"});
}

TEST_CASE("without a terminal and without --yes nothing is locked") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  work.refuses({"archive", kBundle, "--store", "local"}, 4, {"--yes"});
  const Outcome piped = work.cavra({"archive", kBundle, "--store", "local"}, {.input = "y\n"});
  CHECK(piped.exit == 4);
  CHECK(work.receipts().empty());
}

TEST_SUITE_END();
