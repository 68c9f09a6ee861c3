// A stranger checks what the program made: python3, openssl and coreutils, and nothing of ours.
#include <doctest/doctest.h>

#include "workspace.hpp"

using namespace cavra::e2e;

TEST_SUITE_BEGIN("stranger");

namespace {

// v1's rules as its own tool has them: json.dumps with sorted keys is what is hashed and signed.
constexpr const char* kCheck = R"(
import base64, hashlib, json, subprocess, sys
folder, key = sys.argv[1:3]
text = open(folder + "/manifest.json").read()
manifest = json.loads(text)
assert text == json.dumps(manifest, indent=2, sort_keys=True) + text[len(text.rstrip("\n")):]
signature = manifest.pop("signature")
canonical = json.dumps(manifest, sort_keys=True).encode()
for entry in manifest["files"]:
    data = open(folder + "/" + entry["path"], "rb").read()
    assert len(data) == entry["bytes"], entry
    assert hashlib.sha256(data).hexdigest() == entry["sha256"], entry
assert len(manifest["files"]) >= 6
if signature["algorithm"] == "SHA256":
    assert signature["value"] == hashlib.sha256(canonical).hexdigest()
elif signature["algorithm"] == "HS256":
    import hmac
    secret = open(key, "rb").read().rstrip(b"\n")
    value = hmac.new(secret, canonical, hashlib.sha256).digest()
    assert base64.b64decode(signature["value"]) == value
else:
    assert signature["algorithm"] == "Ed25519"
    pem = open(key, "rb").read()
    assert signature["public_key_sha256"] == hashlib.sha256(pem).hexdigest()
    open("canonical", "wb").write(canonical)
    open("signature", "wb").write(base64.b64decode(signature["value"], validate=True))
    subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin",
                    "-in", "canonical", "-sigfile", "signature"], check=True)
for name in ("evidence.json", "siem-event.json", "sandbox-run-summary.json",
             "retention-policy.json"):
    member = open(folder + "/" + name).read()
    assert member.rstrip("\n") == json.dumps(json.loads(member), indent=2, sort_keys=True), name
print("holds", signature["algorithm"])
)";

}  // namespace

TEST_CASE("python3 and openssl derive digest and signature of a bundle again") {
  const Workspace work;
  work.init();
  work.write("check.py", kCheck);
  work.write("hmac.key", "geheim ✓\n");
  work.write("note Größe.txt", "attached");
  struct Row {
    Words sign;
    std::string key;
    std::string algorithm;
  };
  const std::vector<Row> rows{
      {{"--private-key", ".cavra/keys/evidence-private.pem", "--signer", "Zoë \"QA\" 🧪"},
       ".cavra/keys/evidence-public.pem",
       "Ed25519"},
      {{"--hmac-key-file", "hmac.key"}, "hmac.key", "HS256"},
      {{"--replace-signed"}, "-", "SHA256"},
  };
  for (const auto& [sign, key, algorithm] : rows) {
    CAPTURE(algorithm);
    Words words{"evidence", "bundle", "--attach", "note Größe.txt"};
    words.insert(words.end(), sign.begin(), sign.end());
    (void)work.done(words);
    const Outcome checked = work.shell("python3 check.py " + kBundle + " " + key);
    CAPTURE(checked.err);
    CHECK(checked.exit == 0);
    CHECK(contains(checked.out, "holds " + algorithm));
    // The check can fail.
    work.write(kBundle + "/evidence.json", work.read(kBundle + "/evidence.json") + " ");
    CHECK(work.shell("python3 check.py " + kBundle + " " + key).exit != 0);
  }
}

TEST_CASE("keys are what openssl makes and reads") {
  const Workspace work;
  (void)work.done(
      {"evidence", "generate-keypair", "--private-key", "a.pem", "--public-key", "a.pub"});
  const Outcome same = work.shell("openssl pkey -in a.pem -pubout | cmp - a.pub");
  CAPTURE(same.err);
  CHECK(same.exit == 0);
  REQUIRE(work.shell("umask 077; openssl genpkey -algorithm ed25519 -out b.pem && "
                     "openssl pkey -in b.pem -pubout -out b.pub")
              .exit == 0);
  work.init();
  (void)work.done({"evidence", "bundle", "--private-key", "b.pem"});
  (void)work.done({"evidence", "verify", kBundle, "--public-key", "b.pub"});
}

TEST_CASE("the lines of docs/verify-by-hand.md hold for what the program made, and fail else") {
  const Workspace work;
  work.init_advisory();
  work.write("note.txt", "attached");
  work.write("Grüße \"x\" 🧪.txt", "attached");
  work.bundle({"--attach", "note.txt", "--attach", "Grüße \"x\" 🧪.txt"});
  const fs::path receipt = work.archive();
  const Outcome checked =
      run({"sh", fs::path(CAVRA_SOURCE_DIR) / "tests/end-to-end/verify_by_hand_test.sh"},
          {.folder = work.folder(),
           .environment = {{"BUNDLE", work / kBundle},
                           {"EVIDENCE_KEY", work / ".cavra/keys/evidence-public.pem"},
                           {"RECEIPT", receipt},
                           {"RECEIPT_KEY", work / ".cavra/keys/receipt-public.pem"}}});
  CAPTURE(checked.out);
  CAPTURE(checked.err);
  CHECK(checked.exit == 0);
  CHECK(contains(checked.out, "hold for what is sound, and for nothing else"));
}

TEST_SUITE_END();
