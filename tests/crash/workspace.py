"""A folder with a signed bundle, keys and a configured store, in which the built program runs.

Everything that a test makes lies below the tmpfs that tests/support/loop-mount.sh mounted, which
goes with the test, however it ends. Programs that a test starts die with it, also stopped ones.
"""

import base64
import fcntl
import json
import os
import pathlib
import shutil
import signal
import stat
import struct
import subprocess
import time
import unittest

import strace

PROGRAM = os.environ["CAVRA_PROGRAM"]
IS_LONG = bool(os.environ.get("CAVRA_TEST_LONG"))
HOME = os.environ.get("CAVRA_TEST_TMPFS")

GET_FLAGS = 0x80086601  # FS_IOC_GETFLAGS
SET_FLAGS = 0x40086602  # FS_IOC_SETFLAGS
IMMUTABLE = 0x10
APPEND_ONLY = 0x20

# What a test starts dies with it, or with the strace between.
WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]


class Workspace:
    def __init__(self, folder, store=None, receipts=None, members=None):
        """`store` and `receipts` lie in `folder`, unless they are said to lie elsewhere; `members`
        are names and bytes beside the six that each bundle has; they come below attached/."""
        self.folder = pathlib.Path(folder)
        self.store = pathlib.Path(store or self.folder / ".cavra/worm")
        self.receipts_folder = pathlib.Path(receipts or self.folder / ".cavra/receipts")
        self.bundle = self.folder / "bundle"
        self.folder.mkdir()
        for path in (self.store, self.receipts_folder):
            path.parent.mkdir(exist_ok=True)
        self.done("init", "--sample")
        config = json.loads((self.folder / ".cavra/config.json").read_text())
        config["stores"]["local"]["settings"]["root"] = str(self.store)
        config["receipts"] = str(self.receipts_folder)
        (self.folder / ".cavra/config.json").write_text(json.dumps(config))
        self.make_bundle("bundle", members or {"folder/note.txt": b"a note\n"})
        self.other_names = set()  # beside store and receipts folder, also without any harm

    def make_bundle(self, name, members):
        attached = self.folder / "attached"
        shutil.rmtree(attached, ignore_errors=True)
        for member, content in members.items():
            (attached / member).parent.mkdir(parents=True, exist_ok=True)
            (attached / member).write_bytes(content)
        key = ".cavra/keys/evidence-private.pem"
        words = ["--output", name, "--attach", "attached", "--private-key", key]
        self.done("evidence", "bundle", *words)
        return self.folder / name

    # Runs of the program.

    def start(self, *words, before=()):
        """`before`: a program that runs it, such as strace."""
        command = [*WITH_US, *before, *WITH_US, PROGRAM, *map(str, words)]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        )

    def run(self, *words, before=()):
        return end_of(self.start(*words, before=before))

    def done(self, *words):
        ended = self.run(*words)
        if ended.returncode != 0:
            raise AssertionError(f"{words} ended with {ended.returncode}: {told(ended)}")
        return ended

    def archive_words(self, *more, bundle=None):
        return ["archive", bundle or self.bundle, "--store", "local", "--yes", *more]

    def archive(self, *more, bundle=None, before=()):
        return self.run(*self.archive_words(*more, bundle=bundle), before=before)

    # What is there.

    def receipts(self):
        if not self.receipts_folder.is_dir():
            return []
        return sorted(self.receipts_folder.iterdir())

    def stored_files(self):
        """The objects: paths below the store's root, and their files."""
        if not self.store.is_dir():
            return {}
        files = [path for path in self.store.rglob("*") if stat.S_ISREG(path.lstat().st_mode)]
        named = {str(path.relative_to(self.store)): path for path in files}
        return {name: path for name, path in named.items() if not name.startswith(".cavra-store/")}

    def stored_receipts(self):
        return [path for name, path in self.stored_files().items() if "/receipts/" in name]

    def state(self):
        """All of the store and the receipts folder, without what differs from run to run: the
        store's identity, the times at which objects came, and so the receipt's digest."""
        seen = {}
        for root in (self.store, self.receipts_folder):
            for path in [root, *sorted(root.rglob("*"))]:
                name = f"{root.name}/{path.relative_to(root)}"
                look = state_of(path)
                if path.parent.name == "receipts" and path.name.endswith(".json"):
                    name = name.replace(path.stem, "RECEIPT")
                    look = {what: text.replace(path.stem, "RECEIPT") for what, text in look.items()}
                if name in seen:
                    name += " (one more)"
                seen[name] = look
        return seen

    def debris(self):
        """What a dead run left behind that nobody will ever take away."""
        left = self.names_beside() - self.other_names
        staging = self.store / ".cavra-store/staging"
        if staging.is_dir():
            left |= {f"staging/{path.name}" for path in staging.iterdir()}
        return left

    def names_beside(self):
        receipts, store = self.receipts_folder, self.store
        folders = {self.folder, self.folder / ".cavra", receipts.parent, store.parent}
        here = {path for folder in folders for path in folder.iterdir()}
        return {str(path) for path in here - {receipts, store, self.folder / ".cavra/state"}}

    def forget(self):
        """Takes store and receipts away: what only a test may do."""
        for root in (self.store, self.receipts_folder):
            clear_flags(root)
            shutil.rmtree(root, ignore_errors=True)
        shutil.rmtree(self.folder / ".cavra/state", ignore_errors=True)  # it knows the store


def state_of(path):
    seen = path.lstat()
    look = {"mode": oct(seen.st_mode), "flags": f"{flags_of(path):#x}"}
    for attribute in os.listxattr(path, follow_symlinks=False):
        look[attribute] = os.getxattr(path, attribute, follow_symlinks=False).decode()
    if not stat.S_ISREG(seen.st_mode):
        return look
    look["retained until"] = str(int(seen.st_atime)) if "user.cavra.lock" in look else ""
    content = path.read_bytes()
    if path.name == "store.json":
        content = b"identity"
    elif path.parent.name == "receipts":
        content = plain_receipt(content)
    look["bytes"] = content.decode("latin-1")
    return look


def plain_receipt(envelope):
    payload = json.loads(base64.b64decode(json.loads(envelope)["payload"]))
    del payload["predicate"]["identity"]
    for an_object in payload["predicate"]["objects"]:
        del an_object["stored_at"]
    return json.dumps(payload, sort_keys=True).encode()


def only_what_is_configured(folder, names):
    return [name for name in names if name not in ("config.json", "keys") and "trust" not in name]


def flags_of(path):
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        flags = struct.unpack("i", fcntl.ioctl(fd, GET_FLAGS, struct.pack("i", 0)))[0]
    except OSError:  # a file system without flags
        flags = 0
    os.close(fd)
    return flags & (IMMUTABLE | APPEND_ONLY)


def clear_flags(root):
    for path in [root, *root.rglob("*")] if root.is_dir() else []:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            flags = struct.unpack("i", fcntl.ioctl(fd, GET_FLAGS, struct.pack("i", 0)))[0]
            if flags & (IMMUTABLE | APPEND_ONLY):
                fcntl.ioctl(fd, SET_FLAGS, struct.pack("i", flags & ~(IMMUTABLE | APPEND_ONLY)))
        except OSError:
            pass
        os.close(fd)


def end_of(process, limit=120):
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"{process.args} outlived {limit} s: {out}{err}") from None
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def kill(run, process):
    if run.poll() is None:
        os.kill(process, signal.SIGKILL)
        run.communicate()


def told(ended):
    return f"{ended.stdout}{ended.stderr}".strip()


class CrashTest(unittest.TestCase):
    """What every test here asks for after the harm was done."""

    maxDiff = None

    def setUp(self):
        if HOME is None:
            self.leave_out("ext4", "no file systems (see tests/support/loop-mount.sh)")
        self.home = pathlib.Path(HOME) / "crash"
        self.home.mkdir()
        self.addCleanup(shutil.rmtree, self.home)  # after what is mounted in it was unmounted

    def leave_out(self, kind, why):
        """Skips the test; CAVRA_TEST_MUST_RUN makes that a failure."""
        line = f"left out: {self.id()}: {kind}: {why}"
        print(line, flush=True)
        if kind in os.environ.get("CAVRA_TEST_MUST_RUN", "").split(","):
            self.fail(line)
        self.skipTest(line)

    def require_exit(self, ended, status, *words):
        self.assertEqual(ended.returncode, status, told(ended))
        for word in words:
            self.assertIn(word, told(ended))

    def require_nothing_half_true(self, work):
        """Right after the harm (I6): what has a name in the store has all its bytes, and a receipt
        that is there holds."""
        self.assertEqual(work.debris(), set())
        for name, path in work.stored_files().items():
            member = name.partition("/bundle/")[2]
            if member:
                same = path.read_bytes() == (work.bundle / member).read_bytes()
                self.assertTrue(same, f"{name} has a name and other bytes")
        for receipt in work.receipts():
            self.require_exit(work.run("status", receipt), 0)

    def require_listed(self, work):
        """Whoever has configuration and trust roots alone finds the archive in the store."""
        copy = self.home / "copy"
        shutil.copytree(work.folder / ".cavra", copy, ignore=only_what_is_configured)
        config = json.loads((copy / "config.json").read_text())
        config["stores"]["local"]["settings"]["root"] = str(work.store)
        del config["receipts"], config["receipt_key"]
        (copy / "config.json").write_text(json.dumps(config))
        words = ["evidence", "list", "--store", "local", "--config", copy / "config.json", "--json"]
        ended = work.run(*words)
        shutil.rmtree(copy)
        self.require_exit(ended, 0)
        listed = json.loads(ended.stdout)["result"]["archives"]
        found = [each["sha256"] for archive in listed for each in archive["receipts"]]
        self.assertEqual(found, [receipt.stem for receipt in work.receipts()])

    def require_completed(self, work, expected, *more):
        """The next run ends with 0, and leaves what an undisturbed one leaves."""
        self.require_exit(work.archive(*more), 0)
        self.require_state(work, expected)

    def require_state(self, work, expected):
        self.assertEqual(work.state(), expected)
        self.assertEqual(work.debris(), set())
        self.assertEqual(len(work.receipts()), 1)
        self.require_exit(work.run("status", work.receipts()[0]), 0)

    def undisturbed(self, work, *more, before=()):
        """What a run leaves that nothing happens to; then takes it away."""
        self.require_exit(work.archive(*more, before=before), 0)
        work.other_names = work.names_beside()
        expected = work.state()
        self.require_state(work, expected)
        work.forget()
        return expected

    def stopped_at(self, point, work, *words):
        """Runs up to there, and gives the run and the process that is stopped."""
        log = self.home / "stopped"
        log.unlink(missing_ok=True)
        run = work.start(*words, before=strace.at(point, "signal=STOP", log))
        until = time.monotonic() + 60
        while not (log.exists() and "stopped by SIGSTOP" in log.read_text()):
            self.assertIsNone(run.poll(), "it ended before it was stopped")
            self.assertLess(time.monotonic(), until, "it was not stopped")
            time.sleep(0.001)
        children = pathlib.Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text()
        process = int(children.split()[0])
        self.addCleanup(kill, run, process)  # where the test fails before it goes on
        return run, process

    def traced(self, work):
        """The same, and the calls of such a run that change something."""
        if not strace.is_there():
            self.leave_out("strace", "it is not installed")
        log = self.home / "trace"
        expected = self.undisturbed(work, "--workers", "1", before=strace.tracing(log))
        return expected, strace.changing_calls(log.read_text())
