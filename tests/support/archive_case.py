"""A folder with keys and a signed bundle, and the built program in it: what each test of a store begins with."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["CAVRA_PROGRAM"]
MUST_RUN = os.environ.get("CAVRA_TEST_MUST_RUN", "").split(",")


def predicate(receipt):
    return json.loads(base64.b64decode(json.loads(receipt.read_text())["payload"]))["predicate"]


class ArchiveCase(unittest.TestCase):
    """`environment` is what the program runs in; `store` the name that its configuration gives to the
    store under test."""

    store = "store"

    def begin(self, environment):
        self.environment = environment
        home = tempfile.TemporaryDirectory(prefix="cavra-store-")
        self.addCleanup(home.cleanup)
        self.folder = pathlib.Path(home.name)
        self.done("init", "--sample")

    def set_store(self, plugin, settings):
        self.set_stores({self.store: {"plugin": plugin, "settings": settings}})

    def set_stores(self, stores):
        path = self.folder / ".cavra/config.json"
        config = json.loads(path.read_text())
        config["stores"] = stores
        path.write_text(json.dumps(config))

    def make_bundle(self, members):
        shutil.rmtree(self.folder / "attached", ignore_errors=True)
        shutil.rmtree(self.folder / "bundle", ignore_errors=True)
        (self.folder / "attached").mkdir()
        for name, content in members.items():
            (self.folder / "attached" / name).write_bytes(content)
        self.done("evidence", "bundle", "--output", "bundle", "--attach", "attached",
                  "--private-key", ".cavra/keys/evidence-private.pem")

    # The program.

    def start(self, *words):
        return subprocess.Popen(
            [PROGRAM, *map(str, words)], cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run_it(self, *words):
        process = self.start(*words)
        out, err = process.communicate()
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def ends(self, exit_status, *words):
        ended = self.run_it(*words)
        self.assertEqual(ended.returncode, exit_status, ended.stdout + ended.stderr)
        return ended

    def done(self, *words):
        return self.ends(0, *words)

    @property
    def ARCHIVE(self):
        return ("archive", "bundle", "--store", self.store, "--yes")

    def archive(self):
        self.done(*self.ARCHIVE)
        return self.receipts()[-1]

    def receipts(self):
        folder = self.folder / ".cavra/receipts"
        return sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)

    def restore(self, receipt):
        self.done("restore", receipt, "--output", "restored")
        same = subprocess.run(["diff", "-r", "bundle", "restored"], cwd=self.folder, check=False)
        self.assertEqual(same.returncode, 0)
        shutil.rmtree(self.folder / "restored")

    def findings(self, receipt):
        told = json.loads(self.run_it("status", receipt, "--json").stdout)
        return {f["code"] for f in told["result"]["receipts"][0]["findings"]}

    def objects(self, receipt):
        """The key of each object, and what the receipt tells of it."""
        told = predicate(receipt)
        for each in told["objects"]:
            yield told["archive_prefix"] + "bundle/" + each["member"], each
