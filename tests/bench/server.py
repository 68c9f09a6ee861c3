"""The servers that are measured against, each on loopback for one bench: Ceph's gateway for S3, and
for Azure the model of it."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator

from measure import Failed

TESTS = pathlib.Path(__file__).parent.parent
sys.path.append(str(TESTS / "azure"))

import signing  # noqa: E402


@contextlib.contextmanager
def server(name: str, credentials: str, *down: str) -> Iterator[None]:
    """While `name` of tests/servers runs, what it says of itself is in the environment, in place of
    all variables that begin with `credentials`. `down` are words for its end."""
    # Not below the folder of the build: the path of a socket is short.
    folder = tempfile.mkdtemp(prefix="cavra-bench-")

    def script(*words: str) -> str:
        command = [TESTS / "servers" / name, *words, "--dir", folder]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise Failed(f"{name} {words[0]}: {ended.stderr.strip()}")
        return ended.stdout

    before = dict(os.environ)
    try:
        script("up", "--port", "0")
        for variable in [variable for variable in os.environ if variable.startswith(credentials)]:
            del os.environ[variable]
        os.environ.update(re.findall(r"([A-Z0-9_]+)='?([^'\s]+)", script("env")))
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        script("down", *down)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def gateway() -> Iterator[None]:
    with server("rgw", "AWS_", "--wipe"):
        yield


@contextlib.contextmanager
def azure_model() -> Iterator[None]:
    """Whoever asks has a shared access signature, so that plain curl may ask as well."""
    with server("azure-model", "AZURE_"):
        account, key = os.environ["AZURE_STORAGE_ACCOUNT"], os.environ["AZURE_STORAGE_KEY"]
        fields = {"sp": "rcwl", "ss": "b", "srt": "sco", "se": "2099-01-01T00:00:00Z",
                  "spr": "https,http", "sv": "2022-11-02"}
        signed = signing.account_sas(account, key, fields)
        os.environ["AZURE_STORAGE_SAS_TOKEN"] = urllib.parse.urlencode(signed)
        for variable in ("AZURE_STORAGE_KEY", "AZURE_STORAGE_CONNECTION_STRING"):
            del os.environ[variable]
        yield
