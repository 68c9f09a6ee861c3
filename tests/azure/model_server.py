"""The model server for the tests, and how curl asks it."""

import atexit
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import curl
import signing
from curl import Ask

SERVERS = pathlib.Path(__file__).parent.parent / "servers"
TABLE = json.loads((SERVERS / "azure_model/state_table.json").read_text())
VERSION = "2023-11-03"
DAY = 86400


def rfc1123(unix_s):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(unix_s))


def iso(unix_s):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(unix_s))


class Model:
    def __init__(self, *options):
        self.folder = tempfile.mkdtemp(prefix="cavra-azure-")
        atexit.register(self.stop)
        self._script("up", *options, check=True)
        self.environment = self.env()
        self.account = self.environment["AZURE_STORAGE_ACCOUNT"]
        self.key = self.environment["AZURE_STORAGE_KEY"]
        self.base = self.environment["AZURE_STORAGE_BLOB_ENDPOINT"].rpartition("/")[0]
        ca_file = self.environment.get("CAVRA_AZURE_CA_FILE")
        self.curl_options = [f'cacert = "{ca_file}"'] if ca_file else []
        self.ahead_s = 0

    def _script(self, *words, check=False):
        return subprocess.run([SERVERS / "azure-model", *words, "--dir", self.folder], capture_output=True,
                              text=True, check=check)

    def env(self, *more):
        return dict(re.findall(r"export (\w+)='(.*)'", self._script("env", *more, check=True).stdout))

    def stop(self):
        self._script("down")
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        return (pathlib.Path(self.folder) / "log").read_text()

    def container(self, label):
        return self.environment["CAVRA_AZURE_CONTAINER_" + label]

    def now(self):
        return time.time() + self.ahead_s

    # Requests.

    def path(self, container="", blob=""):
        return signing.path_of(self.account, container, blob)

    def ask(self, method, container="", blob="", query=None, headers=None, body=b""):
        """A request that is not signed yet."""
        headers = {"x-ms-version": VERSION, **(headers or {})}
        return Ask(method, self.path(container, blob), query or {}, headers, body)

    def signed(self, ask, key=None):
        headers = {"x-ms-date": rfc1123(self.now()), **ask.headers}
        headers["Authorization"] = signing.shared_key(
            self.account, key or self.key, ask.method, ask.path, ask.query, headers, len(ask.body))
        return Ask(ask.method, ask.path, ask.query, headers, ask.body)

    def run(self, asks):
        """As they are, in one process."""
        return curl.run(self.base, asks, *self.curl_options) if asks else []

    def sign_and_run(self, asks):
        return self.run([self.signed(ask) for ask in asks])

    def one(self, *what, **more):
        """The reply to one signed request, on a connection of its own."""
        return self.sign_and_run([self.ask(*what, **more)])[0]

    def put(self, container, blob, body=b"bytes", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("PUT", container, blob, headers={"x-ms-blob-type": "BlockBlob", **named}, body=body)

    # The model itself.

    def control(self, method, name, wish=None, **query):
        body = json.dumps(wish).encode() if wish is not None else b""
        [reply] = curl.run(self.base, [Ask(method, "/.model/" + name, query, {}, body)], *self.curl_options)
        if reply.status != 200:
            raise AssertionError(f"{method} {name}: {reply.status} {reply.body}")
        return json.loads(reply.body)

    def step(self, seconds):
        self.control("POST", "clock", {"step": seconds})
        self.ahead_s += seconds

    def reset(self):
        self.control("POST", "reset", {})
        self.ahead_s = 0


MODELS = {}


def model(*options):
    if options not in MODELS:
        MODELS[options] = Model(*options)
    return MODELS[options]


class ModelTest(unittest.TestCase):
    """Each test has names of its own; lies, faults and the clock are undone. The model never fails inside."""

    count = 0
    options = ()

    def setUp(self):
        ModelTest.count += 1
        self.prefix = f"test{ModelTest.count}/"
        self.model = model(*self.options)
        self.model.reset()

    def tearDown(self):
        self.assertNotIn("Traceback", self.model.log())

    def refused(self, reply, status, code):
        self.assertEqual((reply.status, reply.code), (status, code), reply.body[:600])

    def done(self, reply, status=200):
        self.assertEqual((reply.status, reply.code), (status, None), reply.body[:600])
        return reply
