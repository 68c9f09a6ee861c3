"""The Azure store at a model that fails, that lies, and that knows rights.

Each fault ends in success after a repeat, or in exit 3; each lie in exit 5; and what is in the container
afterwards is one version of each object.
"""

import pathlib
import subprocess
import unittest

from container import ContainerTest  # first: it knows where the others are

PUT = r"^PUT [^?]*bundle/attached/note\.txt$"
GET = r"^GET .*bundle/attached/note\.txt"
LIST = r"^GET .*comp=list"
POLICY = r"^PUT .*note\.txt\?.*comp=immutabilityPolicies"


class FaultTest(ContainerTest):
    def setUp(self):
        super().setUp()
        self.control("POST", "reset", {})
        self.addCleanup(self.control, "POST", "reset", {})

    def faults(self, *wishes):
        for match, act, more in wishes:
            self.control("POST", "fault", {"match": match, "act": act, **more})

    def require_delivered(self):
        for fault in self.control("GET", "faults"):
            self.assertGreater(fault["delivered"], 0, fault)

    def require_one_version_each(self):
        names = self.versions()
        self.assertEqual(len(names), len(set(names)))

    def test_faults_that_pass(self):
        at_once = {"headers": {"Retry-After": "0"}}
        for name, fault in {
            "cut before the put": (PUT, "cut-before", {}),
            "cut within the put": (PUT, "cut-middle", {}),
            "cut after the put": (PUT, "cut-after", {"times": 2}),
            "503 before": (PUT, "answer", {"times": 2, **at_once}),
            "500 after the deed": (PUT, "answer-after", {"status": 500, "code": "InternalError"}),
            "429": (PUT, "answer", {"status": 429, "code": "TooManyRequests", **at_once}),
            "a listing that is cut off": (LIST, "truncate", {}),
            "a reading that is cut off": (GET, "truncate", {}),
            "a proof that is cut": (GET, "cut-before", {}),
            "a slow answer": (PUT, "slow", {"seconds": 1}),
            "bytes that changed on their way": (PUT, "answer", {"status": 400, "code": "Md5Mismatch"}),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.faults(fault)
                if name.startswith("bytes"):
                    self.assertIn("changed on their way", self.ends(3, *self.ARCHIVE).stderr)
                self.done(*self.ARCHIVE)
                self.require_delivered()
                self.assertEqual(len(self.receipts()), 1)
                self.require_one_version_each()

    def test_faults_in_blocks(self):
        block, end = r"^PUT .*comp=block&", r"^PUT .*comp=blocklist"
        for name, fault in {
            "a block cut": (block, "cut-middle", {}),
            "a block without an answer": (block, "cut-after", {}),
            "the end cut before": (end, "cut-before", {}),
            "the end without an answer": (end, "cut-after", {}),
            "500 after the end": (end, "answer-after", {"status": 500, "code": "InternalError"}),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.configure(single_put_bytes=1 << 20, block_bytes=1 << 20)
                self.make_bundle({"big.bin": bytes(3 << 20)})
                self.faults(fault)
                self.done(*self.ARCHIVE)
                self.require_delivered()
                self.require_one_version_each()

    def test_explicit_without_an_answer_to_the_policy(self):
        self.configure("V", policy="explicit")
        self.faults((POLICY, "cut-after", {}))
        self.done(*self.ARCHIVE)
        self.require_delivered()
        self.done("status", self.receipts()[-1])

    def test_faults_that_stay(self):
        always = {"times": 10**6, "headers": {"Retry-After": "0"}}
        self.faults((PUT, "answer", always))
        self.ends(3, *self.ARCHIVE)
        self.require_delivered()
        self.assertEqual(self.receipts(), [])
        self.control("POST", "reset", {})
        self.done(*self.ARCHIVE)

    def test_liars(self):
        for lie in ("drop-policy", "unlocked-for-locked", "earlier-date", "lose-blob"):
            with self.subTest(lie):
                self.setUp()
                self.configure("V", policy="explicit")
                self.control("POST", "lie", {"name": lie})
                self.ends(5, *self.ARCHIVE)
                self.assertGreater(self.control("GET", "lie").get(lie, 0), 0)
                self.assertEqual(self.receipts(), [])

    def test_another_version_than_the_one_asked_for(self):
        self.configure("V", policy="explicit")
        receipt = self.archive()
        key = next(self.objects(receipt))[0]
        self.ask("PUT", key, None, {"x-ms-blob-type": "BlockBlob"}, b"evil")
        self.control("POST", "lie", {"name": "ignore-versionid"})
        self.assertNotEqual(self.run_it("status", receipt).returncode, 0)
        self.assertNotEqual(self.run_it("restore", receipt, "--output", "restored").returncode, 0)

    def test_a_refusal_for_another_reason_is_not_a_lock_that_holds(self):
        probe = ("store", "probe", self.store, "--destructive-test", "--yes")
        for name, fault in {
            "delete": ("^DELETE ", {"status": 412, "code": "LeaseIdMissing"}),
            "shorten": ("^PUT .*comp=immutabilityPolicies", {"status": 400, "code": "InvalidHeaderValue"}),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.faults((fault[0], "answer", {"times": 10**6, **fault[1]}))
                told = self.run_it(*probe)
                self.require_delivered()
                self.assertNotEqual(told.returncode, 0)
                self.assertNotIn(f"held       {name}", told.stdout)
                self.assertIn(fault[1]["code"], told.stdout + told.stderr)

    def test_a_page_that_is_no_listing_is_not_the_right_to_list(self):
        self.faults((LIST, "page", {"times": 10**6}))
        told = self.run_it("store", "probe", self.store)
        self.require_delivered()
        self.assertNotEqual(told.returncode, 0)
        self.assertNotIn("can be listed", told.stdout)

    def test_a_clock_that_is_wrong(self):
        """The model's runs an hour ahead: told once, and signed anew by it."""
        self.control("POST", "clock", {"step": 3600})
        self.done(*self.ARCHIVE)
        self.assertEqual(len(self.receipts()), 1)

    def as_whom(self, way, role="archivist"):
        told = self.server.told("env", "--identity", way, "--role", role)
        kept = {k: v for k, v in self.environment.items() if not k.startswith(("AZURE_", "IDENTITY_"))}
        self.environment = {**kept, **told}

    def secrets(self):
        """What came to the services as a proof of who asks, and what that was made of."""
        shown = [value for request in self.control("GET", "requests") for name, value in request["headers"]
                 if name.lower() in ("authorization", "x-identity-header")]
        self.assertTrue(any(value.startswith("Bearer ") for value in shown))
        told = self.control("GET", "identity")
        key = pathlib.Path(told["certificate_file"]).read_text().splitlines()
        token = pathlib.Path(told["federated_token_file"]).read_text().strip()
        return {value.removeprefix("Bearer ") for value in shown} | {*key[1:-1], token} | {
            client["secret"] for client in told["clients"].values()}

    def test_each_identity(self):
        for way in ("federated", "secret", "certificate", "imds", "app-service", "az"):
            with self.subTest(way):
                self.setUp()
                self.configure(authentication="az" if way == "az" else "auto")
                self.as_whom(way)
                before = self.control("GET", "identity")["issued"]
                told = self.done(*self.ARCHIVE, "--debug")
                self.assertEqual(len(self.receipts()), 1)
                issued = {name: count - before[name] for name, count in
                          self.control("GET", "identity")["issued"].items() if count > before[name]}
                self.assertEqual(list(issued), [way])
                for secret in (*self.secrets(), "Bearer", "client_assertion", "accessToken"):
                    self.assertNotIn(secret, told.stdout + told.stderr)

    def test_a_certificate_that_is_not_taken(self):
        """Another application's; its clock runs right, as the blob service's does."""
        self.as_whom("certificate")
        self.environment["AZURE_CLIENT_CERTIFICATE_PATH"] = str(self.folder / "other.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other", "-keyout",
                        "other.key", "-out", "other.crt"], cwd=self.folder, check=True, capture_output=True)
        key, certificate = ((self.folder / name).read_text() for name in ("other.key", "other.crt"))
        for pem, status, word in ((key + certificate, 4, "invalid_client, AADSTS700027"),
                                  (certificate, 2, "no private key"), ("", 2, "no private key")):
            with self.subTest(word):
                (self.folder / "other.pem").write_text(pem)
                told = self.ends(status, *self.ARCHIVE, "--debug").stderr
                self.assertIn(word, told)
                self.assertNotIn(key.splitlines()[1], told)
                self.assertEqual(self.receipts(), [])

    def test_an_account_s_key_that_nobody_asked_for(self):
        """Before anybody is asked: the account is none of this machine."""
        kept = {k: v for k, v in self.environment.items() if not k.startswith("AZURE_")}
        self.environment = {**kept, "AZURE_STORAGE_ACCOUNT": "contosoevidence", "AZURE_STORAGE_KEY": "Z2VoZWlt"}
        told = self.ends(4, *self.ARCHIVE).stderr
        self.assertIn("shared_key", told)
        self.assertNotIn("Z2VoZWlt", told)

    def test_nobody_is_logged_in(self):
        self.configure(authentication="az")
        self.as_whom("az")
        self.environment.pop("CAVRA_AZ_ROLE")
        told = self.ends(2, *self.ARCHIVE).stderr
        self.assertIn("az login", told)
        self.assertIn("Please run", told)  # the program's own words

    def test_tokens_that_end(self):
        before = self.control("POST", "identity", {"lifetime": 1})["issued"]["federated"]
        self.addCleanup(self.control, "POST", "identity", {"lifetime": 3600})
        self.as_whom("federated")
        self.faults((PUT, "answer", {"headers": {"Retry-After": "2"}}))
        self.done(*self.ARCHIVE)
        self.require_delivered()
        self.assertGreaterEqual(self.control("GET", "identity")["issued"]["federated"], before + 2)

    def test_a_role_without_the_right_over_policies(self):
        self.configure("V", policy="explicit")
        self.as_whom("federated", "contributor")
        told = self.ends(4, *self.ARCHIVE).stderr
        self.assertIn("runAsSuperUser", told)
        self.configure("V_LOCKED")
        self.done(*self.ARCHIVE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
