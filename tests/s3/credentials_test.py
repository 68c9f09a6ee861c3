"""Credentials that run out while they are used."""

import collections
import shlex
import unittest

import fault_proxy as proxy
from fault_proxy import Fault, error
from through_proxy import ALWAYS, HEAD, PUT, ProxyTest

EXPIRED = proxy.answer(400, error("ExpiredToken"))


class CredentialsTest(ProxyTest):
    def use_process(self):
        """What gives the credentials notes each time that it was asked."""
        keys = [self.environment.pop(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
        self.asked = self.folder / "asked"
        script = self.folder / "credentials"
        document = '{"Version": 1, "AccessKeyId": "%s", "SecretAccessKey": "%s"}' % tuple(keys)
        script.write_text(f"#!/bin/sh\necho >> {shlex.quote(str(self.asked))}\necho '{document}'\n")
        script.chmod(0o700)
        config = self.folder / "aws-config"
        config.write_text(f"[default]\ncredential_process = {script}\n")
        self.environment["AWS_CONFIG_FILE"] = str(config)

    def times_asked(self):
        return len(self.asked.read_text())

    def test_fresh_ones_are_fetched(self):
        self.use_process()
        self.done(*self.ARCHIVE)
        usually = self.times_asked()
        for name, fault in {
            "at the listing": Fault(r"versions=", EXPIRED),
            "at a put": Fault(PUT, EXPIRED),
        }.items():
            with self.subTest(name):
                self.setUp()
                self.use_process()
                self.archives_in_spite_of(fault)
                self.assertEqual(self.times_asked(), usually + 1)

    def test_fresh_ones_are_fetched_where_the_answer_has_no_body(self):
        self.use_process()
        receipt = self.archive()
        usually = self.times_asked()
        self.through(Fault(HEAD, proxy.answer(400)))
        self.done("retain", receipt, "--until", "2044-01-01T00:00:00Z", "--yes")
        self.require_delivered()
        self.assertEqual(self.times_asked(), 2 * usually + 1)

    def test_fixed_ones_that_have_run_out(self):
        for pattern in PUT, "":
            with self.subTest(pattern):
                self.setUp()
                told = self.fails_by(4, Fault(pattern, EXPIRED, ALWAYS))
                self.assertIn("ExpiredToken", told)
                self.assertIn("get new credentials", told)
                refused = collections.Counter(seen.line for seen in self.seen(pattern))
                self.assertLessEqual(max(refused.values()), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
