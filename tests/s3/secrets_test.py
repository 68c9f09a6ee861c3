"""Where secrets must not be: what is told, the files, a core dump."""

import os
import re
import resource
import signal
import subprocess
import time
import unittest

import fault_proxy as proxy
from fault_proxy import Fault
from through_proxy import PUT, ProxyTest


def dumps_core(process):
    """Whether it does when it is ended so, with all that a user can allow it."""
    resource.prlimit(process.pid, resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    process.send_signal(signal.SIGABRT)
    status = os.waitpid(process.pid, 0)[1]
    process.returncode = -os.WTERMSIG(status)
    return os.WCOREDUMP(status)


class SecretsTest(ProxyTest):
    def use_file(self):
        given = self.server.temporary_credentials()
        self.secrets = [given["AWS_SECRET_ACCESS_KEY"], given["AWS_SESSION_TOKEN"]]
        lines = [f"{name.lower()} = {given[name]}" for name in given
                 if name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]
        self.credentials = self.folder / "credentials"
        self.credentials.write_text("\n".join(["[default]", *lines, ""]))
        self.credentials.chmod(0o600)
        for name in "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY":
            self.environment.pop(name)
        self.environment["AWS_SHARED_CREDENTIALS_FILE"] = str(self.credentials)

    def test_none_is_told_or_kept(self):
        self.use_file()
        self.through(Fault(PUT, proxy.cut_after))
        told = [self.done(*self.ARCHIVE, "--debug"), self.done("status", "--all", "--debug"),
                self.done("store", "probe", "s3", "--debug"), self.done("store", "describe", "s3", "--json")]
        self.require_delivered()
        self.assertIn("debug: s3: PUT http", told[0].stderr)
        used = " ".join(seen.headers["authorization"] for seen in self.proxy.seen)
        signatures = re.findall(r"Signature=(\w+)", used)
        self.assertEqual(len(signatures), len(self.proxy.seen))
        self.assertEqual({self.secrets[1]}, {seen.headers["x-amz-security-token"] for seen in self.proxy.seen})
        places = [ended.stdout + ended.stderr for ended in told]
        places += [path.read_bytes().decode("latin-1") for path in self.folder.rglob("*")
                   if path.is_file() and path != self.credentials]
        for secret in *self.secrets, *signatures:
            self.assertFalse(any(secret in place for place in places))

    def test_none_is_in_a_core_dump(self):
        other = subprocess.Popen(["sleep", "60"], cwd=self.folder)
        if not dumps_core(other):
            self.skipTest("left out: this machine dumps no cores")
        self.through(Fault(PUT, proxy.slow(5)))
        run = self.start(*self.ARCHIVE)
        while not self.seen(PUT):
            time.sleep(0.01)
        self.assertFalse(dumps_core(run))
        run.communicate()
        self.assertEqual(run.returncode, -signal.SIGABRT)


if __name__ == "__main__":
    unittest.main(verbosity=2)
