"""The S3 store behind a proxy with faults.

Each fault ends in success after a repeat, or in a clear message; and what is in the bucket afterwards
is one version of each object.
"""

import datetime
import email.utils
import itertools
import unittest

import fault_proxy as proxy
from bucket import IS_LONG
from fault_proxy import Fault, error
from through_proxy import ALWAYS, GET, PUT, ProxyTest


def moved(status, code, region, more=""):
    return proxy.answer(status, error(code, more), **{"x-amz-bucket-region": region})


class FaultTest(ProxyTest):
    def test_faults_that_pass(self):
        evidence = r"^GET .*evidence\.json\?versionId"
        for name, fault in {
            "cut before the put": Fault(PUT, proxy.cut_before),
            "cut after the put": Fault(PUT, proxy.cut_after, 2),
            "500 before": Fault(PUT, proxy.answer(500, error("InternalError"))),
            "500 after the deed": Fault(PUT, proxy.answer_after(500, error("InternalError"))),
            "200 after the deed, and nothing else": Fault(PUT, proxy.answer_after(200)),
            "503 SlowDown": Fault(PUT, proxy.answer(503, error("SlowDown")), 2),
            "a listing that is cut off": Fault(r"versions=", proxy.truncate),
            "a listing without its body": Fault(r"versions=", proxy.headers_alone),
            "a reading that is cut off": Fault(evidence, proxy.truncate),
            "a reading without its body": Fault(evidence, proxy.headers_alone),
            "a slow answer": Fault(PUT, proxy.slow(1)),
            "a slow body": Fault(evidence, proxy.drip(1)),
            "a proof that is cut": Fault(GET, proxy.cut_before),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.archives_in_spite_of(fault)

    @unittest.skipUnless(IS_LONG, "left out: the program waits 30 s for a byte")
    def test_a_body_that_stops(self):
        self.archives_in_spite_of(Fault(r"versions=", proxy.drip(4000)))

    def test_faults_that_stay(self):
        for name, fault in {
            "503 for ever": Fault(PUT, proxy.answer(503, error("SlowDown")), ALWAYS),
            "cut for ever": Fault(PUT, proxy.cut_before, ALWAYS),
            "garbage for a listing": Fault(r"versions=", proxy.answer(200, "<a><b"), ALWAYS),
            "nothing for a listing": Fault(r"versions=", proxy.answer(200), ALWAYS),
            "200 for nothing": Fault(PUT, proxy.answer(200), ALWAYS),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.fails_by(3, fault)

    def test_bytes_that_change_on_their_way(self):
        with self.subTest("found by the server"):
            self.assertIn("the bytes were changed on their way",
                          self.fails_by(3, Fault(PUT, proxy.damage_what_is_sent)))
        with self.subTest("BadDigest"):
            self.setUp()
            self.assertIn("the bytes were changed on their way",
                          self.fails_by(3, Fault(PUT, proxy.answer(400, error("BadDigest")))))
        with self.subTest("found by reading back"):
            self.setUp()
            self.assertIn("note.txt", self.fails_by(5, Fault(GET, proxy.damage_what_is_read, ALWAYS)))

    def test_redirects_are_not_followed(self):
        elsewhere = proxy.answer(301, error("PermanentRedirect"), Location="http://127.0.0.1:1/")
        told = self.fails_by(2, Fault(PUT, elsewhere, ALWAYS))
        self.assertIn("the bucket is elsewhere", told)
        self.assertEqual(len(self.seen(PUT)), 1)

    def test_a_region_that_is_corrected(self):
        region = "<Region>eu-central-1</Region>"
        self.archives_in_spite_of(
            Fault("", proxy.answer(400, error("AuthorizationHeaderMalformed", region))),
            Fault(PUT, moved(307, "TemporaryRedirect", "eu-west-3")))
        scopes = [seen.headers["authorization"].split("/")[2] for seen in self.proxy.seen]
        self.assertLessEqual({"eu-central-1", "eu-west-3"}, set(scopes))

    def test_redirects_without_end(self):
        for status, code in (301, "PermanentRedirect"), (307, "TemporaryRedirect"):
            with self.subTest(status):
                self.setUp()
                regions = itertools.cycle(["eu-west-1", "eu-west-2", "eu-west-3"])
                act = lambda *asked: moved(status, code, next(regions))(*asked)
                self.assertIn("the bucket is elsewhere", self.fails_by(2, Fault("", act, ALWAYS)))
                self.assertEqual(len(self.proxy.seen), 2)

    def test_a_region_that_stays_wrong(self):
        region = "<Region>eu-central-1</Region>"
        malformed = proxy.answer(400, error("AuthorizationHeaderMalformed", region))
        self.assertIn("AuthorizationHeaderMalformed", self.fails_by(4, Fault(PUT, malformed, ALWAYS)))
        self.assertEqual(len(self.seen(PUT)), 2)

    def test_a_clock_that_is_wrong_for_the_service(self):
        date = "Tue, 01 Jan 2030 00:00:00 GMT"
        # The server behind refuses the date that the proxy made up; a wrong clock is named.
        told = self.fails_by(3, Fault(PUT, proxy.answer(403, error("RequestTimeTooSkewed"), Date=date)))
        self.assertIn("clock", told)

    def test_a_clock_that_is_corrected(self):
        """The proxy's clock is ten minutes ahead: the server behind takes its time, too."""
        ahead = datetime.timedelta(minutes=10)

        def is_right(request):
            date = datetime.datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
            return abs(date - datetime.datetime.utcnow() - ahead) < datetime.timedelta(minutes=5)

        def refuse_others(request, ask):
            if is_right(request):
                return ask()
            date = email.utils.formatdate((datetime.datetime.now() + ahead).timestamp(), usegmt=True)
            return proxy.answer(403, error("RequestTimeTooSkewed"), Date=date)(request, ask)

        self.archives_in_spite_of(Fault("", refuse_others, ALWAYS))
        refused = [seen for seen in self.proxy.seen if seen.status == 403]
        self.assertTrue(0 < len(refused) < len(self.proxy.seen) / 2)

    def test_a_server_that_knows_no_ranges(self):
        """What is read again after a cut begins anew: not at the byte that was asked for."""
        get = r"^GET .*evidence\.json\?versionId"

        def whole(status, headers, body):
            return 200, [(k, v) for k, v in headers if k.lower() != "content-range"], body

        told = self.fails_by(3, Fault(get, proxy.truncate), Fault(get, proxy.edit(whole), ALWAYS))
        self.assertIn("asked for bytes from", told)


if __name__ == "__main__":
    unittest.main(verbosity=2)
