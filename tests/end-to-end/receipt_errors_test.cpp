// Receipts that somebody made up, changed, or that speak of something else: status tells it, and
// restore gives nothing back under them.
#include <doctest/doctest.h>

#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("errors");

namespace {

// forge.py RECEIPT OUT FROM TO [KEY KEY_ID]: replaces text in the payload; signs it again where a
// key is named, else keeps the signature.
constexpr const char* kForge = R"(
import base64, json, subprocess, sys
receipt, out, old, new = sys.argv[1:5]
envelope = json.load(open(receipt))
payload = base64.b64decode(envelope["payload"])
assert old == "" or old.encode() in payload, old
payload = payload.replace(old.encode(), new.encode()) if old else payload
envelope["payload"] = base64.b64encode(payload).decode()
if len(sys.argv) > 5:
    kind = envelope["payloadType"].encode()
    open("pae", "wb").write(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", sys.argv[5], "-rawin", "-in", "pae",
                    "-out", "sig"], check=True)
    envelope["signatures"][0]["sig"] = base64.b64encode(open("sig", "rb").read()).decode()
    envelope["signatures"][0]["keyid"] = sys.argv[6]
open(out, "w").write(json.dumps(envelope, separators=(",", ":")) + "\n")
)";

class Archived {
 public:
  Archived() {
    work.init_advisory();
    work.bundle();
    receipt = work.archive();
    work.write("forge.py", kForge);
  }

  void forge(const std::string& words) const {
    const Outcome made = work.shell("python3 forge.py .cavra/receipts/*.json forged.json " + words);
    CAPTURE(made.err);
    REQUIRE(made.exit == 0);
  }

  // Both verbs say that the receipt does not hold, and restore gives nothing back.
  void check_refused(const std::vector<std::string>& texts, const Words& more = {}) const {
    Words status{"status", "forged.json"};
    Words restore{"restore", "forged.json", "--output", "restored"};
    status.insert(status.end(), more.begin(), more.end());
    restore.insert(restore.end(), more.begin(), more.end());
    work.refuses(status, 1, texts);
    work.refuses(restore, 1, texts);
    CHECK_FALSE(fs::exists(work / "restored"));
  }

  Workspace work;
  fs::path receipt;
};

}  // namespace

TEST_CASE("forge.py makes a receipt that holds where nothing is changed") {
  const Archived archived;
  const auto roots = parsed(archived.work.read(".cavra/keys/receipt-trust-roots.json"));
  archived.forge("'' '' .cavra/keys/receipt-private.pem " +
                 text_at(roots, "/trust_roots/0/key_id"));
  CHECK(archived.work.read("forged.json") == archived.work.read(archived.receipt));
  (void)archived.work.done({"status", "forged.json"});
}

TEST_CASE("a receipt whose payload was changed does not hold") {
  const Archived archived;
  archived.forge("'\"reference\":\"\"' '\"reference\":\"CHG-1\"'");
  archived.check_refused({"signature"});
}

TEST_CASE("a receipt that somebody else signed again does not hold") {
  const Archived archived;
  REQUIRE(archived.work.shell("openssl genpkey -algorithm ed25519 -out other.pem").exit == 0);
  const auto roots = parsed(archived.work.read(".cavra/keys/receipt-trust-roots.json"));
  SUBCASE("under the right key's id") {
    archived.forge("'\"reference\":\"\"' '\"reference\":\"CHG-1\"' other.pem " +
                   text_at(roots, "/trust_roots/0/key_id"));
    archived.check_refused({"signature"});
  }
  SUBCASE("under an id that nobody has") {
    archived.forge("'' '' other.pem stranger");
    archived.check_refused({"stranger"});
  }
}

TEST_CASE("a receipt that the evidence key signed does not hold, whatever the roots") {
  const Archived archived;
  archived.forge("'' '' .cavra/keys/evidence-private.pem prod-evidence");
  archived.check_refused({"prod-evidence"});
  // Even where somebody takes the evidence roots for receipt roots: the purpose is in the root.
  archived.check_refused({"evidence"},
                         {"--receipt-trust-root", ".cavra/keys/evidence-trust-roots.json"});
}

TEST_CASE("what is no receipt is told as such") {
  const Archived archived;
  const Workspace& work = archived.work;
  for (const std::string bytes :
       {"", "{}", "[]", "text", "{\"payload\":\"!\",\"payloadType\":\"x\",\"signatures\":[]}"}) {
    CAPTURE(bytes);
    work.write("forged.json", bytes);
    archived.check_refused({"forged.json"});
  }
  work.refuses({"status", "nowhere.json"}, 2, {"nowhere.json"});
  work.refuses({"status", "abcdef"}, 2, {"there is no receipt \"abcdef\""});
  (void)work.done({"status", archived.receipt.filename().native().substr(0, 12)});
}

TEST_CASE("a receipt of another store is refused with 2") {
  const Archived archived;
  const Workspace& work = archived.work;
  work.replace_in(".cavra/config.json", "\"stores\": {",
                  "\"stores\": { \"other\": { \"plugin\": \"local-worm\", \"settings\": "
                  "{ \"root\": \"worm2\", \"require\": \"advisory\" } },");
  work.bundle({"--output", "second"});
  (void)work.done({"archive", "second", "--store", "other", "--yes"});
  work.refuses({"status", archived.receipt, "--store", "other"}, 2, {"identity"});
  work.refuses({"restore", archived.receipt, "--output", "restored", "--store", "other"}, 2,
               {"identity"});
  // A configuration that has no such store any more.
  work.replace_in(".cavra/config.json", "\"local\":", "\"renamed\":");
  work.refuses({"status", archived.receipt}, 2, {"\"local\""});
  (void)work.done({"status", archived.receipt, "--store", "renamed"});
  CHECK_FALSE(fs::exists(work / "restored"));
}

TEST_CASE("bytes come back under a key that was revoked since, with the finding and exit 1") {
  const Archived archived;
  const Workspace& work = archived.work;
  const auto roots = parsed(work.read(".cavra/keys/receipt-trust-roots.json"));
  (void)work.done({"evidence", "trust-root", ".cavra/keys/receipt-public.pem", "--key-id",
                   text_at(roots, "/trust_roots/0/key_id"), "--purpose", "receipt", "--status",
                   "revoked", "--replace", "--output", ".cavra/keys/receipt-trust-roots.json"});
  work.refuses({"status", archived.receipt}, 1, {"revoked"});
  const Outcome restored = work.cavra({"restore", archived.receipt, "--output", "restored"});
  CHECK(restored.exit == 1);
  CHECK(contains(restored.err, "revoked"));
  CHECK(work.shell("diff -r " + kBundle + " restored").exit == 0);
  // Nothing more is archived with it.
  work.refuses({"archive", kBundle, "--store", "local", "--yes"}, 4, {"revoked"});
}

TEST_CASE("restore overwrites nothing") {
  const Archived archived;
  archived.work.write("restored/mine.txt", "mine");
  archived.work.refuses({"restore", archived.receipt, "--output", "restored"}, 4, {"restored"});
  CHECK(archived.work.tree("restored") == std::vector<std::string>{"mine.txt"});
}

TEST_CASE("other bytes under an archive's key are a conflict, and are not touched") {
  const Archived archived;
  const Workspace& work = archived.work;
  REQUIRE(work.shell("cd .cavra/worm/*/*/bundle && chmod u+w . siem-event.json && "
                     "echo other > siem-event.json && rm ../../../../receipts/*.json")
              .exit == 0);
  work.refuses({"archive", kBundle, "--store", "local", "--yes"}, 4, {"siem-event.json"});
  CHECK(work.shell("cat .cavra/worm/*/*/bundle/siem-event.json").out == "other\n");
  CHECK(work.receipts().empty());
}

TEST_SUITE_END();
