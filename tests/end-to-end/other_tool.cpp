#include "other_tool.hpp"

#include <doctest/doctest.h>

namespace cavra::e2e {

void trust_key_since_2000(const Workspace& work) {
  (void)work.done({"evidence", "trust-root", ".cavra/keys/evidence-public.pem", "--key-id",
                   "prod-evidence", "--valid-from", "2000-01-01T00:00:00Z", "--replace", "--output",
                   ".cavra/keys/evidence-trust-roots.json"});
}

void make_other_bundle(const Workspace& work, const std::string& bundle,
                       const std::string& created_at) {
  work.write("make.py", R"(
import base64, hashlib, json, os, subprocess, sys
folder, created_at = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
evidence = json.dumps({"product": "CAVRA", "session_id": "s-1", "decisions": [], "x": folder}).encode()
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
  const Outcome made = work.shell("python3 make.py " + bundle + " " + created_at);
  CAPTURE(made.err);
  REQUIRE(made.exit == 0);
}

}  // namespace cavra::e2e
