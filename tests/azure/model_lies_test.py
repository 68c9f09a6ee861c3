"""The model server lies and fails when it is told to, as often as it is told, and counts."""

import base64
import hashlib
import time
import unittest

from model_server import ModelTest
from service import DAY, rfc1123

BODY = b"bytes of the blob"
MODE, UNTIL = "x-ms-immutability-policy-mode", "x-ms-immutability-policy-until-date"


class MisdeedTest(ModelTest):
    def setUp(self):
        super().setUp()
        self.v, self.name = self.model.container("V"), self.prefix + "blob"
        self.until_s = int(self.model.now()) + 10 * DAY
        self.until = rfc1123(self.until_s)

    def at(self, method, query=None, headers=None, body=b""):
        return self.model.one(method, self.v, self.name, query=query, headers=headers, body=body)

    def put(self, **headers):
        [reply] = self.model.sign_and_run([self.model.put(self.v, self.name, BODY, **headers)])
        return reply

    def put_locked(self):
        self.done(self.put(x_ms_immutability_policy_mode="Locked", x_ms_immutability_policy_until_date=self.until,
                           x_ms_legal_hold="true"), 201)
        return self.at("HEAD").headers


class LieTest(MisdeedTest):
    def lie(self, name):
        self.model.control("POST", "lie", {"name": name})

    def tearDown(self):
        told = self.model.control("GET", "lie")
        self.assertTrue(all(told.values()), told)
        super().tearDown()

    def test_policy_and_hold_are_dropped(self):
        self.lie("drop-policy")
        shown = self.put_locked()
        self.assertEqual([n for n in shown if "immutab" in n or "legal" in n], [])
        told = self.at("PUT", {"comp": "immutabilityPolicies"}, {UNTIL: self.until})
        self.assertEqual(self.done(told).headers[UNTIL], self.until)
        self.assertNotIn(UNTIL, self.at("HEAD").headers)

    def test_unlocked_where_locked_was_asked(self):
        self.lie("unlocked-for-locked")
        self.assertEqual(self.put_locked()[MODE], "unlocked")
        told = self.at("PUT", {"comp": "immutabilityPolicies"}, {UNTIL: self.until, MODE: "Locked"})
        self.assertEqual((self.done(told).headers[MODE], self.at("HEAD").headers[MODE]), ("locked", "unlocked"))

    def test_an_earlier_date(self):
        self.lie("earlier-date")
        self.assertEqual(self.put_locked()[UNTIL], rfc1123(self.until_s - DAY))

    def test_versionid_is_ignored(self):
        first = self.put().headers["x-ms-version-id"]
        self.model.sign_and_run([self.model.put(self.v, self.name, b"other")])
        self.assertEqual(self.at("GET", {"versionid": first}).body, BODY)
        self.lie("ignore-versionid")
        self.assertEqual(self.at("GET", {"versionid": first}).body, b"other")

    def test_another_md5(self):
        self.lie("wrong-md5")
        self.put()
        told = self.at("GET").headers["content-md5"]
        self.assertNotEqual(told, base64.b64encode(hashlib.md5(BODY).digest()).decode())
        self.assertEqual(len(base64.b64decode(told)), 16)

    def test_the_blob_is_lost(self):
        self.lie("lose-blob")
        self.assertIn("x-ms-version-id", self.done(self.put(), 201).headers)
        self.refused(self.at("HEAD"), 404, "BlobNotFound")

    def test_the_truth_again(self):
        self.lie("lose-blob")
        self.put()
        self.lie(None)
        self.put()
        self.done(self.at("HEAD"))


class FaultTest(MisdeedTest):
    def fault(self, act, match="^PUT ", **more):
        self.model.control("POST", "fault", {"act": act, "match": match, **more})

    def require_delivered(self, *counts):
        self.assertEqual([f["delivered"] for f in self.model.control("GET", "faults")], list(counts))

    def test_answers(self):
        self.fault("answer", status=503, code="ServerBusy", headers={"Retry-After": "3"})
        self.fault("answer", status=503, code="ServerBusy")
        self.fault("answer", status=500, code="OperationTimedOut")
        self.fault("answer", status=500, code="InternalError")
        self.fault("answer", status=429, code="TooManyRequests", times=2)
        replies = [self.put() for _ in range(7)]
        self.assertEqual([r.status for r in replies], [503, 503, 500, 500, 429, 429, 201])
        self.assertEqual([r.headers.get("retry-after") for r in replies[:2]], ["3", None])
        self.assertEqual(replies[2].xml().findtext("Code"), "OperationTimedOut")
        self.require_delivered(1, 1, 1, 1, 2)

    def test_an_error_after_it_was_done(self):
        self.fault("answer-after", status=500, code="InternalError")
        self.refused(self.put(If_None_Match="*"), 500, "InternalError")
        self.refused(self.put(If_None_Match="*"), 409, "BlobAlreadyExists")

    def test_cuts(self):
        for act, is_there in (("cut-before", False), ("cut-middle", False), ("cut-after", True)):
            self.name = self.prefix + act
            self.fault(act)
            self.assertEqual(self.put().status, None)
            self.assertEqual(self.at("HEAD").status, 200 if is_there else 404)
        self.require_delivered(1, 1, 1)

    def test_a_truncated_download(self):
        self.put()
        self.fault("truncate", "^GET ")
        reply = self.at("GET")
        self.assertEqual((reply.status, reply.body, reply.exit), (200, BODY[:len(BODY) // 2], 18))
        self.assertEqual(reply.headers["content-length"], str(len(BODY)))

    def test_a_slow_download(self):
        self.put()
        self.fault("slow", "^GET ", seconds=0.5)
        began = time.monotonic()
        self.assertEqual(self.at("GET").body, BODY)
        self.assertGreater(time.monotonic() - began, 0.4)

    def test_some_are_spared(self):
        self.fault("answer", skip=1)
        self.assertEqual([self.put().status for _ in range(3)], [201, 503, 201])

    def test_only_those_that_fit(self):
        self.fault("answer", r"comp=list")
        self.done(self.put(), 201)
        self.require_delivered(0)

    def test_requests_are_recorded_as_they_came(self):
        self.put()
        self.fault("cut-before")
        self.put(x_ms_legal_hold="true")
        first, second = self.model.control("GET", "requests", match="^PUT .*" + self.name)
        self.assertEqual((first["status"], second["status"]), (201, None))
        self.assertIn(["x-ms-legal-hold", "true"], second["headers"])
        self.assertNotEqual(first["connection"], second["connection"])

    def test_what_the_model_is_not_told_rightly_is_refused(self):
        for name, wish in (("fault", {"act": "explode"}), ("fault", {"act": "answer", "often": 2}),
                           ("lie", {"name": "x"})):
            with self.assertRaises(AssertionError):
                self.model.control("POST", name, wish)


if __name__ == "__main__":
    unittest.main()
