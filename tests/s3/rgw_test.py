"""The main job and the later acts on a real S3 server, and what a stranger's client sees of them."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

from bucket import BucketTest  # first: it knows where the others are

from archive_case import predicate
from store_cases import StoreCases, time_of

class RgwTest(StoreCases, BucketTest):
    # This server ignores If-None-Match: what both have put is told, and nothing else.
    may_be_doubled = {"store.hidden"}

    def at(self, key, version):
        return ["--bucket", self.bucket, "--key", key, f"--version-id={version}"]

    def lines_of_the_page(self, key, version):
        """What docs/auditor.md says to ask: all that the server answers. No hold is an error of it."""
        page = (pathlib.Path(__file__).parents[2] / "docs/auditor.md").read_text()
        lines = [line for line in page.splitlines() if line.startswith("aws s3api ")]
        self.assertEqual(len(lines), 2)
        names = {"BUCKET": self.bucket, "KEY": key, "VERSION": version}
        answers = {}
        for line in lines:
            words = [re.sub(r"^(--version-id=)?([A-Z]+)$", lambda m: (m[1] or "") + names[m[2]], word)
                     for word in line.split()]
            words += ["--endpoint-url", self.environment["AWS_ENDPOINT_URL_S3"]]
            answer = subprocess.run(
                words, env=self.environment, capture_output=True, text=True, check=False
            )
            # Where no hold was ever set, the answer is an error, which some versions of it cannot tell.
            self.assertTrue(answer.returncode == 0 or "legal-hold" in line, answer.stderr)
            answers.update(json.loads(answer.stdout or "{}"))
        return answers

    def put_foreign(self, key, content):
        (self.folder / "foreign").write_bytes(content)
        self.aws("put-object", "--bucket", self.bucket, "--key", key, "--body", self.folder / "foreign")

    def hide(self, keys):
        self.put_foreign(keys[0], b"evil")
        self.aws("delete-object", "--bucket", self.bucket, "--key", keys[1])

    def look(self, key, version):
        told = self.lines_of_the_page(key, version)
        until = time_of(told["Retention"]["RetainUntilDate"])
        return told["Retention"]["Mode"].lower(), until, told.get("LegalHold", {}).get("Status") == "ON"

    def test_nobody_deletes_a_version(self):
        receipt = self.archive()
        for key, told in self.objects(receipt):
            for bypass in ([], ["--bypass-governance-retention"]):
                gone = self.try_aws("delete-object", *self.at(key, told["version"]), *bypass)
                self.assertIn("AccessDenied", gone.stderr)
        self.done("status", receipt)

    def test_a_date_that_the_server_would_take_for_1970(self):
        receipt = self.archive()
        self.ends(4, "retain", receipt, "--until", "2107-01-01T00:00:00Z", "--yes")
        self.done("status", receipt)

    def test_governance_and_never_weaker(self):
        self.configure(mode="GOVERNANCE")
        receipt = self.archive()
        self.assertEqual(predicate(receipt)["lock"]["mode"], "governance")
        self.configure(mode="COMPLIANCE")
        # This server wants the bypass for it, which is never sent.
        self.assertIn("s3:BypassGovernanceRetention", self.ends(4, *self.ARCHIVE).stderr)

    def test_inherit(self):
        bucket = self.server.bucket("LOCK_DEFAULT")
        self.configure(bucket=bucket, lock="inherit")
        self.assertIn("default rule", self.ends(4, *self.ARCHIVE).stderr)
        self.assertEqual(self.versions(), [])
        self.configure(lock="inherit")
        self.assertIn("no default rule", self.ends(4, *self.ARCHIVE).stderr)

    def test_inherit_from_a_rule_that_is_long_enough(self):
        bucket = self.own_bucket
        self.aws("create-bucket", "--bucket", bucket, "--object-lock-enabled-for-bucket")
        rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 8}}
        self.aws(
            "put-object-lock-configuration", "--bucket", bucket, "--object-lock-configuration",
            json.dumps({"ObjectLockEnabled": "Enabled", "Rule": rule}),
        )
        self.configure(bucket=bucket, lock="inherit", single_put_bytes=5 << 20, part_bytes=5 << 20)
        self.make_bundle({"big.bin": os.urandom(6 << 20)})
        told = self.done(*self.ARCHIVE, "--debug").stderr
        self.assertNotIn("retention=", "".join(l for l in told.splitlines() if " PUT " in l))
        receipt = self.receipts()[-1]
        self.done("status", receipt)
        for key, each in self.objects(receipt):
            lock = self.aws("get-object-retention", *self.at(key, each["version"]))["Retention"]
            self.assertEqual(lock["Mode"], "COMPLIANCE")
            self.assertGreater(
                time_of(lock["RetainUntilDate"]), time_of(predicate(receipt)["lock"]["retain_until"])
            )

    def test_buckets_without_locks(self):
        for kind in ("VERSIONED", "PLAIN"):
            self.configure(bucket=self.server.bucket(kind))
            self.assertIn("Object Lock", self.ends(4, *self.ARCHIVE).stderr)
            self.assertEqual(self.versions(), [])

    def test_wrong_credentials_bucket_and_server(self):
        right = self.environment
        self.environment = {**right, "AWS_SECRET_ACCESS_KEY": "wrong"}
        told = self.ends(4, *self.ARCHIVE).stderr
        self.assertEqual(told.count("SignatureDoesNotMatch"), 1, told)  # not once for each right
        self.environment = {k: v for k, v in right.items() if "ACCESS_KEY" not in k}
        self.ends(2, *self.ARCHIVE)
        self.environment = {**right, "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "2"}
        self.ends(3, *self.ARCHIVE)
        self.environment = right
        self.configure(bucket="no-such-bucket")
        self.assertIn("NoSuchBucket", self.ends(2, *self.ARCHIVE).stderr)


class MultipartTest(BucketTest):
    def setUp(self):
        super().setUp()
        self.configure(single_put_bytes=5 << 20, part_bytes=5 << 20)
        self.make_bundle({"big.bin": os.urandom(8 * (5 << 20) - 17)})

    def parts_sent(self, log):
        return sum("partNumber=" in line and "-> 200" in line for line in log.splitlines())

    def wait_for_a_part(self, run):
        log = ""
        while not self.parts_sent(log):
            line = run.stderr.readline()
            self.assertTrue(line, "it ended before: " + log)
            log += line

    def test_locked_although_the_server_ignores_the_lock_of_an_upload(self):
        receipt = self.archive()
        self.done("status", receipt)
        self.restore(receipt)
        self.assertEqual(self.uploads(), [])

    def test_interrupted_in_parts(self):
        run = self.start(*self.ARCHIVE, "--debug")
        self.wait_for_a_part(run)
        begun = time.monotonic()
        run.send_signal(signal.SIGINT)
        run.communicate()
        self.assertEqual(run.returncode, 130)
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(self.receipts(), [])
        self.done(*self.ARCHIVE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
