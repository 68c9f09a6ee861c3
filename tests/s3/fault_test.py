"""The S3 store behind a proxy with faults, and before servers that lie.

Each fault ends in success after a repeat, or in exit 3; each lie in exit 5, or is refused; and what
is in the bucket afterwards is one version of each object.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../servers"))

import fault_proxy as proxy
from bucket import BucketTest  # first: it knows where the others are

from archive_case import PROGRAM
from fault_proxy import Fault, error

PUT = r"^PUT .*bundle/attached/note\.txt$"
CREATE = r"^POST .*big\.bin\?uploads"
PART = r"^PUT .*big\.bin\?partNumber="
COMPLETE = r"^POST .*big\.bin\?uploadId="
HEAD = r"^HEAD .*bundle/attached/note\.txt"
ALWAYS = 10**6


class ProxyTest(BucketTest):
    """The store behind the proxy."""

    def through(self, *faults, attempts=4):
        parts = urllib.parse.urlsplit(self.server.environment["AWS_ENDPOINT_URL_S3"])
        self.proxy = proxy.FaultProxy((parts.hostname, parts.port), list(faults))
        self.addCleanup(self.proxy.server_close)
        self.addCleanup(self.proxy.shutdown)
        self.environment["AWS_ENDPOINT_URL_S3"] = self.proxy.url
        self.environment["AWS_MAX_ATTEMPTS"] = str(attempts)

    def directly(self):
        self.environment["AWS_ENDPOINT_URL_S3"] = self.server.environment["AWS_ENDPOINT_URL_S3"]

    def require_delivered(self):
        for fault in self.proxy.faults:
            self.assertGreater(fault.delivered, 0, "not delivered: " + fault.pattern.pattern)

    def require_one_version_each(self):
        self.directly()
        keys = [version["Key"] for version in self.versions()]
        self.assertTrue(keys)
        self.assertEqual(len(keys), len(set(keys)))


class FaultTest(ProxyTest):
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
                self.through(fault, attempts=2)
                ended = self.run_it(*self.ARCHIVE)
                self.assertEqual(ended.returncode, 3, ended.stderr)
                self.require_delivered()
                self.assertEqual(self.receipts(), [])
                self.directly()
                self.done(*self.ARCHIVE)

    def test_credentials_that_ran_out(self):
        expired = error("ExpiredToken")
        self.through(Fault(PUT, proxy.answer(400, expired), ALWAYS))
        self.assertIn("new credentials", self.ends(4, *self.ARCHIVE).stderr)
        self.require_delivered()
        # What a program gives can be asked for again.
        keys = {"Version": 1, "AccessKeyId": self.environment.pop("AWS_ACCESS_KEY_ID"),
                "SecretAccessKey": self.environment.pop("AWS_SECRET_ACCESS_KEY")}
        (self.folder / "keys.json").write_text(json.dumps(keys))
        (self.folder / "aws.config").write_text(
            f"[default]\ncredential_process = cat {self.folder}/keys.json\n")
        self.environment["AWS_CONFIG_FILE"] = str(self.folder / "aws.config")
        self.through(Fault(PUT, proxy.answer(400, expired)))
        self.done(*self.ARCHIVE)
        self.require_delivered()

    def test_no_core_is_dumped(self):
        """Which would have credentials in it. Any other program here leaves one."""

        def dumps(command, until):
            begin = lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
            run = subprocess.Popen(command, cwd=self.folder, env=self.environment, preexec_fn=begin,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while not until():
                time.sleep(0.05)
            run.send_signal(signal.SIGABRT)
            _, status = os.waitpid(run.pid, 0)
            run.returncode = status
            return os.WTERMSIG(status) == signal.SIGABRT and os.WCOREDUMP(status)

        if not dumps(["sleep", "60"], lambda: time.sleep(0.5) is None):
            self.skipTest("left out: this machine dumps no core of any program")
        self.through(Fault(PUT, proxy.slow(5)))
        self.assertFalse(dumps([PROGRAM, *self.ARCHIVE], lambda: self.proxy.faults[0].delivered))

    def test_what_was_changed_on_its_way(self):
        self.through(Fault(PUT, proxy.answer(400, error("XAmzContentSHA256Mismatch")), ALWAYS))
        self.assertIn("changed on their way", self.ends(3, *self.ARCHIVE).stderr)
        self.require_delivered()

        def other(status, headers, body):
            return status, headers, body[::-1]

        self.through(Fault(r"^GET .*note\.txt\?versionId", proxy.edit(other), ALWAYS))
        self.assertIn("SHA-256", self.ends(5, *self.ARCHIVE).stderr)
        self.require_delivered()
        self.assertEqual(self.receipts(), [])

    def test_an_empty_listing_is_none(self):
        self.through(Fault(r"versions=", proxy.answer(200), ALWAYS))
        self.ends(3, *self.ARCHIVE)
        self.require_delivered()

    def test_a_region_that_the_service_corrects_once(self):
        for status, code in ((301, "PermanentRedirect"), (400, "AuthorizationHeaderMalformed")):
            with self.subTest(code):
                self.setUp()
                elsewhere = {"x-amz-bucket-region": "eu-west-1"}
                self.through(Fault(PUT, proxy.answer(status, error(code), **elsewhere), ALWAYS))
                self.ends(2 if status == 301 else 4, *self.ARCHIVE)
                self.assertLessEqual(self.proxy.faults[0].delivered, 2)
                self.through(Fault(PUT, proxy.answer(status, error(code), **elsewhere)))
                self.done(*self.ARCHIVE)
                self.require_delivered()

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


class MultipartFaultTest(ProxyTest):
    """At each stage of an upload in parts: one version, and no upload left."""

    def setUp(self):
        super().setUp()
        self.configure(single_put_bytes=5 << 20, part_bytes=5 << 20)
        self.make_bundle({"big.bin": os.urandom(6 << 20)})

    def require_one_version_and_no_upload(self):
        self.require_one_version_each()
        self.assertEqual(self.uploads(), [])
        self.assertEqual(len(self.receipts()), 1)
        self.done("status", "--all")

    def test_faults_that_pass(self):
        failed = error("InternalError")
        for name, fault in {
            "cut before it is begun": Fault(CREATE, proxy.cut_before),
            "cut after it is begun": Fault(CREATE, proxy.cut_after, 2),
            "the answer to the beginning cut off": Fault(CREATE, proxy.truncate),
            "cut before a part": Fault(PART, proxy.cut_before, 2),
            "cut after a part": Fault(PART, proxy.cut_after, 2),
            "500 after a part": Fault(PART, proxy.answer_after(500, failed)),
            "503 for a part": Fault(PART, proxy.answer(503, error("SlowDown"))),
            "cut before the end": Fault(COMPLETE, proxy.cut_before),
            "cut after the end": Fault(COMPLETE, proxy.cut_after),
            "the answer to the end cut off": Fault(COMPLETE, proxy.truncate),
            "500 after the end": Fault(COMPLETE, proxy.answer_after(500, failed)),
            "200 with an error, before the end": Fault(COMPLETE, proxy.answer(200, failed)),
            "200 with an error, after the end": Fault(COMPLETE, proxy.answer_after(200, failed)),
            "200 and nothing, after the end": Fault(COMPLETE, proxy.answer_after(200)),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.through(fault)
                self.done(*self.ARCHIVE)
                self.require_delivered()
                self.require_one_version_and_no_upload()

    def test_faults_that_stay(self):
        for name, fault in {
            "no beginning": Fault(CREATE, proxy.cut_before, ALWAYS),
            "no part": Fault(PART, proxy.cut_before, ALWAYS),
            "parts without ETag": Fault(PART, proxy.answer(200), ALWAYS),
            "200 with an error for ever": Fault(COMPLETE, proxy.answer(200, error("InternalError")), ALWAYS),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.through(fault, attempts=2)
                self.ends(3, *self.ARCHIVE)
                self.require_delivered()
                self.assertEqual(self.receipts(), [])
                self.directly()
                self.done(*self.ARCHIVE)
                self.require_one_version_and_no_upload()


if __name__ == "__main__":
    unittest.main(verbosity=2)
