"""A bucket behind a proxy with faults, and what must hold afterwards."""

import re

import fault_proxy
from bucket import BucketTest

PUT = r"^PUT .*bundle/attached/note\.txt$"
HEAD = r"^HEAD .*bundle/attached/note\.txt"
PROOF = r"^(HEAD|GET) .*bundle/attached/note\.txt\?versionId"
GET = r"^GET .*bundle/attached/note\.txt\?versionId"
ALWAYS = 10**6


class ProxyTest(BucketTest):
    def tearDown(self):
        """Whatever happened on the way: one version of each object."""
        keys = [version["Key"] for version in self.versions(self.area)]
        self.assertEqual(len(keys), len(set(keys)))

    def through(self, *faults, certificate=None, attempts=4):
        self.proxy = fault_proxy.FaultProxy(
            self.server.environment["AWS_ENDPOINT_URL_S3"], list(faults),
            self.server.environment.get("AWS_CA_BUNDLE"), certificate)
        self.addCleanup(self.proxy.server_close)
        self.addCleanup(self.proxy.shutdown)
        self.environment["AWS_ENDPOINT_URL_S3"] = self.proxy.url
        self.environment["AWS_MAX_ATTEMPTS"] = str(attempts)

    def directly(self):
        self.environment["AWS_ENDPOINT_URL_S3"] = self.server.environment["AWS_ENDPOINT_URL_S3"]

    def require_delivered(self):
        for fault in self.proxy.faults:
            self.assertGreater(fault.delivered, 0, "not delivered: " + fault.pattern.pattern)

    def seen(self, pattern):
        return [seen for seen in self.proxy.seen if re.search(pattern, seen.line)]

    def archives_in_spite_of(self, *faults):
        """Nothing of the faults is to be seen afterwards."""
        self.through(*faults)
        self.done(*self.ARCHIVE)
        self.require_delivered()
        self.assertEqual(len(self.receipts()), 1)

    def fails_by(self, exit_status, *faults):
        """Nothing is called archived, and the next run archives it."""
        self.through(*faults, attempts=2)
        ended = self.ends(exit_status, *self.ARCHIVE)
        self.require_delivered()
        self.assertEqual(self.receipts(), [])
        self.directly()
        self.done(*self.ARCHIVE)
        return ended.stderr
