"""One archive in three stores by one command: a folder, a real S3 server, the model of Azure.

And with one of them out of reach: the others have their receipts, and the same words again complete it.
"""

import hashlib
import os
import pathlib
import unittest
import urllib.parse

import bucket
import container
import fault_proxy
from archive_case import MUST_RUN, ArchiveCase, predicate

ALWAYS = 10**6
NOTE = r"^PUT .*note\.txt"  # when others of the bundle are there


class SeveralStoresTest(ArchiveCase):
    count = 0

    def setUp(self):
        self.require("ext4", os.environ.get("CAVRA_TEST_EXT4"), "see tests/support/loop-mount.sh")
        s3, azure = bucket.server(), container.server("azure-model")
        self.require("rgw", not s3.problem, s3.problem)
        self.require("azure-model", not azure.problem, azure.problem)
        SeveralStoresTest.count += 1
        # The folder above the store's own can be moved, as a disk can be taken away.
        self.disk = pathlib.Path(os.environ["CAVRA_TEST_EXT4"]) / f"several{self.count}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AZURE_")}
        self.begin({**kept, **azure.environment, **bucket.clean_environment(s3.environment)})
        self.ways = {}
        self.pass_through_a_proxy("s3", "AWS_ENDPOINT_URL_S3", self.environment.get("AWS_CA_BUNDLE"))
        self.pass_through_a_proxy("azure", "AZURE_STORAGE_BLOB_ENDPOINT", None)
        self.environment["AWS_MAX_ATTEMPTS"] = "2"
        del self.environment["AZURE_STORAGE_CONNECTION_STRING"]  # it tells the address, too
        self.disk.mkdir()
        prefix = {"prefix": f"several{self.count}"}
        self.set_stores({
            "local": {"plugin": "local-worm", "settings": {"root": str(self.disk / "worm")}},
            "s3": {"plugin": "s3-object-lock", "settings": {"bucket": s3.bucket("LOCK"), **prefix}},
            "azure": {"plugin": "azure-immutable",
                      "settings": {"container": azure.environment["CAVRA_AZURE_CONTAINER_V_LOCKED"], **prefix}},
        })
        self.make_bundle({"note.txt": b"a note\n", "empty.bin": b"", "many.bin": os.urandom(3 << 20)})

    def pass_through_a_proxy(self, store, variable, ca_file):
        """So that the service can be out of reach at an address that stays."""
        address = urllib.parse.urlsplit(self.environment[variable])
        proxy = fault_proxy.FaultProxy(address.geturl(), [], ca_file)
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        self.environment[variable] = proxy.url + address.path
        self.ways[store] = proxy

    def require(self, kind, is_there, why):
        if is_there:
            return
        line = f"left out: no {kind} here: {why}"
        if kind in MUST_RUN:
            self.fail(line)
        self.skipTest(line)

    @property
    def ARCHIVE(self):
        return ("archive", "bundle", "--store", "local", "--store", "s3", "--store", "azure", "--yes")

    def by_store(self):
        """The receipts of the bundle, each under its store's name."""
        digest = hashlib.sha256((self.folder / "bundle/manifest.json").read_bytes()).hexdigest()
        found = {}
        for receipt in self.receipts():
            told = predicate(receipt)
            if digest in told["archive_prefix"]:
                self.assertNotIn(told["store"], found)
                found[told["store"]] = receipt
        return found

    def require_in_all(self):
        found = self.by_store()
        self.assertEqual(set(found), {"local", "s3", "azure"})
        for name, receipt in found.items():
            self.assertIn(f"store {name} at", self.done("status", receipt).stdout)
            self.restore(receipt)
            self.assertIn("0 incomplete", self.done("evidence", "list", "--store", name).stdout)
        self.done("status", "--all")
        return found

    def test_all_three_have_it_and_give_it_back(self):
        told = self.done(*self.ARCHIVE).stdout
        for name in ("local", "s3", "azure"):
            self.assertIn(f"archived in {name}:", told)
        found = self.require_in_all()
        modes = {name: predicate(receipt)["lock"]["mode"] for name, receipt in found.items()}
        self.assertEqual(modes, {"local": "governance", "s3": "compliance", "azure": "compliance"})
        again = self.done(*self.ARCHIVE).stdout
        for name in found:
            self.assertIn(f"already archived in {name}:", again)
        self.assertEqual(self.by_store(), found)

    def without(self, name, pattern=""):
        """The store is out of reach from the first request on that fits; what is returned brings it back."""
        if name == "local":
            away = self.disk.with_suffix(".away")
            self.disk.rename(away)
            return lambda: away.rename(self.disk)
        faults = self.ways[name].faults
        faults.append(fault_proxy.Fault(pattern, fault_proxy.cut_before, ALWAYS))
        return faults.clear

    def test_one_that_is_out_of_reach_does_not_stop_the_others(self):
        self.done(*self.ARCHIVE)  # the folder is known from then on
        # The last one is waited for as long as the one before: the Azure store has no setting for it.
        trials = [("local", ""), ("s3", ""), ("s3", NOTE), ("azure", NOTE), ("azure", "")]
        for name, pattern in trials if bucket.IS_LONG else trials[:-1]:
            with self.subTest(name, pattern=pattern):
                self.make_bundle({"note.txt": f"without {name} {pattern}\n".encode()})
                bring_back = self.without(name, pattern)
                ended = self.ends(3, *self.ARCHIVE)
                self.assertIn(f"store {name}: ", ended.stderr)
                self.assertNotIn(f"archived in {name}", ended.stdout)
                others = self.by_store()
                self.assertEqual(set(others), {"local", "s3", "azure"} - {name})
                for receipt in others.values():
                    self.done("status", receipt)
                    self.restore(receipt)
                bring_back()
                told = self.done(*self.ARCHIVE).stdout
                for other in others:
                    self.assertIn(f"already archived in {other}:", told)
                found = self.require_in_all()
                self.assertEqual({n: r for n, r in found.items() if n != name}, others)

    def test_one_that_is_lost_leaves_what_the_others_have(self):
        """The folder is gone for good: its receipt says so, and the bytes come from elsewhere."""
        self.done(*self.ARCHIVE)
        found = self.by_store()
        self.without("local")
        self.ends(3, "status", found.pop("local"))
        for receipt in found.values():
            self.done("status", receipt)
            self.restore(receipt)


if __name__ == "__main__":
    unittest.main(verbosity=2)
