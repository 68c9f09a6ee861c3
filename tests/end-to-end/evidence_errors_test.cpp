// Bundles that are missing, broken or hostile, anchors that do not fit, and retention dates that
// cannot be: what each command answers, and that nothing is left behind.
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>

#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("errors");

namespace {

// Every command that verifies a bundle refuses it, and leaves nothing behind.
void check_all_refuse(const Workspace& work, const std::string& bundle,
                      const std::vector<std::string>& texts, int exit = 1) {
  work.refuses({"evidence", "verify", bundle}, exit, texts);
  work.refuses({"evidence", "storage-plan", bundle, "--output", "plan"}, exit, texts);
  work.refuses({"archive", bundle, "--store", "local", "--yes"}, exit, texts);
  CHECK_FALSE(fs::exists(work / "plan"));
  CHECK_FALSE(fs::exists(work / ".cavra/worm"));
  CHECK(work.receipts().empty());
}

}  // namespace

TEST_CASE("a bundle that is missing, empty or unreadable is an answer") {
  const Workspace work;
  work.init_advisory();
  check_all_refuse(work, "nowhere", {"\"nowhere\" is not there"}, 2);
  fs::create_directory(work / "empty");
  check_all_refuse(work, "empty", {"manifest.json"});
  work.write("file", "text");
  check_all_refuse(work, "file", {"\"file\" is no folder"}, 2);
  work.write("hollow/manifest.json", "");
  check_all_refuse(work, "hollow", {"manifest.json"});
  fs::create_directories(work / "strange/manifest.json");
  check_all_refuse(work, "strange", {"manifest.json"});
  REQUIRE(work.shell("mkdir pipe && mkfifo pipe/manifest.json").exit == 0);
  check_all_refuse(work, "pipe", {"manifest.json"});
  work.write("bytes/manifest.json", "{\"a\": \"\xff\xfe\"}");
  check_all_refuse(work, "bytes", {"manifest.json", "UTF-8"});
  work.write("list/manifest.json", "[]");
  check_all_refuse(work, "list", {"manifest.json"});
}

TEST_CASE("a manifest of 2 GiB is refused before it is read") {
  const Workspace work;
  work.init_advisory();
  REQUIRE(work.shell("mkdir huge && truncate -s 2G huge/manifest.json").exit == 0);
  // A limit of memory that reading it would break.
  for (const std::string words :
       {"evidence verify huge", "archive huge --store local --yes",
        "evidence storage-plan huge --output plan", "evidence verify huge --checksums-only"}) {
    CAPTURE(words);
#ifdef __SANITIZE_ADDRESS__
    const std::string limit;  // the sanitizer maps terabytes
#else
    const std::string limit = "ulimit -v 1500000; ";
#endif
    const Outcome outcome =
        work.shell(limit + "cavra " + words, {.limit = std::chrono::seconds(20)});
    CAPTURE(outcome.out);
    CAPTURE(outcome.err);
    CHECK(outcome.exit == 1);
    CHECK(contains(outcome.out + outcome.err, "manifest.json"));
    CHECK(contains(outcome.out + outcome.err, "512 MiB"));
  }
}

TEST_CASE("a file that cannot be read is named") {
  if (::geteuid() != 0) return leave_out("nobody", "only root can become another user");
  const Workspace work;
  work.init_advisory();
  work.bundle();
  REQUIRE(
      work.shell("chown -R 65534:65534 . && chmod 0 .cavra/evidence/latest/evidence.json").exit ==
      0);
  const RunOptions nobody{.folder = work.folder(), .is_nobody = true};
  if (run({"test", "-x", CAVRA_PROGRAM}, nobody).exit != 0)
    return leave_out("nobody", "the program lies where other users cannot reach it");
  work.refuses({"evidence", "verify", kBundle}, 1, {"evidence.json"}, nobody);
  work.refuses({"archive", kBundle, "--store", "local", "--yes"}, 1, {"evidence.json"}, nobody);
  CHECK(work.receipts().empty());
}

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
      const auto sent = std::chrono::steady_clock::now();
      process.send(signal);
      const Outcome outcome = process.finish();
      CHECK(std::chrono::steady_clock::now() - sent < std::chrono::seconds(2));
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
    return Process({CAVRA_PROGRAM, "evidence", "bundle", "--decisions", "pipe"},
                   {.folder = work.folder(), .limit = std::chrono::seconds(30)});
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

TEST_CASE("what was done to a bundle is told, all of it") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const fs::path folder = work / kBundle;
  SUBCASE("a changed, a missing and an unlisted file: three findings") {
    work.write(kBundle + "/siem-event.json", work.read(kBundle + "/siem-event.json") + " ");
    fs::remove(folder / "compliance-mapping.md");
    work.write(kBundle + "/extra.txt", "x");
    check_all_refuse(work, kBundle, {"siem-event.json", "compliance-mapping.md", "extra.txt"});
  }
  SUBCASE("a changed manifest") {
    work.replace_in(kBundle + "/manifest.json", "\"signer\": \"local\"", "\"signer\": \"other\"");
    check_all_refuse(work, kBundle, {"signature"});
  }
  SUBCASE("a member that became a link to the same bytes") {
    fs::rename(folder / "evidence.json", work / "elsewhere.json");
    fs::create_symlink(work / "elsewhere.json", folder / "evidence.json");
    check_all_refuse(work, kBundle, {"evidence.json"});
  }
  SUBCASE("an unlisted file is a note with --allow-unlisted, and is not archived") {
    work.write(kBundle + "/extra.txt", "x");
    work.refuses({"evidence", "verify", kBundle}, 1, {"extra.txt"});
    CHECK(
        contains(work.done({"evidence", "verify", kBundle, "--allow-unlisted"}).err, "extra.txt"));
    (void)work.archive({"--allow-unlisted"});
    CHECK_FALSE(contains(work.shell("find .cavra/worm").out, "extra.txt"));
  }
}

TEST_CASE("anchors: none, two, the wrong one, another key id") {
  const Workspace work;
  work.init();
  work.bundle();
  const std::string roots = ".cavra/keys/evidence-trust-roots.json";
  const std::string key = ".cavra/keys/evidence-public.pem";
  const Words verify{"evidence", "verify", work / kBundle};
  const auto with = [&](const Words& more) {
    Words words = verify;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  (void)work.done(with({"--public-key", key}));
  (void)work.done(with({"--trust-root", roots}));
  work.refuses(with({"--public-key", key, "--trust-root", roots}), 2, {"two trust anchors"});
  work.refuses(with({"--public-key", key, "--hmac-key-file", key}), 2, {"two trust anchors"});
  work.refuses(with({"--key-id", "other"}), 1, {"key id", "other", "prod-evidence"});
  work.refuses(with({"--public-key", ".cavra/keys/receipt-public.pem"}), 1, {"key"});
  work.refuses(with({"--trust-root", ".cavra/keys/receipt-trust-roots.json"}), 1, {"trust root"});
  work.refuses(with({"--trust-root", "nowhere.json"}), 2, {"nowhere.json"});
  work.refuses(with({"--hmac-key-file", key}), 2, {"PEM"});
  work.write("hmac", "some secret");
  work.refuses(with({"--hmac-key-file", "hmac"}), 1, {"HS256"});
  work.write("empty", "\n");
  work.refuses(with({"--hmac-key-file", "empty"}), 2, {"empty"});
  work.refuses(with({"--checksums-only", "--public-key", key}), 2, {"--checksums-only"});

  // Another kind of file says nothing about the evidence.
  const std::string secret = ".cavra/keys/evidence-private.pem";
  work.refuses(with({"--public-key", secret}), 2, {secret, "is a private key", "-pubout"});
  work.refuses(with({"--public-key", roots}), 2, {roots, "PEM"});
  work.refuses(with({"--trust-root", key}), 2, {key, "is a PEM file, not a trust root"});
  work.refuses(with({"--trust-root", kBundle + "/evidence.json"}), 2, {"no trust-root file"});
  work.refuses(with({"--trust-root", kBundle + "/pr-attestation.md"}), 2, {"no trust-root file"});
  // A trust root that does not hold in itself is another matter.
  work.write("changed.json", work.read(roots));
  work.replace_in("changed.json", "\"public_key_sha256\": \"", "\"public_key_sha256\": \"0");
  work.refuses(with({"--trust-root", "changed.json"}), 1, {"fingerprint"});

  const Workspace bare;  // no configuration, so no anchor
  bare.refuses(verify, 1, {"no trust anchor", "--trust-root"});
  const Outcome checksums = bare.done(with({"--checksums-only"}));
  CHECK(checksums.out == "evidence checksums hold; signer not checked\n");
  bare.refuses({"archive", work / kBundle, "--store", "local", "--yes"}, 2, {"cavra init"});
}

TEST_CASE("a revoked key verifies nothing, and a bundle from before its window neither") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const Words root{"evidence",
                   "trust-root",
                   ".cavra/keys/evidence-public.pem",
                   "--key-id",
                   "prod-evidence",
                   "--replace",
                   "--output",
                   ".cavra/keys/evidence-trust-roots.json"};
  const auto rewritten = [&](const Words& more) {
    Words words = root;
    words.insert(words.end(), more.begin(), more.end());
    (void)work.done(words);
  };
  rewritten({"--status", "revoked"});
  check_all_refuse(work, kBundle, {"revoked"});
  rewritten({"--valid-from", "2200-01-01T00:00:00Z"});
  check_all_refuse(work, kBundle, {"2200-01-01"});
  rewritten({"--purpose", "receipt", "--valid-from", "2020-01-01T00:00:00Z"});
  check_all_refuse(work, kBundle, {"receipt"});
  rewritten({"--valid-from", "2020-01-01T00:00:00Z"});
  (void)work.done({"evidence", "verify", kBundle});
}

TEST_CASE("HMAC bundles are archived only where the configuration accepts them") {
  const Workspace work;
  work.init_advisory();
  work.write("hmac.key", "a shared secret\n");
  (void)work.done({"evidence", "bundle", "--hmac-key-file", "hmac.key"});
  (void)work.done({"evidence", "verify", kBundle, "--hmac-key-file", "hmac.key"});
  const Words archive{"archive", kBundle,           "--store", "local",
                      "--yes",   "--hmac-key-file", "hmac.key"};
  work.refuses(archive, 4, {"accept_hmac"});
  work.refuses({"archive", kBundle, "--store", "local", "--yes"}, 1, {"HS256"});
  CHECK(work.receipts().empty());
  work.replace_in(".cavra/config.json", "\"stores\"", "\"accept_hmac\": true, \"stores\"");
  (void)work.done(archive);
  CHECK(work.receipts().size() == 1);
  CHECK_FALSE(
      contains(work.shell("cat .cavra/receipts/* | cut -c 13- | base64 -di 2>&1 || true").out,
               "a shared secret"));
}

TEST_CASE("an unsigned bundle is checked for what it is, and never archived") {
  const Workspace work;
  work.init_advisory();
  const Outcome made = work.done({"evidence", "bundle"});
  CHECK(contains(made.err, "nothing says who made this bundle"));
  check_all_refuse(work, kBundle, {"SHA256"});
  (void)work.done({"evidence", "verify", kBundle, "--checksums-only"});
  (void)work.done({"evidence", "storage-plan", kBundle, "--checksums-only", "--output", "p"});
}

TEST_CASE("retention dates that cannot be are refused, and nothing is stored") {
  const Workspace work;
  work.init_advisory();
  const Words archive{"archive", kBundle, "--store", "local", "--yes"};
  const auto with = [&](const Words& more) {
    Words words = archive;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const auto without_policy = [&](const std::string& created_at) {
    // A bundle of another tool: signed, and without retention-policy.json.
    work.write("make.py", R"(
import base64, hashlib, json, subprocess, sys
created_at, folder = sys.argv[1], sys.argv[2]
evidence = json.dumps({"product": "CAVRA", "session_id": "s-1", "decisions": []}).encode()
import os
os.makedirs(folder, exist_ok=True)
open(folder + "/evidence.json", "wb").write(evidence)
pem = open(".cavra/keys/evidence-public.pem", "rb").read()
manifest = {"schema_version": "cavra.evidence.bundle.v1", "product": "CAVRA",
  "created_at": created_at, "signer": "other-tool",
  "files": [{"path": "evidence.json", "sha256": hashlib.sha256(evidence).hexdigest(),
             "bytes": len(evidence)}]}
open("canonical", "wb").write(json.dumps(manifest, sort_keys=True).encode())
subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", ".cavra/keys/evidence-private.pem",
  "-rawin", "-in", "canonical", "-out", "signature"], check=True)
manifest["signature"] = {"algorithm": "Ed25519", "key_id": "prod-evidence",
  "public_key_sha256": hashlib.sha256(pem).hexdigest(),
  "value": base64.b64encode(open("signature", "rb").read()).decode()}
open(folder + "/manifest.json", "w").write(json.dumps(manifest, indent=2, sort_keys=True))
)");
    const Outcome made = work.shell("python3 make.py " + created_at + " " + kBundle);
    CAPTURE(made.err);
    REQUIRE(made.exit == 0);
  };
  // The key's window must hold what is made here.
  (void)work.done({"evidence", "trust-root", ".cavra/keys/evidence-public.pem", "--key-id",
                   "prod-evidence", "--valid-from", "2000-01-01T00:00:00Z", "--replace", "--output",
                   ".cavra/keys/evidence-trust-roots.json"});
  SUBCASE("no date from any source") {
    without_policy("2026-01-01T00:00:00+00:00");
    (void)work.done({"evidence", "verify", kBundle});
    work.refuses(archive, 4, {"retention"});
    CHECK(work.receipts().empty());
    (void)work.done(with({"--retention", "100y"}));
  }
  SUBCASE("past already") {
    without_policy("2010-01-01T00:00:00+00:00");
    work.refuses(with({"--retention-days", "365"}), 4, {"2011-01-01"});
    work.refuses(with({"--retain-until", "2012-01-01T00:00:00Z"}), 4, {"2012-01-01"});
    CHECK(work.receipts().empty());
  }
  SUBCASE("beyond the year 9999") {
    work.bundle();
    work.refuses(with({"--retention", "8000y"}), 2, {"9999"});
    work.refuses(with({"--retain-until", "10000-01-01T00:00:00Z"}), 2, {"10000-01-01"});
    work.refuses(with({"--retain-until", "9999-12-31T23:59:59.5Z"}), 2, {"9999"});
    CHECK(work.receipts().empty());
  }
  SUBCASE("the configured minimum raises the lock") {
    work.bundle({"--retention-days", "30"});
    work.replace_in(".cavra/config.json", "\"stores\"",
                    "\"minimum_retention\": \"7y\", \"stores\"");
    (void)work.done({"evidence", "verify", kBundle});
    const auto archived = work.result({"archive", kBundle, "--store", "local", "--yes"});
    const std::string created =
        text_at(parsed(work.read(kBundle + "/manifest.json")), "/created_at");
    const std::string until = text_at(archived, "/stores/0/lock/retain_until");
    CHECK(std::stoi(until.substr(0, 4)) == std::stoi(created.substr(0, 4)) + 7);
    CHECK(until.substr(4, 6) == created.substr(4, 6));
  }
  SUBCASE("a store weaker than the configured minimum") {
    work.bundle();
    work.replace_in(".cavra/config.json", "\"stores\"",
                    "\"minimum_mode\": \"governance\", \"stores\"");
    work.refuses(archive, 4, {"advisory", "governance"});
    CHECK(work.receipts().empty());
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
