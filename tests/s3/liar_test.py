"""The S3 store before servers that lie: exit 5, or refused, or found by the destructive test."""

import json
import unittest

import fault_proxy as proxy
from fault_proxy import Fault, error
from lock_echo import LockEcho
from through_proxy import ALWAYS, PROOF, ProxyTest

LOCK = "x-amz-object-lock-"


class LiarTest(ProxyTest):
    def test_liars(self):
        def without(status, headers, body):
            return status, [h for h in headers if not h[0].lower().startswith(LOCK)], body

        def with_header(name, value):
            def change(status, headers, body):
                return status, [(k, value if k.lower() == LOCK + name else v) for k, v in headers], body

            return proxy.edit(change)

        no_lock = proxy.answer(404, error("NoSuchObjectLockConfiguration"))
        for name, faults in {
            "200 and no lock": [Fault(PROOF, proxy.edit(without), ALWAYS),
                                Fault(r"^GET .*note\.txt\?retention", no_lock, ALWAYS)],
            "a shorter lock": [Fault(PROOF, with_header("retain-until-date", "2027-01-01T00:00:00Z"), ALWAYS)],
            "a date that wrapped": [Fault(PROOF, with_header("retain-until-date", "1970-01-01T00:00:00Z"), ALWAYS)],
            "governance": [Fault(PROOF, with_header("mode", "GOVERNANCE"), ALWAYS)],
        }.items():
            with self.subTest(name):
                self.setUp()
                raised = Fault(r"^PUT .*note\.txt\?retention", proxy.answer(200), ALWAYS)
                self.through(*faults, raised)
                ended = self.ends(5, *self.ARCHIVE)
                self.assertIn("note.txt", ended.stderr)
                self.require_delivered()
                self.assertEqual(self.receipts(), [])

    def test_another_version_than_the_one_asked_for(self):
        def other(status, headers, body):
            return status, [(k, "other" if k.lower() == "x-amz-version-id" else v) for k, v in headers], body

        self.through(Fault(PROOF, proxy.edit(other), ALWAYS))
        self.ends(5, *self.ARCHIVE)
        self.require_delivered()
        self.assertEqual(self.receipts(), [])

    def open_bucket(self):
        bucket = self.own_bucket
        everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:*",
                     "Resource": ["arn:aws:s3:::" + bucket, f"arn:aws:s3:::{bucket}/*"]}
        self.aws("create-bucket", "--bucket", bucket)
        self.aws("put-bucket-versioning", "--bucket", bucket, "--versioning-configuration", "Status=Enabled")
        self.aws("put-bucket-policy", "--bucket", bucket, "--policy",
                 json.dumps({"Version": "2012-10-17", "Statement": [everybody]}))
        return bucket

    def test_an_echo_of_the_lock(self):
        """Who archives on it cannot know better; the destructive test does."""
        for refused, broken in ("shorten", "delete"), ("delete", "shorten"):
            with self.subTest(broken):
                self.setUp()
                self.configure(bucket=self.open_bucket())
                self.through(Fault("", LockEcho(refused), ALWAYS))
                self.done(*self.ARCHIVE)
                tried = self.ends(1, "store", "probe", "s3", "--destructive-test", "--yes")
                self.assertIn(f"DOES NOT HOLD against {broken};", tried.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
