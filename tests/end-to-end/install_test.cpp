// What `cmake --install` gives: a program that finds its plugins, pages, and an SDK that builds
// one.
#include <doctest/doctest.h>

#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("install");

namespace {

const fs::path kSource = CAVRA_SOURCE_DIR;

// The whole build folder, or one component of it.
fs::path installed(const Workspace& work, const Words& more = {}) {
  const fs::path prefix = work / "prefix";
  Words words{CAVRA_CMAKE, "--install", CAVRA_BINARY_DIR, "--prefix", prefix};
  words.insert(words.end(), more.begin(), more.end());
  const Outcome outcome = run(words);
  CAPTURE(outcome.out);
  CAPTURE(outcome.err);
  REQUIRE(outcome.exit == 0);
  return prefix;
}

void succeeds(const Words& words, const fs::path& folder = {}) {
  std::string line;
  for (const std::string& word : words)
    line += word + " ";
  CAPTURE(line);
  const Outcome outcome = run(words, {.folder = folder, .limit = std::chrono::seconds(240)});
  CAPTURE(outcome.out);
  CAPTURE(outcome.err);
  REQUIRE(outcome.exit == 0);
}

}  // namespace

TEST_CASE("the installed program finds its plugins and archives") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  const fs::path prefix = installed(work);
  const Outcome used =
      work.shell("PATH=" + (prefix / "bin").native() + ":$PATH\n" +
                 "[ \"$(command -v cavra)\" = " + (prefix / "bin/cavra").native() +
                 " ]\n"
                 "cavra plugin list\n"
                 "cavra init --key-id k --sample\n"
                 "cavra evidence bundle --private-key .cavra/keys/evidence-private.pem\n"
                 "cavra archive .cavra/evidence/latest --store local --yes\n"
                 "cavra status .cavra/receipts/*.json\n");
  CAPTURE(used.out);
  CAPTURE(used.err);
  CHECK(used.exit == 0);
  CHECK(contains(used.out, (prefix / "lib/cavra/plugins/cavra-local-worm.so").native()));
  CHECK(contains(used.out, "archive holds: "));
}

TEST_CASE("licence, pages and schemas are installed with the program, and no SDK") {
  const Workspace work;
  const fs::path prefix = installed(work, {"--component", "runtime"});
  for (const std::string file :
       {"bin/cavra", "share/doc/cavra/LICENSE", "share/doc/cavra/README.md",
        "share/doc/cavra/docs/verify-by-hand.md", "share/cavra/schemas/config.schema.json",
        "share/bash-completion/completions/cavra"}) {
    CAPTURE(file);
    CHECK(fs::is_regular_file(prefix / file));
  }
  CHECK_FALSE(fs::exists(prefix / "include"));
}

TEST_CASE("a vendor's plugin builds against the installed SDK alone, and the program loads it") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return leave_out("install", "an SDK that was built with a sanitizer needs it in the plugin too");
#endif
  const Workspace work;
  const fs::path prefix = installed(work, {"--component", "sdk"});
  const fs::path build = work / "build";
  succeeds({CAVRA_CMAKE, "-G", "Ninja", "-S", kSource / "tests/end-to-end/vendor-plugin", "-B",
            build, "-DCMAKE_PREFIX_PATH=" + prefix.native(), "-DCMAKE_BUILD_TYPE=Release"});
  succeeds({CAVRA_CMAKE, "--build", build});
  const fs::path plugin = build / "lib/cavra/plugins/cavra-nothing.so";
  const auto facts = work.result({"plugin", "check", plugin});
  CHECK(text_at(facts, "/id") == "org.example.nothing");
  // By its digest in a configuration, and by its name where it is installed beside the program.
  work.write("c.json", R"({"schema_version": "cavra.config.v1", "stores": {"none": {"plugin": {
                "path": "build/lib/cavra/plugins/cavra-nothing.so", "sha256": ")" +
                           text_at(facts, "/sha256") + "\"}}}}");
  CHECK(contains(work.done({"store", "describe", "none", "--config", "c.json"}).out, "nowhere"));
  (void)installed(work);
  succeeds({CAVRA_CMAKE, "--install", build, "--prefix", prefix});
  const Outcome list = run({prefix / "bin/cavra", "plugin", "list"});
  CHECK(contains(list.out, "org.example.nothing"));
}

TEST_CASE("bash completes commands, options and files") {
  const Workspace work;
  work.write("receipt.json", "{}");
  const std::string script = kSource / "cli/completion/cavra";
  struct Row {
    std::string words;  // as typed; the last is to be completed
    std::string found;
  };
  const std::vector<Row> rows{
      {"arch", "archive"},
      {"evidence v", "verify"},
      {"evidence trust-", "trust-bundle trust-root"},
      {"evidence verify --min", "--minimum-retention-days"},
      {"archive bundle --ref", "--reference"},
      {"status rec", "receipt.json"},
      {"archive bundle --plan rec", "receipt.json"},
  };
  for (const auto& [words, found] : rows) {
    CAPTURE(words);
    const Outcome outcome = work.shell("set +eu; . " + script + "; COMP_WORDS=(cavra " + words +
                                       "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _cavra cavra; "
                                       "echo \"${COMPREPLY[*]}\"");
    CAPTURE(outcome.err);
    CHECK(outcome.out == found + "\n");
  }
}

TEST_SUITE_END();
