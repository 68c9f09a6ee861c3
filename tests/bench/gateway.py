"""The S3 server that is measured against: Ceph's gateway on loopback, on one disk, for one bench."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from measure import Failed

RGW = pathlib.Path(__file__).parent.parent / "servers/rgw"


@contextlib.contextmanager
def gateway() -> Iterator[None]:
    """While it runs, its address, credentials and bucket names are in the environment, as AWS's
    tools read them."""
    # Not below the folder of the build: the path of a socket is short.
    folder = tempfile.mkdtemp(prefix="cavra-bench-")

    def rgw(*words: str) -> str:
        ended = subprocess.run([RGW, *words, "--dir", folder], capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise Failed(f"rgw {words[0]}: {ended.stderr.strip()}")
        return ended.stdout

    before = dict(os.environ)
    try:
        rgw("up", "--port", "0")
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(re.findall(r"([A-Z0-9_]+)=(\S+)", rgw("env")))
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        rgw("down", "--wipe")
        shutil.rmtree(folder, ignore_errors=True)
