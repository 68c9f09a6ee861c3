// What "evidence bundle" refuses, and what it leaves where it is stopped.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>

#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("errors");

TEST_CASE("the first signal stops a bundle that waits for decisions, and leaves nothing") {
  const Workspace work;
  work.init();
  REQUIRE(work.shell("mkfifo pipe").exit == 0);
  const std::string bundle = std::string("exec '") + CAVRA_PROGRAM + "' evidence bundle ";
  // A FIFO that nobody opens, one that somebody holds open, and standard input.
  for (const std::string& line : {bundle + "--decisions pipe", bundle + "--decisions pipe 5<> pipe",
                                  bundle + "--decisions - <> pipe"}) {
    for (const int signal : {SIGINT, SIGTERM}) {
      CAPTURE(line);
      CAPTURE(signal);
      Process process({"bash", "-c", line},
                      {.folder = work.folder(), .limit = std::chrono::seconds(30)});
      REQUIRE(process.wait_for([&] { return !work.tree(".cavra/evidence").empty(); }));
      process.send(signal);
      const Outcome outcome = process.finish();
      CHECK(outcome.exit == 128 + signal);
      CHECK(contains(outcome.err, "interrupted; no bundle was written"));
      CHECK(work.tree(".cavra/evidence").empty());
    }
  }
}

TEST_CASE("what a killed bundle left goes with the next one, and what a living one has stays") {
  const Workspace work;
  work.init();
  REQUIRE(work.shell("mkfifo pipe").exit == 0);
  const auto start = [&] {
    return work.start({"evidence", "bundle", "--decisions", "pipe"},
                      {.limit = std::chrono::seconds(30)});
  };
  const auto staged = [&] {
    std::vector<std::string> folders;
    for (const std::string& name : work.tree(".cavra/evidence"))
      if (name.starts_with(".latest.cavra-") && name.find('/') + 1 == name.size())
        folders.push_back(name);
    return folders;
  };
  {
    Process killed = start();
    REQUIRE(killed.wait_for([&] { return staged().size() == 1; }));
    killed.send(SIGKILL);
    CHECK(killed.finish().exit == 128 + SIGKILL);
  }
  const std::vector<std::string> left = staged();
  REQUIRE(left.size() == 1);
  Process living = start();
  REQUIRE(living.wait_for([&] { return staged().size() == 1 && staged() != left; }));
  const std::vector<std::string> held = staged();
  work.bundle();
  CHECK(staged() == held);
  living.send(SIGTERM);
  CHECK(living.finish().exit == 143);
  CHECK(staged().empty());
  (void)work.done({"evidence", "verify", kBundle});
}

TEST_CASE("a private key among the attachments is refused") {
  const Workspace work;
  work.init();
  work.refuses({"evidence", "bundle", "--attach", ".cavra/keys"}, 2,
               {"evidence-private.pem\" is a private key", "take it out of what is attached"});
  work.write("files/hmac", "secret");
  work.refuses({"evidence", "bundle", "--attach", "files", "--hmac-key-file", "files/hmac"}, 2,
               {"files/hmac\" is the key that signs"});
  CHECK(work.tree(".cavra/evidence").empty());
}

TEST_CASE("a limit of file sizes is a failure that is told, and leaves nothing behind") {
  const Workspace work;
  work.init();
  work.write("large", std::string(std::size_t{300} << 10, 'x'));
  for (const std::string json : {"", " --json"}) {
    const Outcome outcome =
        work.shell("ulimit -f 100; cavra evidence bundle --attach large" + json);
    CAPTURE(outcome.out);
    CAPTURE(outcome.err);
    CHECK(outcome.exit == 3);
    CHECK(contains(outcome.out + outcome.err, "File too large"));
    CHECK(work.tree(".cavra/evidence").empty());
  }
}

TEST_CASE("decisions that cannot be a session leave no bundle, and an earlier one as it was") {
  const Workspace work;
  work.init();
  work.bundle();
  const std::string before = work.read(kBundle + "/manifest.json");
  const Words bundle{"evidence",    "bundle", "--private-key", ".cavra/keys/evidence-private.pem",
                     "--decisions", "d"};
  struct Row {
    std::string bytes;
    std::string text;
  };
  const std::vector<Row> rows{
      {"{\"decision\": \"allow\"}\n", "decision 1: /severity is missing"},
      {"{\"decision\": ", "line 1"},
      {"{\"decision\": \"\xff\"}\n", "UTF-8"},
      {"{\"a\": 1, \"a\": 2}\n", "doubled"},
      {"42", "decision 1: must be an object"},
  };
  for (const auto& [bytes, text] : rows) {
    CAPTURE(bytes);
    work.write("d", bytes);
    work.refuses(bundle, 2, {text});
    CHECK(work.read(kBundle + "/manifest.json") == before);
    CHECK(work.tree(".cavra/evidence").size() == 8);
  }
  fs::remove(work / "d");
  work.refuses(bundle, 2, {"\"d\""});
  work.refuses({"evidence", "bundle", "--attach", "nowhere"}, 2, {"nowhere"});
  const Workspace bare;
  bare.refuses({"evidence", "bundle"}, 2, {".cavra/decisions.jsonl", "--decisions FILE"});
  CHECK(bare.tree(".").empty());
}

TEST_CASE("decisions without a session id say how to give one") {
  const Workspace work;
  const Words bundle{"evidence", "bundle", "--output", "b", "--decisions", "d"};
  const std::string decision = R"({"decision": "allow", "severity": "low", "target": "t")";
  work.write("d", "");
  work.refuses(bundle, 2, {"there are no decisions", "--session-id"});
  work.write("d", decision + "}\n");
  work.refuses(bundle, 2, {"the decisions have no session id", "--session-id"});
  work.write("d",
             decision + R"(, "session_id": "a"})" + "\n" + decision + R"(, "session_id": "b"})");
  work.refuses(bundle, 2, {"decision 2 has the session id \"b\"", "--session-id"});
  Words named = bundle;
  named.insert(named.end(), {"--session-id", "s"});
  (void)work.done(named);
}

TEST_CASE("an unsigned bundle does not take the place of a signed one by mistake") {
  const Workspace work;
  work.init();
  work.write("hmac.key", "secret");
  for (const Words& sign : {Words{"--private-key", ".cavra/keys/evidence-private.pem"},
                            Words{"--hmac-key-file", "hmac.key"}}) {
    work.bundle();
    Words signed_again{"evidence", "bundle"};
    signed_again.insert(signed_again.end(), sign.begin(), sign.end());
    (void)work.done(signed_again);
    const std::string before = work.read(kBundle + "/manifest.json");
    work.refuses({"evidence", "bundle"}, 4, {kBundle, "is a signed bundle", "--replace-signed"});
    CHECK(work.read(kBundle + "/manifest.json") == before);
    CHECK(work.tree(".cavra/evidence").size() == 8);
    (void)work.done({"evidence", "bundle", "--replace-signed"});
    (void)work.done({"evidence", "bundle"});  // an unsigned one may go
  }
}

TEST_CASE("a key signs what the configured trust roots let it sign") {
  const Workspace work;
  work.init();
  const std::string secret = ".cavra/keys/evidence-private.pem";
  const Words bundle{"evidence", "bundle", "--private-key", secret};
  const auto root = [&](const Words& more) {
    Words words{"evidence",
                "trust-root",
                ".cavra/keys/evidence-public.pem",
                "--key-id",
                "old",
                "--valid-from",
                "2020-01-01T00:00:00Z",
                "--replace",
                "--output",
                ".cavra/keys/evidence-trust-roots.json"};
    words.insert(words.end(), more.begin(), more.end());
    (void)work.done(words);
  };
  root({"--status", "retired", "--valid-until", "2024-01-01T00:00:00Z"});
  CHECK(contains(work.done(bundle).err, "note: this bundle will not verify: its key is retired"));
  work.refuses({"evidence", "verify", kBundle}, 1, {"2024-01-01"});
  root({"--status", "retired", "--valid-until", "2900-01-01T00:00:00Z"});
  CHECK(contains(work.done(bundle).err, "note: this key is retired"));
  root({});
  CHECK_FALSE(contains(work.done(bundle).err, "note:"));
  const std::string before = work.read(kBundle + "/manifest.json");
  root({"--status", "revoked"});
  work.refuses(bundle, 4, {"this key is revoked", "\"old\""});
  work.refuses({"evidence", "bundle", "--private-key", secret, "--key-id", "k"}, 4, {"revoked"});
  work.refuses({"evidence", "bundle", "--private-key", ".cavra/keys/receipt-private.pem"}, 4,
               {"this key is for receipts", "receipt-trust-roots.json"});
  CHECK(work.read(kBundle + "/manifest.json") == before);
  // Keys that the roots do not know may sign: somebody else trusts them.
  (void)work.done({"evidence", "generate-keypair", "--private-key", "n.pem", "--public-key", "n"});
  (void)work.done({"evidence", "bundle", "--private-key", "n.pem"});
}

TEST_CASE("decisions come from standard input as well, and attachments are members") {
  const Workspace work;
  work.init();
  const std::string decisions = work.read(".cavra/decisions.jsonl");
  work.write("reports/a.txt", "a");
  work.write("reports/deep/b.txt", "b");
  const auto made = work.result({"evidence", "bundle", "--decisions", "-", "--attach", "reports",
                                 "--private-key", ".cavra/keys/evidence-private.pem"},
                                {.input = decisions});
  CHECK(number_at(made, "/decisions") >= 40);
  CHECK(number_at(made, "/members") == 8);
  CHECK(contains(work.shell("cd " + kBundle + "; find . -name b.txt").out, "deep/b.txt"));
  (void)work.done({"evidence", "verify", kBundle});
}

TEST_SUITE_END();
