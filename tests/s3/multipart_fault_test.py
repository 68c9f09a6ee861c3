"""An upload in parts behind a proxy with faults: one version afterwards, and no upload is left."""

import os
import re
import time
import unittest

import fault_proxy as proxy
from bucket import IS_LONG
from fault_proxy import Fault, error
from through_proxy import ALWAYS, ProxyTest

CREATE = r"^POST .*big\.bin\?uploads="
PART = r"^PUT .*big\.bin\?partNumber=2&"
LIST_PARTS = r"^GET .*big\.bin\?.*uploadId="
COMPLETE = r"^POST .*big\.bin\?uploadId="
LOCK = r"^PUT .*big\.bin\?retention="
LOOK = r"^GET .*big\.bin\?versionId="
END_OF_OTHERS = r"^GET .*[?&]uploads="


PART_BYTES = 5 << 20


class MultipartFaultTest(ProxyTest):
    def setUp(self):
        super().setUp()
        self.configure(single_put_bytes=PART_BYTES, part_bytes=PART_BYTES)
        self.make_bundle({"big.bin": os.urandom(12 << 20)})

    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.uploads(self.area), [])

    def test_cut_at_each_stage(self):
        for stage in CREATE, PART, COMPLETE, LOCK, LOOK, END_OF_OTHERS:
            for cut in proxy.cut_before, proxy.cut_after:
                with self.subTest(stage=stage, cut=cut.__name__):
                    self.setUp()
                    self.archives_in_spite_of(Fault(stage, cut))

    def test_cut_while_it_is_taken_up(self):
        for cut in proxy.cut_before, proxy.cut_after, proxy.truncate:
            with self.subTest(cut=cut.__name__):
                self.setUp()
                self.through(Fault(PART, proxy.cut_before, ALWAYS))
                self.ends(3, *self.ARCHIVE)
                self.require_delivered()
                self.archives_in_spite_of(Fault(LIST_PARTS, cut))
                self.assertEqual(self.seen(CREATE), [])

    def parts(self, statuses):
        """The numbers of those that came to the proxy and ended so."""
        parts = [seen for seen in self.seen(r"partNumber=\d+") if seen.status in statuses]
        return sorted(int(re.search(r"partNumber=(\d+)", seen.line)[1]) for seen in parts)

    def test_a_killed_upload_is_taken_up(self):
        """In the long form a gibibyte."""
        count = 205 if IS_LONG else 8
        self.make_bundle({"big.bin": os.urandom(count * PART_BYTES - 17)})
        self.through()
        run = self.start(*self.ARCHIVE)
        while len(self.parts({200})) < count // 3:
            self.assertIsNone(run.poll())
            time.sleep(0.01)
        run.kill()
        run.communicate()
        while self.parts({None}):
            time.sleep(0.01)
        self.assertEqual(self.receipts(), [])
        [begun] = self.uploads()
        listed = self.aws("list-parts", "--bucket", self.bucket, "--key", begun["Key"],
                          f"--upload-id={begun['UploadId']}")["Parts"]
        there = [part["PartNumber"] for part in listed]
        self.assertEqual(self.parts({200}), there)

        self.archives_in_spite_of()
        self.assertEqual(sorted(self.parts({200}) + there), list(range(1, count + 1)))
        self.directly()
        self.done("status", "--all")

    def test_answers_that_tell_something_else(self):
        failed = error("InternalError")
        for name, fault in {
            "a beginning that is cut off": Fault(CREATE, proxy.truncate),
            "500 after a part": Fault(PART, proxy.answer_after(500, failed)),
            "503 for a part": Fault(PART, proxy.answer(503, error("SlowDown"))),
            "an end that is cut off": Fault(COMPLETE, proxy.truncate),
            "500 after the end": Fault(COMPLETE, proxy.answer_after(500, failed)),
            "200 and nothing, after the end": Fault(COMPLETE, proxy.answer_after(200)),
            "200 with an error, before the end": Fault(COMPLETE, proxy.answer(200, failed)),
            "200 with an error, after the end": Fault(COMPLETE, proxy.answer_after(200, failed)),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.archives_in_spite_of(fault)

    def test_faults_that_stay(self):
        for name, fault in {
            "no beginning": Fault(CREATE, proxy.cut_before, ALWAYS),
            "parts without ETag": Fault(PART, proxy.answer(200), ALWAYS),
            "200 with an error for ever": Fault(COMPLETE, proxy.answer(200, error("InternalError")), ALWAYS),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.fails_by(3, fault)

    def test_a_part_that_changes_on_its_way(self):
        told = self.fails_by(3, Fault(PART, proxy.damage_what_is_sent))
        self.assertIn("the bytes were changed on their way", told)

    def test_bytes_that_are_others_when_they_are_read(self):
        get = r"^GET .*big\.bin\?versionId"
        self.assertIn("big.bin", self.fails_by(5, Fault(get, proxy.damage_what_is_read, ALWAYS)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
