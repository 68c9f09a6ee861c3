"""The S3 store behind a proxy with faults, and before servers that lie.

Each fault ends in success after a repeat, or in exit 3; each lie in exit 5, or is refused; and what
is in the bucket afterwards is one version of each object.
"""

import os
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../servers"))

import fault_proxy as proxy
from bucket import BucketTest
from fault_proxy import Fault, error

PUT = r"^PUT .*bundle/attached/note\.txt$"
HEAD = r"^HEAD .*bundle/attached/note\.txt"
ALWAYS = 10**6


class FaultTest(BucketTest):
    def through(self, *faults):
        parts = urllib.parse.urlsplit(self.server.environment["AWS_ENDPOINT_URL_S3"])
        self.proxy = proxy.FaultProxy((parts.hostname, parts.port), list(faults))
        self.addCleanup(self.proxy.server_close)
        self.addCleanup(self.proxy.shutdown)
        self.environment["AWS_ENDPOINT_URL_S3"] = self.proxy.url
        self.environment["AWS_MAX_ATTEMPTS"] = "4"

    def require_delivered(self):
        for fault in self.proxy.faults:
            self.assertGreater(fault.delivered, 0, "not delivered: " + fault.pattern.pattern)

    def require_one_version_each(self):
        self.environment["AWS_ENDPOINT_URL_S3"] = self.server.environment["AWS_ENDPOINT_URL_S3"]
        keys = [version["Key"] for version in self.versions()]
        self.assertEqual(len(keys), len(set(keys)))

    def test_faults_that_pass(self):
        for name, fault in {
            "cut before the put": Fault(PUT, proxy.cut_before),
            "cut after the put": Fault(PUT, proxy.cut_after, 2),
            "500 before": Fault(PUT, proxy.answer(500, error("InternalError"))),
            "500 after the deed": Fault(PUT, proxy.answer_after(500, error("InternalError"))),
            "503 SlowDown": Fault(PUT, proxy.answer(503, error("SlowDown")), 2),
            "a listing that is cut off": Fault(r"versions=", proxy.truncate),
            "a reading that is cut off": Fault(r"^GET .*evidence\.json\?versionId", proxy.truncate),
            "a slow answer": Fault(PUT, proxy.slow(1)),
            "a proof that is cut": Fault(HEAD, proxy.cut_before),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.through(fault)
                self.done(*self.ARCHIVE)
                self.require_delivered()
                self.assertEqual(len(self.receipts()), 1)
                self.require_one_version_each()

    def test_faults_that_stay(self):
        for name, fault in {
            "503 for ever": Fault(PUT, proxy.answer(503, error("SlowDown")), ALWAYS),
            "cut for ever": Fault(PUT, proxy.cut_before, ALWAYS),
            "garbage for a listing": Fault(r"versions=", proxy.answer(200, "<a><b"), ALWAYS),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.through(fault)
                ended = self.run_it(*self.ARCHIVE)
                self.assertEqual(ended.returncode, 3, ended.stderr)
                self.require_delivered()
                self.assertEqual(self.receipts(), [])
                self.environment["AWS_ENDPOINT_URL_S3"] = self.server.environment["AWS_ENDPOINT_URL_S3"]
                self.done(*self.ARCHIVE)

    def test_redirects_are_not_followed(self):
        self.through(Fault(PUT, proxy.answer(301, error("PermanentRedirect"), Location="http://127.0.0.1:1/"), ALWAYS))
        self.ends(2, *self.ARCHIVE)
        self.require_delivered()

    def test_a_clock_that_is_wrong_for_the_service(self):
        date = "Tue, 01 Jan 2030 00:00:00 GMT"
        self.through(Fault(PUT, proxy.answer(403, error("RequestTimeTooSkewed"), Date=date)))
        # The server behind refuses the date that the proxy made up; a wrong clock is named.
        self.assertIn("clock", self.ends(3, *self.ARCHIVE).stderr)
        self.require_delivered()

    def test_a_server_that_knows_no_ranges(self):
        """What is read again after a cut begins anew: not at the byte that was asked for."""
        get = r"^GET .*evidence\.json\?versionId"

        def whole(status, headers, body):
            return 200, [(k, v) for k, v in headers if k.lower() != "content-range"], body

        self.through(Fault(get, proxy.truncate), Fault(get, proxy.edit(whole), ALWAYS))
        self.assertIn("asked for bytes from", self.ends(3, *self.ARCHIVE).stderr)
        self.require_delivered()
        self.assertEqual(self.receipts(), [])

    LOCK = "x-amz-object-lock-"

    def test_liars(self):
        def without(status, headers, body):
            return status, [h for h in headers if not h[0].lower().startswith(self.LOCK)], body

        def with_header(name, value):
            def change(status, headers, body):
                return status, [(k, value if k.lower() == self.LOCK + name else v) for k, v in headers], body

            return proxy.edit(change)

        no_lock = proxy.answer(404, error("NoSuchObjectLockConfiguration"))
        for name, faults in {
            "200 and no lock": [Fault(HEAD, proxy.edit(without), ALWAYS),
                                Fault(r"^GET .*note\.txt\?retention", no_lock, ALWAYS),
                                Fault(r"^PUT .*note\.txt\?retention", proxy.answer(200), ALWAYS)],
            "a shorter lock": [Fault(HEAD, with_header("retain-until-date", "2027-01-01T00:00:00Z"), ALWAYS),
                               Fault(r"^PUT .*note\.txt\?retention", proxy.answer(200), ALWAYS)],
            "a date that wrapped": [Fault(HEAD, with_header("retain-until-date", "1970-01-01T00:00:00Z"), ALWAYS),
                                    Fault(r"^PUT .*note\.txt\?retention", proxy.answer(200), ALWAYS)],
            "governance": [Fault(HEAD, with_header("mode", "GOVERNANCE"), ALWAYS),
                           Fault(r"^PUT .*note\.txt\?retention", proxy.answer(200), ALWAYS)],
        }.items():
            with self.subTest(name):
                self.setUp()
                self.through(*faults)
                ended = self.ends(5, *self.ARCHIVE)
                self.assertIn("note.txt", ended.stderr)
                self.assertGreater(self.proxy.faults[0].delivered, 0)
                self.assertEqual(self.receipts(), [])

    def test_another_version_than_the_one_asked_for(self):
        def other(status, headers, body):
            return status, [(k, "other" if k.lower() == "x-amz-version-id" else v) for k, v in headers], body

        self.through(Fault(HEAD, proxy.edit(other), ALWAYS))
        self.ends(5, *self.ARCHIVE)
        self.require_delivered()
        self.assertEqual(self.receipts(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
