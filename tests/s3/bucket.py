"""A real S3 server with Object Lock for the tests, and how a stranger asks it.

tests/servers/rgw starts Ceph's gateway on loopback, once for all tests of a process; in the long form
with TLS, on three OSDs. What is asked here goes by Debian's `aws`, never by code of the project.
"""

import atexit
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))

from archive_case import MUST_RUN, ArchiveCase

RGW = pathlib.Path(__file__).parent.parent / "servers/rgw"
IS_LONG = bool(os.environ.get("CAVRA_TEST_LONG"))


class Server:
    """The gateway, its buckets' names and credentials, as variables."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="cavra-rgw-")
        atexit.register(self.stop)
        up = self._rgw("up", "--port", "0", *(["--tls", "--osds", "3"] if IS_LONG else []))
        self.problem = up.stderr.strip() if up.returncode else None
        self.environment = self._told("env") if not self.problem else {}

    def _rgw(self, *words):
        return subprocess.run(
            [RGW, *words, "--dir", self.folder], capture_output=True, text=True, check=False
        )

    def _told(self, *words):
        return dict(re.findall(r"([A-Z0-9_]+)=(\S+)", self._rgw(*words).stdout))

    def temporary_credentials(self):
        """From now on the server says AccessDenied of whatever is wrong with a signature."""
        self._rgw("up", "--sts")
        return self._told("sts")

    def stop(self):
        self._rgw("down", "--wipe")
        shutil.rmtree(self.folder, ignore_errors=True)

    def bucket(self, kind):
        return self.environment["CAVRA_S3_BUCKET_" + kind]


SERVER = None


def server():
    global SERVER
    if SERVER is None:
        SERVER = Server()
    return SERVER


def clean_environment(more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return {**kept, "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required", "AWS_PAGER": "", **more}


class BucketTest(ArchiveCase):
    """Each test has a prefix of its own in the bucket.

    One that sets up anew, as for a subtest, has another one, in the same area.
    """

    store = "s3"
    count = 0
    area = None  # what the prefixes of one test begin with

    def setUp(self):
        self.server = server()
        if self.server.problem:
            if "rgw" in MUST_RUN:
                self.fail(self.server.problem)
            self.skipTest("left out: no S3 server here: " + self.server.problem.splitlines()[-1])
        BucketTest.count += 1
        self.own_bucket = f"cavra-own-{BucketTest.count}"  # a name, for who makes one
        self.area = self.area or f"test{BucketTest.count}-"
        self.prefix = f"{self.area}{BucketTest.count}"
        self.begin(clean_environment(self.server.environment))
        self.configure()
        self.make_bundle({"note.txt": b"a note\n", "empty.bin": b""})

    def configure(self, bucket=None, **settings):
        self.bucket = bucket or self.server.bucket("LOCK")
        self.set_store("s3-object-lock", {"bucket": self.bucket, "prefix": self.prefix, **settings})

    # The stranger.

    def aws(self, *words):
        ended = self.try_aws(*words)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return json.loads(ended.stdout or "{}")

    def try_aws(self, *words):
        return subprocess.run(
            ["aws", "--endpoint-url", self.server.environment["AWS_ENDPOINT_URL_S3"], "s3api", *map(str, words)],
            env=clean_environment(self.server.environment), capture_output=True, text=True, check=False)

    def versions(self, prefix=None):
        return self._listed("list-object-versions", prefix).get("Versions", [])

    def uploads(self, prefix=None):
        return self._listed("list-multipart-uploads", prefix).get("Uploads", [])

    def _listed(self, word, prefix):
        return self.aws(word, "--bucket", self.bucket, "--prefix", prefix or self.prefix)
