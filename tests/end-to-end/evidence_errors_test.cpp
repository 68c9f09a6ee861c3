// Bundles that are missing, broken or hostile, anchors that do not fit, and retention dates that
// cannot be: what each command answers, and that nothing is left behind.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>

#include "other_tool.hpp"
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
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    const std::string limit;  // the sanitizers map terabytes
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
  trust_key_since_2000(work);
  SUBCASE("no date from any source") {
    make_other_bundle(work, kBundle, "2026-01-01T00:00:00+00:00");
    (void)work.done({"evidence", "verify", kBundle});
    work.refuses(archive, 4, {"retention"});
    CHECK(work.receipts().empty());
    (void)work.done(with({"--retention", "100y"}));
  }
  SUBCASE("past already") {
    make_other_bundle(work, kBundle, "2010-01-01T00:00:00+00:00");
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

TEST_SUITE_END();
