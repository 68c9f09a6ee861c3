// How the program talks: help, terminals and pipes, interruption, a full disk.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "cavra/json.hpp"
#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("output");

namespace {

// Enough objects that an archive by one worker takes its time, also on a fast disk.
void many_members(const Workspace& work) {
  work.init();
  const Outcome made =
      work.shell("mkdir many; for i in $(seq 1200); do head -c 4000 /dev/zero > many/$i; done");
  REQUIRE(made.exit == 0);
  work.bundle({"--attach", "many"});
}

const Words kArchive{"archive", kBundle, "--store", "local", "--yes", "--workers", "1"};

// What is over at once shows no progress, so it is held up once it has begun to put.
Outcome archive_slowly(const Workspace& work, const Words& words, const std::string& store,
                       const RunOptions& options) {
  Process process = work.start(words, options);
  REQUIRE(process.wait_for(
      [&] { return std::filesystem::exists(work / (".cavra/" + store + "/.cavra-store")); }));
  process.send(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  process.send(SIGCONT);
  return process.finish();
}

// The commands, as the overview lists them.
std::vector<std::string> command_names(const std::string& overview) {
  std::vector<std::string> names;
  std::istringstream lines(overview.substr(overview.find("Commands:\n") + 10));
  for (std::string line; std::getline(lines, line) && line.starts_with("  ");)
    if (line[2] != ' ') names.push_back(line.substr(2, line.find("  ", 2) - 2));
  return names;
}

Words words_of(const std::string& line) {
  std::istringstream parts(line);
  return {std::istream_iterator<std::string>(parts), {}};
}

}  // namespace

TEST_CASE("every command explains itself, and the texts are those that were looked at") {
  const Workspace work;
  const Outcome overview = work.done({"--help"});
  CHECK(work.done({"help"}).out == overview.out);
  CHECK(work.done({"-h"}).out == overview.out);
  std::string all = overview.out;
  const auto names = command_names(overview.out);
  CHECK(names.size() >= 15);
  for (const std::string& name : names) {
    CAPTURE(name);
    Words words = words_of(name);
    words.emplace_back("--help");
    const Outcome help = work.done(words);
    CHECK(help.out.starts_with("usage: cavra " + name));
    CHECK(contains(help.out, "Everywhere:"));
    CHECK(help.err.empty());
    all += "\n---- cavra " + name + " --help\n" + help.out;
    words.back() = "-h";
    CHECK(work.done(words).out == help.out);
    words.pop_back();
    words.insert(words.begin(), "help");
    CHECK(work.done(words).out == help.out);
  }
  for (const std::string group : {"evidence", "store", "plugin"}) {
    const Outcome help = work.done({group, "--help"});
    CHECK(work.done({group, "-h"}).out == help.out);
    CHECK(work.done({"help", group}).out == help.out);
    all += "\n---- cavra " + group + " --help\n" + help.out;
  }
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 96);
    CHECK_FALSE(line.ends_with(' '));
  }
  check_snapshot("help.txt", all);
}

TEST_CASE("--version is the command version") {
  const Workspace work;
  const Outcome version = work.done({"version"});
  CHECK(version.out.starts_with("cavra 0."));
  for (const std::string option : {"--version", "-v", "-V"})
    CHECK(work.done({option}).out == version.out);
  CHECK(work.done({"--version", "--json"}).out == work.done({"version", "--json"}).out);
  CHECK(work.done({"--json", "--version"}).out == work.done({"version", "--json"}).out);
  CHECK(text_at(work.result({"version"}), "/plugin_abi").starts_with("0."));
}

TEST_CASE("with --json each command writes one document and nothing else") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const fs::path receipt = work.archive();
  const fs::path plugin =
      fs::path(CAVRA_PROGRAM).parent_path() / "../lib/cavra/plugins/cavra-local-worm.so";
  const std::vector<Words> lines{
      {"evidence", "bundle", "--output", "b", "--private-key", ".cavra/keys/evidence-private.pem"},
      {"evidence", "bundle", "--output", "unsigned"},
      {"evidence", "verify", kBundle},
      {"evidence", "verify", kBundle, "--at", "2100-01-01T00:00:00Z"},
      {"evidence", "verify", "unsigned", "--checksums-only"},
      {"evidence", "storage-plan", kBundle, "--output", "p"},
      {"evidence", "generate-keypair", "--private-key", "k", "--public-key", "k.pub"},
      {"evidence", "trust-root", "k.pub", "--output", "r.json"},
      {"evidence", "trust-bundle", "r.json", "--output", "rs.json"},
      {"archive", kBundle, "--store", "local", "--yes"},
      {"archive", "b", "--store", "local", "--yes", "--reference", "CHG-4711"},
      {"status", receipt},
      {"restore", receipt, "--output", "restored"},
      {"store", "list"},
      {"store", "describe", "local"},
      {"plugin", "list"},
      {"plugin", "check", plugin.lexically_normal()},
      {"version"},
  };
  for (Words words : lines) {
    words.emplace_back("--json");
    CHECK(work.done(words).err.empty());  // and its schema: Workspace::cavra
  }
  const Workspace other;
  CHECK(other.done({"init", "--sample", "--json"}).err.empty());
  work.refuses({"evidence", "verify", "b", "--at", "2020-01-01T00:00:00Z"}, 1, {"2020-01-01"});
  work.refuses({"plugin", "check", "k.pub"}, 2, {"k.pub"});
  work.refuses({"plugin", "check", "nowhere.so"}, 2, {"nowhere.so"});
  work.refuses({"plugin", "check", plugin.lexically_normal(), "--sha256", std::string(64, '0')}, 2,
               {"sha256"});
}

TEST_CASE("--quiet leaves out the notes, and the result stays") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const Outcome archive = work.done({"archive", kBundle, "--store", "local", "--yes", "--quiet"});
  CHECK(archive.err.empty());
  CHECK(contains(archive.out, "receipt: "));
}

TEST_CASE("findings are told with --quiet too, and stand once in the JSON") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  work.write(std::string(kBundle) + "/stray.txt", "x");
  for (Words words : {Words{"archive", kBundle, "--store", "local", "--yes"},
                      Words{"evidence", "storage-plan", kBundle}}) {
    CAPTURE(words.back());
    words.push_back("--quiet");
    const Outcome text = work.cavra(words);
    CHECK(text.exit == 1);
    CHECK(contains(text.err, "stray.txt"));
    words.back() = "--json";
    const Outcome json = work.cavra(words);
    const cavra::JsonValue document = *cavra::parse_json(json.out);
    CHECK(document.find("notes")->if_array()->empty());
    CHECK(document.find("result")->find("findings")->if_array()->size() == 1);
  }
}

TEST_CASE("standard output that cannot be written is exit 3") {
  const Workspace work;
  work.init();
  work.bundle();
  const RunOptions full{.output_to = "/dev/full"};
  for (const Words& words :
       {Words{"evidence", "verify", kBundle}, Words{"version"}, Words{"version", "--json"},
        Words{"--help"}, Words{"version", "--help"}}) {
    CAPTURE(words[0]);
    const Outcome outcome = work.cavra(words, full);
    CHECK(outcome.exit == 3);
    CHECK(contains(outcome.err, "standard output cannot be written"));
  }
  // A verdict is worse than a full disk.
  work.write(kBundle + "/extra", "x");
  CHECK(work.cavra({"evidence", "verify", kBundle}, full).exit == 1);
  // A closed pipe is no signal death.
  CHECK(work.shell("set +o pipefail; cavra --help | true; exit ${PIPESTATUS[0]}").exit <= 3);
}

TEST_CASE("on a terminal archive asks, and only yes locks") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const Words archive{"archive", kBundle, "--store", "local"};
  for (const std::string answer : {"n\n", "\n", "yess\n", "\x04"}) {
    CAPTURE(answer);
    const Outcome no = work.cavra(archive, {.input = answer, .on_terminal = true});
    CHECK(no.exit == 4);
    CHECK(contains(no.err, "until "));  // what would be locked until when
    CHECK(contains(no.err, "Lock it? [y/N]"));
    CHECK(work.receipts().empty());
  }
  const Outcome yes = work.cavra(archive, {.input = "y\n", .on_terminal = true});
  CAPTURE(yes.err);
  CHECK(yes.exit == 0);
  CHECK(work.receipts().size() == 1);
}

TEST_CASE("Ctrl-C before or at the question ends with 130, and nothing is stored") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  for (const std::string_view moment : {"", "Lock it? [y/N]"}) {
    CAPTURE(moment);
    Process process = work.start({"archive", kBundle, "--store", "local"}, {.on_terminal = true});
    REQUIRE(process.wait_for([&] { return contains(process.so_far().err, moment); }));
    process.send(SIGINT);
    const Outcome outcome = process.finish();
    CAPTURE(outcome.err);
    CHECK(outcome.exit == 128 + SIGINT);
    CHECK(work.receipts().empty());
  }
}

TEST_CASE("progress is shown on a terminal, and nowhere else") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  many_members(work);
  const Outcome shown = archive_slowly(work, kArchive, "worm",
                                       {.environment = {{"TERM", "xterm"}}, .on_terminal = true});
  CAPTURE(shown.err);
  CHECK(shown.exit == 0);
  CHECK(contains(shown.err, "archiving to local  "));
  CHECK(contains(shown.err, "%  "));
  CHECK(contains(shown.err, "/s  0:0"));
  CHECK(contains(shown.err, " left"));
  CHECK(shown.err.ends_with("\r\033[K"));  // the line is gone at the end
  CHECK_FALSE(contains(shown.out, "archiving to local"));
}

TEST_CASE("writing a bundle shows how far it is, and Ctrl-C leaves nothing of it") {
  const Workspace work;
  work.init();
  REQUIRE(work.shell("mkfifo decisions").exit == 0);
  std::signal(SIGPIPE, SIG_IGN);
  Process process = work.start({"evidence", "bundle", "--decisions", "decisions"},
                               {.environment = {{"TERM", "xterm"}}, .on_terminal = true});
  std::ofstream decisions(work / "decisions");  // waits for the reader
  const std::string line = "{\"decision\": \"allow\", \"severity\": \"low\", \"target\": \"t\"}\n";
  REQUIRE(process.wait_for([&] {
    decisions << line << std::flush;
    return contains(process.so_far().err, "writing  ");
  }));
  process.send(SIGINT);
  const Outcome outcome = process.finish();
  CAPTURE(outcome.err);
  CHECK(outcome.exit == 128 + SIGINT);
  CHECK(contains(outcome.err, "interrupted; no bundle was written"));
  CHECK_FALSE(fs::exists(work / ".cavra/evidence"));
}

TEST_CASE("no progress in a pipe, with --quiet, on a dumb terminal, nor beside JSON") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  many_members(work);
  struct Row {
    Words more;
    RunOptions options;
  };
  const std::vector<Row> rows{
      {{}, {.environment = {{"TERM", "xterm"}}}},
      {{"--quiet"}, {.environment = {{"TERM", "xterm"}}, .on_terminal = true}},
      {{"--json"}, {.environment = {{"TERM", "xterm"}}, .on_terminal = true}},
      {{}, {.environment = {{"TERM", "dumb"}}, .on_terminal = true}},
  };
  int count = 0;
  for (const auto& [more, options] : rows) {
    // Each time into a store of its own, so that there is work to show.
    const std::string number = std::to_string(++count);
    const std::string config = ".cavra/config-" + number + ".json";
    work.write(config, work.read(".cavra/config.json"));
    work.replace_in(config, "\"worm\"", "\"worm-" + number + "\"");
    std::filesystem::remove_all(work.folder() / ".cavra/state");  // it remembers the last one
    Words words = kArchive;
    words.insert(words.end(), {"--config", config});
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = archive_slowly(work, words, "worm-" + number, options);
    CAPTURE(outcome.err);
    CHECK(outcome.exit == 0);
    CHECK_FALSE(contains(outcome.err, "archiving to"));
    CHECK_FALSE(contains(outcome.err, "\033"));
  }
}

TEST_CASE("Ctrl-C in an archive: 130, no receipt, and the next run completes it") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  many_members(work);
  const auto stored = [&] { return work.tree(".cavra/worm").size(); };
  std::size_t before = 0;
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    Process process = work.start(kArchive);
    REQUIRE(process.wait_for([&] { return stored() > before + 30; }));
    process.send(signal);
    const Outcome outcome = process.finish();
    CAPTURE(outcome.out);
    CAPTURE(outcome.err);
    CHECK(outcome.exit == 128 + signal);
    CHECK(contains(outcome.err, "interrupted"));
    CHECK(work.receipts().empty());
    before = stored();
    CHECK(before < 1200);
  }
  const auto completed = work.result(kArchive);
  CHECK(at(completed, "/stores/0/is_new") == cavra::JsonValue(true));
  CHECK(number_at(completed, "/stores/0/already_present") >= 30);
  CHECK(work.receipts().size() == 1);
  (void)work.done({"status", work.receipts()[0]});
}

TEST_CASE("Ctrl-C in status and restore: 130, no verdict, and nothing given back") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  many_members(work);
  (void)work.done(kArchive);
  const std::string receipt = work.receipts().at(0).string();
  for (const Words& words :
       {Words{"status", receipt}, Words{"restore", receipt, "--output", "restored"}}) {
    CAPTURE(words[0]);
    Outcome outcome;
    // One that finished before, or did not listen yet, is asked again.
    for (const int milliseconds : {60, 30, 120, 15, 240, 8, 480}) {
      std::filesystem::remove_all(work.folder() / "restored");
      Process process = work.start(words);
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      process.send(SIGINT);
      outcome = process.finish();
      if (contains(outcome.err, "interrupted")) break;
    }
    CHECK(outcome.exit == 128 + SIGINT);
    CHECK(contains(outcome.err, "interrupted"));
    CHECK(outcome.out.empty());
    CHECK_FALSE(std::filesystem::exists(work.folder() / "restored"));
  }
}

TEST_CASE("a program that is killed leaves what the next run completes") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  many_members(work);
  Process process = work.start(kArchive);
  REQUIRE(process.wait_for([&] { return work.tree(".cavra/worm").size() > 30; }));
  process.send(SIGKILL);
  CHECK(process.finish().exit == 128 + SIGKILL);
  CHECK(work.receipts().empty());
  (void)work.done(kArchive);
  (void)work.done({"status", work.receipts()[0]});
}

TEST_SUITE_END();
