"""The model server for the tests, and how they tell it what to do."""

import atexit
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import curl
from curl import Ask
from service import Service

SERVERS = pathlib.Path(__file__).parent.parent / "servers"
TABLE = json.loads((SERVERS / "azure_model/state_table.json").read_text())


class Model(Service):
    def __init__(self, *options):
        self.folder = tempfile.mkdtemp(prefix="cavra-azure-")
        atexit.register(self.stop)
        self._script("up", *options, check=True)
        super().__init__(self.env())
        ca_file = self.environment.get("CAVRA_AZURE_CA_FILE")
        self.curl_options = [f'cacert = "{ca_file}"'] if ca_file else []

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
