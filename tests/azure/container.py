"""A container for the tests of the plugin, at the model or at Azurite, and how a stranger asks it."""

import atexit
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))

import curl
import signing
from archive_case import MUST_RUN, ArchiveCase
from curl import Ask

SERVERS = pathlib.Path(__file__).parent.parent / "servers"


class Server:
    """`azure-model` or `azurite`, as long as the process; asked by Shared Key."""

    def __init__(self, name):
        self.name = name
        self.folder = tempfile.mkdtemp(prefix="cavra-azure-")
        atexit.register(self.stop)
        up = self._script("up", "--port", "0")
        self.problem = up.stderr.strip() if up.returncode else None
        self.environment = self.told("env") if not self.problem else {}

    def told(self, *words):
        return dict(re.findall(r"export (\w+)='?([^'\n]*)'?", self._script(*words).stdout))

    def _script(self, *words):
        return subprocess.run([SERVERS / self.name, *words, "--dir", self.folder],
                              capture_output=True, text=True, check=False)

    def stop(self):
        self._script("down")
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method, container, blob="", query=None, headers=None, body=b""):
        return self.ask_all([(method, container, blob, query, headers, body)])[0]

    def ask_all(self, asks):
        """Each as ask() takes it, one after the other over one connection."""
        base = self.environment["AZURE_STORAGE_BLOB_ENDPOINT"].rpartition("/")[0]
        return curl.run(base, [self._signed(*what) for what in asks])

    def _signed(self, method, container, blob="", query=None, headers=None, body=b""):
        account = self.environment["AZURE_STORAGE_ACCOUNT"]
        path = signing.path_of(account, container, blob)
        now = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
        headers = {"x-ms-version": "2023-11-03", "x-ms-date": now, **(headers or {})}
        headers["Authorization"] = signing.shared_key(
            account, self.environment["AZURE_STORAGE_KEY"], method, path, query or {}, headers, len(body))
        return Ask(method, path, query or {}, headers, body)


RUNNING = {}


def server(name):
    if name not in RUNNING:
        RUNNING[name] = Server(name)
    return RUNNING[name]


class ContainerTest(ArchiveCase):
    """Each test has a prefix of its own in the container."""

    name = "azure-model"
    store = "azure"
    count = 0

    def setUp(self):
        self.server = server(self.name)
        if self.server.problem:
            if self.name in MUST_RUN:
                self.fail(self.server.problem)
            self.skipTest(f"left out: no {self.name} here: " + self.server.problem.splitlines()[-1])
        ContainerTest.count += 1
        self.prefix = f"test{ContainerTest.count}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AZURE_")}
        self.begin({**kept, **self.server.environment})
        self.configure()
        self.make_bundle({"note.txt": b"a note\n", "empty.bin": b""})

    def configure(self, kind="V_LOCKED", **settings):
        self.container = self.server.environment.get(f"CAVRA_AZURE_CONTAINER_{kind}", "cavra")
        self.set_store("azure-immutable", {"container": self.container, "prefix": self.prefix, **settings})

    def ask(self, method, key, query=None, headers=None, body=b""):
        return self.server.ask(method, self.container, key, query, headers, body)

    def head(self, key, version):
        reply = self.ask("HEAD", key, {"versionid": version})
        self.assertEqual(reply.status, 200)
        return reply.headers

    def control(self, method, name, wish=None):
        base = self.server.environment["CAVRA_AZURE_MODEL"].rpartition("/")[0]
        body = json.dumps(wish).encode() if wish is not None else b""
        [reply] = curl.run(base, [Ask(method, "/.model/" + name, {}, {}, body)])
        self.assertEqual(reply.status, 200, reply.body)
        return json.loads(reply.body)

    def versions(self):
        query = {"restype": "container", "comp": "list", "include": "versions", "prefix": self.prefix}
        reply = self.server.ask("GET", self.container, "", query)
        self.assertEqual(reply.status, 200, reply.body)
        return [blob.findtext("Name") for blob in reply.xml().iter("Blob")]
