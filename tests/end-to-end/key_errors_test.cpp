// Keys and trust roots: what is refused of them, who may write them, and that no secret is
// repeated.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("errors");

namespace {

// Refuses it with words, as it is and with --json, and says none of the secrets.
void refuses_unsaid(const Workspace& work, const Words& words, const Words& secrets) {
  for (const bool is_json : {false, true}) {
    Words all = words;
    if (is_json) all.emplace_back("--json");
    const Outcome outcome = work.cavra(all);
    CAPTURE(outcome.out);
    CAPTURE(outcome.err);
    CHECK(outcome.exit == 2);
    CHECK_FALSE((outcome.out + outcome.err).empty());
    for (const std::string& secret : secrets)
      CHECK_FALSE(contains(outcome.out + outcome.err, secret));
  }
}

}  // namespace

TEST_CASE("a secret on the command line is refused, and never repeated") {
  const Workspace work;
  work.init();
  work.bundle();
  const std::string secret = "T0P-S3CRET";
  const std::vector<Words> lines{
      {"evidence", "verify", kBundle, "--key", secret},
      {"evidence", "verify", kBundle, "--key=" + secret},
      {"evidence", "verify", "--key", secret, kBundle},
      {"evidence", "bundle", "--key", secret},
      {"evidence", "bundle", "--key=" + secret, "--private-key", "k"},
      {"evidence", "storage-plan", kBundle, "--key", secret},
      {"archive", kBundle, "--store", "local", "--yes", "--key", secret},
      {"status", "receipt", "--key=" + secret},
      {"init", "--key", secret},
      {"--key=" + secret, "evidence", "verify", kBundle},
      {"--key", secret},
      {"evidence", "--key=" + secret},
      {"evidence", "vrify", "--key=" + secret},
      // Options that nobody has: what stands after them may be a secret too.
      {"evidence", "verify", kBundle, "--hmac=" + secret},
      {"evidence", "verify", kBundle, "--hmac", secret},
      {"evidence", "verify", kBundle, "--password=" + secret},
      {"evidence", "verify", kBundle, "-k" + secret},
      {"evidence", "verify", kBundle, "-key=" + secret},
      {"evidence", "bundle", "--legal-hold=" + secret},
      {"archive", kBundle, "--yes=" + secret},
      {"--token=" + secret},
  };
  for (const Words& words : lines) {
    std::string line;
    for (const std::string& word : words)
      line += word + " ";
    CAPTURE(line);
    refuses_unsaid(work, words, {secret});
  }
  work.refuses(lines[0], 2, {"--hmac-key-file FILE"});
}

TEST_CASE("a key in place of a file's name is refused, and not repeated") {
  const Workspace work;
  work.init();
  work.bundle();
  const std::string pem = work.read(".cavra/keys/evidence-private.pem");
  const std::string body = pem.substr(pem.find('\n') + 1, 40);
  const std::string secret = "hT0mE/c0rReCt+HoRsE=";
  const std::vector<Words> lines{
      {"evidence", "bundle", "--private-key", pem},
      {"evidence", "bundle", "--private-key", body},
      {"evidence", "bundle", "--hmac-key-file", pem},
      {"evidence", "bundle", "--hmac-key-file", secret},
      {"evidence", "verify", kBundle, "--hmac-key-file", secret},
      {"evidence", "verify", kBundle, "--hmac-key-file", pem},
      {"evidence", "verify", kBundle, "--public-key", pem},
      {"evidence", "verify", kBundle, "--trust-root", pem},
      {"evidence", "verify", kBundle, "--config", pem},
      {"evidence", "trust-root", pem},
      {"evidence", "generate-keypair", "--private-key", pem, "--public-key", "p.pem"},
      {"archive", kBundle, "--store", "local", "--yes", "--hmac-key-file", secret},
      {"archive", "--store=" + pem},
      {"status", pem},
      {"hold", "set", "a.json", "--yes", "--reason", body},
      {"nothing", body},
  };
  for (const Words& words : lines) {
    CAPTURE(words[1]);
    CAPTURE(words[2]);
    refuses_unsaid(work, words, {body, secret});
  }
  CHECK_FALSE(fs::exists(work / "p.pem"));
}

TEST_CASE("an empty value does not leave out what it asks for") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  for (const Words& anchor : {Words{"--key-id", ""}, Words{"--key-id="}, Words{"--trust-root="},
                              Words{"--public-key="}, Words{"--hmac-key-file="}}) {
    const std::string name = anchor[0].substr(0, anchor[0].find('='));
    const auto line = [&](Words words) {
      words.insert(words.end(), anchor.begin(), anchor.end());
      return words;
    };
    work.refuses(line({"evidence", "verify", kBundle}), 2, {name + " is given without a value"});
    work.refuses(line({"evidence", "verify", kBundle, "--checksums-only"}), 2,
                 {"--checksums-only"});
    work.refuses(line({"archive", kBundle, "--store", "local", "--yes"}), 2, {name});
    work.refuses(line({"evidence", "storage-plan", kBundle, "--output", "plan"}), 2, {name});
  }
  const Words bundle{"evidence", "bundle", "--output", "other"};
  for (const std::string option : {"--private-key", "--hmac-key-file"}) {
    Words words = bundle;
    words.insert(words.end(), {option, ""});
    work.refuses(words, 2, {option + " is given without a value"});
  }
  work.refuses({"evidence", "bundle", "--output", "other", "--private-key",
                ".cavra/keys/evidence-private.pem", "--key-id="},
               2, {"--key-id is given without a value"});
  work.refuses({"evidence", "verify", kBundle, "--config", ""}, 2, {"--config"});
  CHECK_FALSE(fs::exists(work / "other"));
  CHECK_FALSE(fs::exists(work / "plan"));
  CHECK(work.receipts().empty());
}

TEST_CASE("a PEM key is no HMAC key") {
  const Workspace work;
  work.init();
  work.bundle();
  for (const std::string key : {"evidence-public.pem", "evidence-private.pem"}) {
    const std::string file = ".cavra/keys/" + key;
    work.refuses({"evidence", "verify", kBundle, "--hmac-key-file", file}, 2,
                 {"holds a PEM key or certificate"});
    work.refuses({"evidence", "bundle", "--output", "other", "--hmac-key-file", file}, 2,
                 {"holds a PEM key or certificate"});
  }
  CHECK_FALSE(fs::exists(work / "other"));
}

TEST_CASE("a receipt key is no anchor for evidence, where the configuration knows it") {
  const Workspace work;
  work.init();
  work.write("plain.json", R"({"schema_version": "cavra.config.v1"})");
  (void)work.done({"evidence", "bundle", "--private-key", ".cavra/keys/receipt-private.pem",
                   "--config", "plain.json", "--decisions", ".cavra/decisions.jsonl"});
  const Words verify{"evidence", "verify", kBundle, "--public-key",
                     ".cavra/keys/receipt-public.pem"};
  work.refuses(verify, 1, {"not verified", "is the receipt key", "never verifies evidence"});
  // Elsewhere nobody knows what the key is for; and a broken configuration is told, not in the way.
  fs::rename(work / ".cavra/config.json", work / "config.json");
  (void)work.done(verify);
  work.write(".cavra/config.json", "{");
  CHECK(contains(work.done(verify).err, "is a receipt key was not looked up"));
}

TEST_CASE("who may write a configuration or a trust root decides, so not everyone may") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const Words verify{"evidence", "verify", kBundle};
  const auto open_to = [&](const char* file, unsigned mode) {
    fs::permissions(work / file, fs::perms(mode));
  };
  for (const char* file : {".cavra/config.json", ".cavra/keys/evidence-trust-roots.json"}) {
    CAPTURE(file);
    open_to(file, 0646);
    work.refuses(verify, 2, {file, "everyone may write it (mode 0646)", "chmod o-w"});
    work.refuses({"archive", kBundle, "--store", "local", "--yes"}, 2, {"chmod o-w"});
    open_to(file, 0664);  // as under umask 002
    (void)work.done(verify);
  }
  open_to(".cavra/keys", 0777);
  work.refuses(verify, 2, {"everyone may write its folder", "chmod o-w"});
  open_to(".cavra/keys", 0755);
  const std::string key = ".cavra/keys/evidence-public.pem";
  open_to(key.c_str(), 0666);
  work.refuses({"evidence", "verify", kBundle, "--public-key", key}, 2, {"chmod o-w"});
  if (::geteuid() != 0) return leave_out("nobody", "only root can give files away");
  open_to(key.c_str(), 0644);
  const auto owner = [&](const std::string& file, uid_t uid) {
    REQUIRE(::chown((work / file).c_str(), uid, uid) == 0);
  };
  owner(key, 12345);
  (void)work.done({"evidence", "verify", kBundle, "--public-key", key});
  for (const std::string file : {".cavra/config.json", ".cavra/keys/evidence-trust-roots.json"}) {
    owner(file, 12345);
    work.refuses(verify, 2, {"another user (uid 12345)", "sudo chown 0"});
    (void)work.done(verify, {.environment = {{"SUDO_UID", "12345"}, {"SUDO_GID", "12345"}}});
    owner(file, 0);
  }
  owner(".cavra/keys/receipt-private.pem", 12345);
  work.refuses({"archive", kBundle, "--store", "local", "--yes"}, 4, {"another user (uid 12345)"});
}

TEST_CASE("init makes private keys 0600, and twice is refused and changes nothing") {
  const Workspace work;
  work.init();
  for (const std::string key : {"evidence", "receipt"}) {
    struct stat seen{};
    REQUIRE(::stat((work / (".cavra/keys/" + key + "-private.pem")).c_str(), &seen) == 0);
    CHECK((seen.st_mode & 0777) == 0600);
  }
  const auto sums = work.shell("find .cavra -type f | sort | xargs sha256sum").out;
  work.refuses({"init", "--key-id", "other", "--sample"}, 4, {".cavra/config.json", "overwritten"});
  work.refuses({"init"}, 4, {"evidence-private.pem"});
  CHECK(work.shell("find .cavra -type f | sort | xargs sha256sum").out == sums);
  // One file there is enough, and nothing is made beside it.
  fs::remove_all(work / ".cavra");
  work.write(".cavra/keys/receipt-private.pem", "mine");
  work.refuses({"init"}, 4, {"receipt-private.pem"});
  CHECK(work.tree(".cavra") == std::vector<std::string>{"keys/", "keys/receipt-private.pem"});
}

TEST_CASE("generate-keypair makes a 0600 key, and overwrites none") {
  const Workspace work;
  const Words words{"evidence", "generate-keypair", "--private-key",
                    "a.pem",    "--public-key",     "a.pub"};
  (void)work.done(words);
  struct stat seen{};
  REQUIRE(::stat((work / "a.pem").c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0600);
  const std::string before = work.read("a.pem") + work.read("a.pub");
  work.refuses(words, 4, {"a.pem", "overwritten"});
  fs::remove(work / "a.pub");
  work.refuses(words, 4, {"a.pem"});
  CHECK_FALSE(fs::exists(work / "a.pub"));
  fs::rename(work / "a.pem", work / "b.pem");
  work.write("a.pub", "mine");
  work.refuses(words, 4, {"a.pub"});
  CHECK_FALSE(fs::exists(work / "a.pem"));
  CHECK(work.read("a.pub") == "mine");
  // Under any umask.
  (void)work.shell(
      "umask 0; cavra evidence generate-keypair --private-key c.pem --public-key c.pub");
  REQUIRE(::stat((work / "c.pem").c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0600);
}

TEST_CASE("private keys that others can read, encrypted ones and no keys at all are refused") {
  const Workspace work;
  work.init_advisory();
  work.bundle();
  const Words bundle{"evidence", "bundle", "--output", "other", "--private-key", "key.pem"};
  SUBCASE("others can read it") {
    fs::copy(work / ".cavra/keys/evidence-private.pem", work / "key.pem");
    fs::permissions(work / "key.pem", fs::perms(0644));
    work.refuses(bundle, 4, {"key.pem", "600"});
    fs::permissions(work / "key.pem", fs::perms(0640));
    work.refuses(bundle, 4, {"key.pem"});
    fs::permissions(work / ".cavra/keys/receipt-private.pem", fs::perms(0644));
    work.refuses({"archive", kBundle, "--store", "local", "--yes"}, 4, {"receipt-private.pem"});
    CHECK(work.receipts().empty());
  }
  SUBCASE("encrypted") {
    REQUIRE(work.shell("umask 077; openssl genpkey -algorithm ed25519 -aes256 -pass pass:x "
                       "-out key.pem")
                .exit == 0);
    work.refuses(bundle, 2, {"key.pem", "encrypted"});
  }
  SUBCASE("of another kind") {
    REQUIRE(work.shell("umask 077; openssl genpkey -algorithm ed448 -out key.pem").exit == 0);
    work.refuses(bundle, 2, {"key.pem", "Ed25519"});
  }
  SUBCASE("a public key") {
    work.write("key.pem", work.read(".cavra/keys/evidence-public.pem"));
    fs::permissions(work / "key.pem", fs::perms(0600));
    work.refuses(bundle, 2, {"key.pem", "is a public key"});
    fs::permissions(work / "key.pem", fs::perms(0644));
    work.refuses(bundle, 2, {"key.pem", "is a public key"});
  }
  SUBCASE("not there") {
    work.refuses(bundle, 2, {"--private-key: there is no such file (No such file or directory)"});
    work.refuses({"evidence", "bundle", "--private-key", ".cavra/keys/evidense.pem"}, 2,
                 {"--private-key: there is no such file in \".cavra/keys\""});
  }
  SUBCASE("two ways to sign") {
    work.write("hmac", "secret\n");
    Words both = bundle;
    both.insert(both.end(), {"--hmac-key-file", "hmac"});
    work.refuses(both, 2, {"not both"});
  }
  CHECK_FALSE(fs::exists(work / "other"));
}

TEST_CASE("a trust root that no reader would take is not made") {
  const Workspace work;
  work.init();
  const std::string key = ".cavra/keys/evidence-public.pem";
  struct Row {
    Words more;
    std::string text;
  };
  const std::vector<Row> rows{
      {{"--status", "retired"}, "give --valid-until TIME"},
      {{"--status", "lost"}, "lost"},
      {{"--purpose", "both"}, "both"},
      {{"--valid-from", "yesterday"}, "--valid-from: the time \"yesterday\""},
      {{"--valid-from", "2026-01-02T00:00:00Z", "--valid-until", "2026-01-01T00:00:00Z"},
       "is before --valid-from"},
      {{"--valid-until", "2026-01-01T00:00:00Z"}, "is before now: give --valid-from"},
  };
  for (const auto& [more, text] : rows) {
    Words words{"evidence", "trust-root", key, "--output", "root.json"};
    words.insert(words.end(), more.begin(), more.end());
    work.refuses(words, 2, {text});
    CHECK_FALSE(fs::exists(work / "root.json"));
  }
  work.refuses({"evidence", "trust-root", "nowhere.pem"}, 2, {"nowhere.pem"});
  work.refuses({"evidence", "trust-root", ".cavra/config.json", "--output", "root.json"}, 2,
               {".cavra/config.json"});
  (void)work.done({"evidence", "trust-root", key, "--output", "root.json", "--key-id", "a"});
  work.refuses({"evidence", "trust-bundle", "root.json", "root.json", "--output", "roots.json"}, 2,
               {"duplicate trust-root key IDs: a"});
  CHECK_FALSE(fs::exists(work / "roots.json"));
}

TEST_CASE("trust roots that are there are replaced only where that is said") {
  const Workspace work;
  work.init();
  work.bundle();
  const std::string roots = ".cavra/keys/evidence-trust-roots.json";
  const std::string before = work.read(roots);
  (void)work.done(
      {"evidence", "generate-keypair", "--private-key", "n.pem", "--public-key", "n.pub"});
  (void)work.done({"evidence", "trust-root", "n.pub", "--key-id", "new", "--output", "new.json"});
  work.refuses({"evidence", "trust-bundle", "new.json"}, 4, {roots, "--replace"});
  work.refuses({"evidence", "trust-root", "n.pub", "--output", roots}, 4, {roots, "--replace"});
  CHECK(work.read(roots) == before);
  // Roots that go are named.
  const Outcome replaced = work.done({"evidence", "trust-bundle", "new.json", "--replace"});
  CHECK(contains(replaced.err, "no longer in \"" + roots + "\": \"prod-evidence\";"));
  work.refuses({"evidence", "verify", kBundle}, 1, {"prod-evidence"});
  // Also where the file is an input.
  work.write(roots, before);
  const Outcome added = work.done({"evidence", "trust-bundle", roots, "new.json", "--replace"});
  CHECK(added.err.empty());
  (void)work.done({"evidence", "verify", kBundle});
  const Outcome root = work.done(
      {"evidence", "trust-root", "n.pub", "--key-id", "new", "--output", roots, "--replace"});
  CHECK(contains(root.err, "\"prod-evidence\""));
  CHECK_FALSE(contains(root.err, "\"new\""));
  // Never a file of another kind.
  const std::string secret = ".cavra/keys/evidence-private.pem";
  const std::string key = work.read(secret);
  work.refuses({"evidence", "trust-bundle", "new.json", "--output", secret, "--replace"}, 4,
               {"no trust-root file"});
  CHECK(work.read(secret) == key);
  CHECK(work.tree(".cavra/keys").size() == 6);
}

TEST_SUITE_END();
