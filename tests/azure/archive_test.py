"""The main job and the later acts on the model of Azure's immutability, and what a stranger sees."""

import email.utils
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

from container import ContainerTest  # first: it knows where the others are

from archive_case import PROGRAM, predicate
from store_cases import StoreCases, time_of

POLICY = "x-ms-immutability-policy-"
# Runs a program and tells its peak of memory in KiB, last on standard error.
PEAK = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status)
"""


class ArchiveTest(StoreCases, ContainerTest):
    """In a container whose default policy locks for ten years, longer than the bundle's policy asks."""

    def put_foreign(self, key, content):
        self.assertEqual(self.ask("PUT", key, None, {"x-ms-blob-type": "BlockBlob"}, content).status, 201)

    def hide(self, keys):
        """By an empty version on top, which is unlocked and then deleted."""
        policies = {"comp": "immutabilityPolicies"}
        for key in keys[:2]:
            soon = {POLICY + "until-date": self.soon(), POLICY + "mode": "unlocked"}
            unlocked = {"x-ms-blob-type": "BlockBlob", **soon}
            self.assertEqual(self.ask("PUT", key, None, unlocked).status, 201)
            self.assertEqual(self.ask("DELETE", key, policies).status, 200)
        self.assertEqual(self.ask("DELETE", keys[0]).status, 202)

    def soon(self):
        return email.utils.formatdate(time.time() + 3600, usegmt=True)

    def look(self, key, version):
        shown = self.head(key, version)
        until = email.utils.parsedate_to_datetime(shown[POLICY + "until-date"])
        mode = {"locked": "compliance", "unlocked": "governance"}[shown[POLICY + "mode"]]
        return mode, until, shown.get("x-ms-legal-hold") == "true"

    def test_the_page_of_the_auditor_shows_the_lock(self):
        """The line of docs/auditor.md, by who may read and nothing else."""
        receipt = self.archive()
        page = (pathlib.Path(__file__).parents[2] / "docs/auditor.md").read_text()
        [line] = [line for line in page.splitlines() if line.startswith("curl ")]
        told = self.control("POST", "token", {"role": "reader"})
        url = self.environment["AZURE_STORAGE_BLOB_ENDPOINT"] + "/" + self.container
        for key, each in self.objects(receipt):
            names = {"CONTAINER_URL": url, "KEY": key, "VERSION": each["version"]}
            words = re.sub("CONTAINER_URL|KEY|VERSION", lambda found: names[found[0]], line)
            answer = subprocess.run(["bash", "-c", words], env={**os.environ, "TOKEN": told["token"]},
                                    capture_output=True, text=True, check=True).stdout
            self.assertIn(f"{POLICY}mode: locked", answer)
            until = re.search(POLICY + r"until-date: (.*)\r?\n", answer)[1]
            self.assertEqual(email.utils.parsedate_to_datetime(until), time_of(each["lock"]["retain_until"]))

    def test_what_is_forbidden_is_refused_to_the_key_of_the_account(self):
        receipt = self.archive()
        key, each = next(self.objects(receipt))
        version = {"versionid": each["version"]}
        policies = {"comp": "immutabilityPolicies", **version}
        earlier = {POLICY + "until-date": "Wed, 01 Jan 2031 00:00:00 GMT", POLICY + "mode": "locked"}
        unlocked = {POLICY + "until-date": "Fri, 01 Jan 2100 00:00:00 GMT", POLICY + "mode": "unlocked"}
        page = {"x-ms-page-write": "clear", "x-ms-range": "bytes=0-511"}
        for method, query, headers, *body in (
            ("DELETE", None, None), ("DELETE", version, None), ("PUT", policies, earlier),
            ("PUT", policies, unlocked), ("DELETE", policies, None),
            ("PUT", {"comp": "metadata"}, {"x-ms-meta-cavrasha256": "0" * 64}),
            ("PUT", {"comp": "properties"}, {"x-ms-blob-content-type": "text/x-other"}),
            ("PUT", {"comp": "appendblock"}, None, b"evil"), ("PUT", {"comp": "page"}, page),
        ):
            reply = self.ask(method, key, query, headers, *body)
            self.assertIn(reply.status, (403, 409), (method, query, reply.body))
        # With the version told, or for good: none of them knows that.
        for method, query in (("DELETE", {"deletetype": "permanent", **version}),
                              *(("PUT", {"comp": comp, **version}) for comp in
                                ("metadata", "properties", "appendblock", "page", "snapshot", "undelete"))):
            reply = self.ask(method, key, query, page if query.get("comp") == "page" else None)
            self.assertEqual(reply.status, 400, (method, query, reply.body))
        container = self.server.ask("DELETE", self.container, "", {"restype": "container"})
        self.assertEqual(container.code, "ContainerImmutableStorageWithVersioningEnabled")
        self.done("status", receipt)
        self.restore(receipt)

    def test_what_is_allowed_on_what_is_locked_changes_nothing_of_it(self):
        receipt = self.archive()
        key, each = next(self.objects(receipt))
        version = {"versionid": each["version"]}
        tags = b"<Tags><TagSet><Tag><Key>keep</Key><Value>no</Value></Tag></TagSet></Tags>"
        for query, headers, body, status in (
            ({"comp": "tier", **version}, {"x-ms-access-tier": "Cool"}, b"", 200),
            ({"comp": "tags", **version}, None, tags, 204), ({"comp": "undelete"}, None, b"", 200),
            ({"comp": "block", "blockid": "ZXZpbA=="}, None, b"evil", 201),
        ):
            self.assertEqual(self.ask("PUT", key, query, headers, body).status, status, query)
        self.done("status", receipt)
        self.restore(receipt)
        self.assertIn("already archived", self.done(*self.ARCHIVE).stdout)

    def test_what_was_moved_to_the_archive_tier_is_told_so_and_comes_back(self):
        """Immutability does not forbid that, and nobody reads it there."""
        receipt = self.archive()
        key, each = next(self.objects(receipt))
        tier = {"comp": "tier", "versionid": each["version"]}
        self.assertEqual(self.ask("PUT", key, tier, {"x-ms-access-tier": "Archive"}).status, 200)
        for words in (("status", receipt), ("restore", receipt, "--output", "restored"), self.ARCHIVE):
            self.assertIn("archive tier", self.ends(4, *words).stderr)
        self.assertEqual(self.ask("PUT", key, tier, {"x-ms-access-tier": "Hot"}).status, 200)
        self.done("status", receipt)
        self.restore(receipt)

    def test_each_way_to_put_a_version_above_hides_and_changes_nothing(self):
        """And what it put is locked by then, too, so that it stays beside."""
        receipt = self.archive()
        below = list(self.objects(receipt))
        self.put_foreign(self.prefix + "/evil", b"evil")
        address = self.environment["AZURE_STORAGE_BLOB_ENDPOINT"] + "/" + self.container
        copy = {"x-ms-copy-source": f"{address}/{self.prefix}/evil"}
        back = {"x-ms-copy-source": f"{address}/{below[1][0]}?versionid={below[1][1]['version']}"}
        empty = b"<BlockList></BlockList>"
        for (key, _), (query, headers, body, status) in zip(below, (
            (None, copy, b"", 202), (None, back, b"", 202), ({"comp": "blocklist"}, None, empty, 201),
            ({"comp": "snapshot"}, None, b"", 201),
        )):
            reply = self.ask("PUT", key, query, headers, body)
            self.assertEqual(reply.status, status, reply.body)
            self.assertEqual(self.ask("DELETE", key).status, 409)
            if snapshot := reply.headers.get("x-ms-snapshot"):
                self.assertEqual(self.ask("DELETE", key, {"snapshot": snapshot}).code, "BlobImmutableDueToPolicy")
        self.ends(1, "status", receipt)
        self.assertEqual(self.findings(receipt), {"store.hidden"})
        self.restore(receipt)
        before = self.versions()
        self.done(*self.ARCHIVE)
        self.assertEqual(self.versions(), before)
        self.assertEqual(self.receipts(), [receipt])

    def test_explicit_is_read_back_before_it_is_locked(self):
        self.configure("V", policy="explicit")
        told = self.done(*self.ARCHIVE, "--debug").stderr
        lines = [line for line in told.splitlines() if "note.txt" in line]
        acts = [line.split()[2] + (" policy" if "immutabilityPolicies" in line else "") for line in lines]
        self.assertLess(acts.index("GET"), acts.index("PUT policy"), lines)
        self.done("status", self.receipts()[-1])

    def claim(self, key, content, member, policy):
        """Another writer's version, which says that it is ours."""
        right = (self.folder / "bundle" / member).read_bytes()
        headers = {"x-ms-blob-type": "BlockBlob", "x-ms-meta-cavrasha256": hashlib.sha256(right).hexdigest()}
        self.assertEqual(self.ask("PUT", key, None, {**headers, **policy}, content).status, 201)

    def test_a_claim_with_a_longer_lock_is_read_and_not_believed(self):
        receipt = self.archive()
        key, each = next(o for o in self.objects(receipt) if o[1]["member"].endswith("note.txt"))
        longer = {POLICY + "until-date": "Fri, 01 Jan 2100 00:00:00 GMT", POLICY + "mode": "locked"}
        self.claim(key, b"a lie!\n", each["member"], longer)
        self.done(*self.ARCHIVE)
        self.assertEqual(len(self.receipts()), 1)
        self.ends(1, "status", receipt)
        self.assertEqual(self.findings(receipt), {"store.hidden"})
        self.restore(receipt)

    def test_a_claim_that_was_there_first_is_never_locked(self):
        self.configure("V", policy="explicit")
        receipt = self.archive()
        key, each = next(o for o in self.objects(receipt) if o[1]["member"].endswith("note.txt"))
        first, self.prefix = self.prefix, self.prefix + "-claimed"
        self.configure("V", policy="explicit")
        key = key.replace(first, self.prefix, 1)
        self.claim(key, b"a lie!\n", each["member"], {})
        self.assertIn("note.txt", self.ends(4, *self.ARCHIVE).stderr)
        self.assertEqual(len(self.receipts()), 1)
        self.assertNotIn(POLICY + "mode", self.ask("HEAD", key).headers)

    def put_strangers(self, metadata):
        """What is to be archived is there, as after a killed run, and with each name a hundred that begin so."""
        receipt = self.archive()
        first, self.prefix = self.prefix, self.prefix + "-crowded"
        self.configure()
        block, asks = {"x-ms-blob-type": "BlockBlob"}, []
        for key, each in self.objects(receipt):
            key, right = key.replace(first, self.prefix, 1), (self.folder / "bundle" / each["member"]).read_bytes()
            own = {**block, "x-ms-meta-cavrasha256": hashlib.sha256(right).hexdigest()}
            asks.append(("PUT", self.container, key, None, own, right))
            asks += [("PUT", self.container, f"{key}-{n:03}", None, {**block, **metadata}) for n in range(100)]
        self.assertEqual({reply.status for reply in self.server.ask_all(asks)}, {201})
        self.assertGreaterEqual(len(asks), 900)

    def archive_in(self, mebibytes):
        """The archive is made in so much memory. Whoever starts a process is counted with it until that is
        another program: so it is started by one that is small itself."""
        run = subprocess.run([sys.executable, "-c", PEAK, PROGRAM, *self.ARCHIVE], cwd=self.folder,
                             env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertLess(int(run.stderr.splitlines()[-1]) / 1024, mebibytes)

    def check_strangers(self, metadata):
        self.put_strangers(metadata)
        self.archive_in(64)
        self.assertEqual(self.findings(self.receipts()[-1]), {"store.unexpected"})
        self.restore(self.receipts()[-1])

    def test_metadata_of_strangers_beside_each_name_cost_little_memory(self):
        """8 KiB on each, which are five times as many bytes in XML."""
        self.check_strangers({"x-ms-meta-a": "&" * 8000})

    @unittest.skipUnless(os.environ.get("CAVRA_TEST_LONG"), "left out: CAVRA_TEST_LONG is not set")
    def test_as_many_small_metadata_as_fit(self):
        self.check_strangers({f"x-ms-meta-{chr(97 + n % 26)}{n // 26:02x}": "1" for n in range(2000)})

    def test_each_checksum_is_checked_by_the_service(self):
        for checksum, header, other in (
            ("crc64", "x-ms-content-crc64", "content-md5"), ("md5", "content-md5", "x-ms-content-crc64"),
        ):
            with self.subTest(checksum):
                self.setUp()
                self.configure(checksum=checksum, single_put_bytes=1 << 18, block_bytes=1 << 20)
                self.make_bundle({"note.txt": b"a note\n", "big.bin": os.urandom((2 << 20) + 17)})
                self.control("DELETE", "requests")
                self.restore(self.archive())
                puts = [each for each in self.control("GET", "requests")
                        if each["method"] == "PUT" and "comp=blocklist" not in each["target"]]
                self.assertGreater(len(puts), 4)
                for put in puts:
                    names = {name.lower() for name, _ in put["headers"]}
                    self.assertTrue(header in names and other not in names, put)

    def test_a_name_that_the_service_would_cut_is_refused_before_anything_is_put(self):
        self.make_bundle({"ends in a dot.": b"x"})
        self.assertIn("ends in a dot", self.ends(4, *self.ARCHIVE).stderr)
        self.assertEqual(self.versions(), [])

    def test_what_is_unlocked_is_governance_and_is_locked_later(self):
        self.configure("V", policy="explicit", mode="unlocked")
        self.assertEqual(predicate(self.archive())["lock"]["mode"], "governance")
        self.configure("V", policy="explicit")
        self.assertEqual(predicate(self.archive())["lock"]["mode"], "compliance")

    def test_a_default_that_is_too_short_is_made_longer(self):
        self.configure("V_SHORT")
        self.done("status", self.archive())

    def test_containers_without_immutability(self):
        for kind in ("P0", "P1"):
            self.configure(kind)
            self.assertIn("version-level-immutability", self.ends(4, *self.ARCHIVE).stderr)
            self.assertEqual(self.versions(), [])

    def test_wrong_key_and_container(self):
        right = self.environment
        self.environment = {k: v for k, v in right.items() if "CONNECTION" not in k}
        self.environment["AZURE_STORAGE_KEY"] = "d3Jvbmc="
        told = self.ends(4, *self.ARCHIVE).stderr
        self.assertEqual(told.count("AuthenticationFailed"), 1, told)
        self.environment = right
        self.set_store("azure-immutable", {"container": "no-such-container"})
        self.assertIn("ContainerNotFound", self.ends(2, *self.ARCHIVE).stderr)

    def test_no_secret_is_shown(self):
        told = self.done(*self.ARCHIVE, "--debug")
        self.assertIn("debug: azure: PUT http", told.stderr)
        for secret in (self.environment["AZURE_STORAGE_KEY"], "SharedKey "):
            self.assertNotIn(secret, told.stdout + told.stderr)

    def test_a_killed_upload_is_taken_up(self):
        """With CAVRA_TEST_LONG of 1 GiB."""
        blocks, mebibytes = (128, 8) if os.environ.get("CAVRA_TEST_LONG") else (48, 1)
        self.configure(block_bytes=mebibytes << 20, single_put_bytes=1 << 20, sessions=2)
        self.make_bundle({"big.bin": os.urandom(blocks * mebibytes << 20)})
        is_block = lambda line: "comp=block&" in line and "-> 201" in line
        run = self.start(*self.ARCHIVE, "--debug")
        before = 0
        for line in run.stderr:
            before += is_block(line)
            if before == blocks // 3:
                run.send_signal(signal.SIGKILL)
                break
        before += sum(map(is_block, run.stderr))
        run.wait()
        run.stdout.close()
        run.stderr.close()
        self.assertEqual(self.receipts(), [])
        after = sum(map(is_block, self.done(*self.ARCHIVE, "--debug").stderr.splitlines()))
        # What was under way when it was killed may have come to be.
        self.assertLessEqual(after, blocks - before)
        self.assertGreaterEqual(after, blocks - before - 2)
        self.assertEqual(len(self.receipts()), 1)
        self.restore(self.receipts()[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
