"""The main job and the later acts in the local WORM store, on real file systems, and what a stranger sees.

The stranger is `lsattr` and `getfattr`, as docs/auditor.md and docs/verify-by-hand.md say.
tests/support/loop-mount.sh mounts the file systems, and whatever is locked goes with them.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))

from archive_case import MUST_RUN, ArchiveCase
from store_cases import StoreCases, time_of


class Ext4Test(StoreCases, ArchiveCase):
    """Each test has a store of its own."""

    kind = "ext4"
    mode = "governance"
    conflict = "another size"
    count = 0
    hides_nothing = "a file has one content, and the kernel keeps its name: there are no versions"

    def setUp(self):
        mounted = os.environ.get("CAVRA_TEST_" + self.kind.upper())
        if mounted is None:
            if self.kind in MUST_RUN:
                self.fail(f"no {self.kind} here; see tests/support/loop-mount.sh")
            self.skipTest(f"left out: no {self.kind} here; see tests/support/loop-mount.sh")
        Ext4Test.count += 1
        self.mounted, self.prefix = pathlib.Path(mounted), f"store{Ext4Test.count}"
        self.begin(os.environ)
        self.configure()
        self.make_bundle({"note.txt": b"a note\n", "empty.bin": b""})

    def configure(self, **settings):
        # Another folder is another store: under the name of the first the program would miss that one.
        self.store, self.root = self.prefix, self.mounted / self.prefix
        self.set_store("local-worm", {"root": str(self.root), **settings})

    # The stranger.

    def put_foreign(self, key, content):
        if not self.root.exists():  # a store begins with what is put first: here what a probe puts
            self.done("store", "probe", self.store, "--destructive-test", "--yes")
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def versions(self):
        files = (path for path in self.root.rglob("*") if path.is_file())
        return sorted((str(path), path.stat().st_ino, path.stat().st_mtime_ns) for path in files)

    def is_immutable(self, path):
        told = subprocess.run(["lsattr", "-d", path], capture_output=True, text=True, check=True).stdout
        return "i" in told.split()[0]

    def look(self, key, _version):
        """The lock attribute of a file, and the records of what came later, where the kernel seals them."""
        mode = self.mode if self.is_immutable(self.root / key) else "none"
        told = subprocess.run(["getfattr", "--only-values", "-n", "user.cavra.lock", self.root / key],
                              capture_output=True, text=True, check=True).stdout
        until, is_held = time_of(re.match(r"v1 retain_until=(\S+) size=\d+ sha256=[0-9a-f]{64}$", told)[1]), False
        for path in sorted((self.root / ".cavra-store/records" / key).glob("*.json")):
            self.assertTrue(self.is_immutable(path), path)
            record = json.loads(path.read_text())
            is_held = record["act"] == "hold" or (is_held and record["act"] != "release")
            until = max(until, time_of(record.get("retain_until") or "1970-01-01T00:00:00Z"))
        return mode, until, is_held


class XfsTest(Ext4Test):
    kind = "xfs"


class BtrfsTest(Ext4Test):
    kind = "btrfs"


if __name__ == "__main__":
    unittest.main(verbosity=2)
