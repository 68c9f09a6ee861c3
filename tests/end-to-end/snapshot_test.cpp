// What must not drift: defaults, the algorithms that are accepted, the form of a receipt.
#include <doctest/doctest.h>

#include <array>

#include "masks.hpp"
#include "workspace.hpp"

using namespace cavra::e2e;
using cavra::JsonValue;

TEST_SUITE_BEGIN("output");

TEST_CASE("the defaults of a bundle are those that were decided") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  (void)work.done({"evidence", "storage-plan", kBundle, "--output", "plan"});
  const std::string text =
      "retention-policy.json\n" + work.read(kBundle + "/retention-policy.json") +
      "\nimmutable-storage-plan.md\n" + work.read("plan/immutable-storage-plan.md") +
      "\nconfig.json\n" + work.read(".cavra/config.json");
  check_snapshot("defaults.txt", masked(text));
}

TEST_CASE("only the algorithms that were decided are accepted, each under its own anchor") {
  const Workspace work;
  work.init();
  work.write("hmac.key", "secret");
  (void)work.done({"evidence", "bundle", "--output", "ed25519", "--private-key",
                   ".cavra/keys/evidence-private.pem"});
  (void)work.done({"evidence", "bundle", "--output", "hmac", "--hmac-key-file", "hmac.key"});
  (void)work.done({"evidence", "bundle", "--output", "digest"});
  struct Kind {
    std::string bundle;
    std::string algorithm;
    Words anchor;
  };
  const std::vector<Kind> kinds{
      {"ed25519", "Ed25519", {"--trust-root", ".cavra/keys/evidence-trust-roots.json"}},
      {"ed25519", "Ed25519", {"--public-key", ".cavra/keys/evidence-public.pem"}},
      {"hmac", "HS256", {"--hmac-key-file", "hmac.key"}},
      {"digest", "SHA256", {"--checksums-only"}},
  };
  constexpr std::array names{"Ed25519", "HS256", "SHA256", "ed25519",     "Ed448", "RS256", "ES256",
                             "PS512",   "HS512", "SHA512", "HMAC-SHA256", "none",  "",      "SHA1"};
  std::string table;
  for (const Kind& kind : kinds) {
    table += kind.anchor[0] + " accepts:";
    const std::string manifest = work.read(kind.bundle + "/manifest.json");
    for (const std::string name : names) {
      work.write(kind.bundle + "/manifest.json", manifest);
      work.replace_in(kind.bundle + "/manifest.json", "\"algorithm\": \"" + kind.algorithm,
                      "\"algorithm\": \"" + name);
      Words words{"evidence", "verify", kind.bundle};
      words.insert(words.end(), kind.anchor.begin(), kind.anchor.end());
      const Outcome outcome = work.cavra(words);
      CHECK(outcome.exit <= 1);
      if (outcome.exit == 0) table += " \"" + name + "\"";
    }
    work.write(kind.bundle + "/manifest.json", manifest);
    table += "\n";
  }
  check_snapshot("algorithms.txt", table);
}

TEST_CASE("a receipt has the form that strangers know") {
  const Workspace work;
  CAVRA_NEED_LOCKS(work);
  work.init();
  work.bundle();
  (void)work.archive({"--reference", "CHG-4711"});
  const Outcome payload = work.shell(
      "sed 's/^{\"payload\":\"\\([^\"]*\\)\".*$/\\1/' .cavra/receipts/*.json | base64 -d");
  const JsonValue statement = parsed(payload.out);
  JsonValue envelope = parsed(work.read(work.receipts().at(0)));
  envelope.set("payload", "<payload>");
  JsonValue short_statement = statement;
  // One object stands for all.
  JsonValue predicate = at(statement, "/predicate");
  predicate.set("objects", JsonValue(JsonValue::Array{at(statement, "/predicate/objects/0")}));
  short_statement.set("predicate", predicate);
  short_statement.set("subject", JsonValue(JsonValue::Array{at(statement, "/subject/0")}));
  check_snapshot("receipt.json", masked(cavra::pretty_json(envelope) + "\n" +
                                        cavra::pretty_json(short_statement) + "\n"));
}

TEST_SUITE_END();
