"""On Azurite, which says yes to every lock and keeps none: no receipt, and a message that says why."""

import unittest

from container import ContainerTest


class AzuriteTest(ContainerTest):
    name = "azurite"

    def setUp(self):
        super().setUp()
        self.server.ask("PUT", self.container, "", {"restype": "container"})

    def test_nothing_is_proven(self):
        for policy in ("inherit", "explicit"):
            with self.subTest(policy):
                self.prefix += policy
                self.configure(policy=policy)
                self.assertIn("immutability", self.ends(5, *self.ARCHIVE).stderr)
                self.assertEqual(self.receipts(), [])

    def test_in_blocks(self):
        self.configure(policy="explicit", single_put_bytes=1 << 20, block_bytes=1 << 20)
        self.make_bundle({"big.bin": bytes(3 << 20)})
        self.ends(5, *self.ARCHIVE)
        self.assertEqual(self.receipts(), [])

    def test_a_checksum_that_it_does_not_know(self):
        self.configure(checksum="crc64")
        self.assertIn('"checksum": "md5"', self.ends(2, *self.ARCHIVE).stderr)
        self.assertEqual(self.receipts(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
