"""The program without root: what docs/operator.md, "Without root", says, and who has the privilege
while it runs."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import unittest

import strace
from image import PATH, Image
from workspace import (
    APPEND_ONLY,
    IMMUTABLE,
    PROGRAM,
    WITH_US,
    CrashTest,
    Workspace,
    end_of,
    flags_of,
    kill,
    told,
)

SOURCE = pathlib.Path(__file__).resolve().parents[2]
UNIT = SOURCE / "examples/systemd/cavra-archive@.service"
NOBODY = 65534
BIT = 1 << 9  # CAP_LINUX_IMMUTABLE


def unit_settings(text):
    """Each setting that the unit makes, the last one of a name."""
    return dict(re.findall(r"^([A-Za-z]+)=(.*)$", text, re.MULTILINE))


def only(capabilities):
    """As setpriv has what systemd calls CAP_ONE CAP_TWO."""
    return ",".join(["-all", *(f"+{word[4:].lower()}" for word in capabilities.split())])


def shell_blocks():
    page = (SOURCE / "docs/operator.md").read_text()
    return re.findall(r"^```shell\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def holders(process):
    """The names of the threads that have the capability in any of their sets."""
    names = []
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        if any(int(status[name], 16) & BIT for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")):
            names.append(status["Name"])
    return names


class HoldersTest(CrashTest):
    def test_while_a_run_locks_one_thread_alone_has_the_privilege(self):
        if not strace.is_there():
            self.leave_out("strace", "it is not installed")
        if "thread" in os.environ.get("CAVRA_SANITIZE", ""):
            self.skipTest("the thread sanitizer has a thread of its own, from before the program")
        members = {f"{i}.bin": os.urandom(4096) for i in range(300)}
        work = Workspace(Image(self, "ext4").point / "work", members=members)
        # Stopped as it has given an object its name.
        for number in (1, 3, 100):
            point = strace.Point("linkat", number, "")
            run, program = self.stopped_at(point, work, *work.archive_words())
            self.assertEqual(holders(program), ["cavra-sealing"])
            kill(run, program)
            work.forget()


class OrdinaryUserTest(CrashTest):
    """With a copy of the program where that user can reach it, on a file system of his own."""

    def setUp(self):
        super().setUp()
        self.point = Image(self, "ext4").point
        installed = pathlib.Path(PROGRAM).parents[1]
        self.program = self.point / "local/bin/cavra"
        plugins = self.point / "local/lib/cavra/plugins"
        for folder in (self.program.parent, plugins):
            folder.mkdir(parents=True)
        shutil.copy(PROGRAM, self.program)
        shutil.copy(installed / "lib/cavra/plugins/cavra-local-worm.so", plugins)
        for path in (self.home, self.point):
            path.chmod(0o755)
        self.state = self.point / "var"
        self.store = self.point / "srv"
        for folder in (self.state, self.store):
            folder.mkdir()
            os.chown(folder, NOBODY, NOBODY)

    def run_as(self, before, words):
        pipe = subprocess.PIPE
        run = subprocess.Popen(
            [*WITH_US, *before, *map(str, words)],
            cwd=self.state,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )
        return end_of(run)

    def prepare(self, before):
        """What stands before archiving, by the same user: a configuration and a bundle."""
        bundle = self.state / "bundles/release-42"
        config = self.state / "config.json"
        words = ["init", "--sample", "--config", config]
        self.require_exit(self.run_as(before, [self.program, *words]), 0)
        content = json.loads(config.read_text())
        content["stores"]["local"]["settings"]["root"] = str(self.store / "worm")
        config.write_text(json.dumps(content))
        bundle.parent.mkdir(exist_ok=True)
        os.chown(bundle.parent, NOBODY, NOBODY)
        key = next(self.state.rglob("evidence-private.pem"))
        decisions = next(self.state.rglob("decisions.jsonl"))
        words = ["evidence", "bundle", "--output", bundle, "--private-key", key, "--config", config]
        words += ["--decisions", decisions]
        self.require_exit(self.run_as(before, [self.program, *words]), 0)

    def require_locked(self, before):
        receipts = list((self.state / "receipts").iterdir())
        self.assertEqual(len(receipts), 1)
        status = [self.program, "status", receipts[0], "--config", self.state / "config.json"]
        self.require_exit(self.run_as(before, [*status]), 0)
        answer = json.loads(self.run_as(before, [*status, "--json"]).stdout)
        self.assertIn('"governance"', json.dumps(answer))
        files = [path for path in (self.store / "worm").rglob("*") if path.is_file()]
        self.assertGreater(len(files), 5)
        for path in files:
            self.assertEqual((path.stat().st_uid, flags_of(path)), (NOBODY, IMMUTABLE), path)
        self.assertEqual(flags_of(self.store / "worm"), APPEND_ONLY)

    def here(self, text):
        """The page's and the unit's places, as they are here."""
        for place, there in (
            ("/usr/local/bin/cavra", self.program),
            ("/var/lib/cavra", self.state),
            ("/srv/evidence", self.store),
        ):
            text = text.replace(place, str(there))
        return text

    def installed_unit(self):
        """The unit after the page's lines, but those that make a user and ask systemd."""
        for folder in (self.state, self.store):
            folder.rmdir()
        units = self.home / "units"
        units.mkdir()
        block = next(block for block in shell_blocks() if UNIT.name in block)
        lines = [line for line in block.splitlines() if line.startswith("install ")]
        self.assertEqual(len(lines), 2)
        text = self.here("\n".join(lines)).replace("/etc/systemd/system", str(units))
        text = text.replace("-o cavra -g cavra", f"-o {NOBODY} -g {NOBODY}")
        subprocess.run(["sh", "-eu", "-c", text], cwd=UNIT.parent, check=True)
        return self.here((units / UNIT.name).read_text())

    def test_the_unit_archives_with_the_capabilities_that_it_lists(self):
        unit = unit_settings(self.installed_unit().replace("%i", "release-42"))
        ambient = only(unit["AmbientCapabilities"])
        before = ["setpriv", *self.user().split(), f"--inh-caps={ambient}"]
        bounding = only(unit["CapabilityBoundingSet"])
        before += [f"--ambient-caps={ambient}", f"--bounding-set={bounding}"]
        self.assertEqual(unit["NoNewPrivileges"], "yes")
        before += ["--no-new-privs"]
        self.prepare(before)
        # Only below what it may write.
        writable = [pathlib.Path(path) for path in unit["ReadWritePaths"].split()]
        self.assertEqual(writable, [self.state, self.store])
        self.require_exit(self.run_as(before, shlex.split(unit["ExecStart"])), 0)
        self.require_locked(before)

    def test_systemd_takes_the_unit(self):
        analyze = shutil.which("systemd-analyze")
        if analyze is None:
            self.leave_out("systemd", "systemd-analyze is not installed")
        text = self.here(UNIT.read_text()).replace("=cavra", "=daemon")
        unit = self.home / "cavra-archive@.service"
        unit.write_text(text)
        words = [analyze, "verify", "--man=no", self.home / "cavra-archive@release-42.service"]
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        about = [line for line in told(ended).splitlines() if "cavra" in line]
        self.assertEqual(about, [], told(ended))

    def test_the_pages_setpriv_line_archives(self):
        lines = next(block for block in shell_blocks() if block.startswith("setpriv "))
        lines = self.here(lines).replace(" cavra archive", f" {self.program} archive")
        lines = lines.replace("--reuid cavra --regid cavra --init-groups", self.user())
        self.prepare(["setpriv", *self.user().split()])
        self.require_exit(self.run_as([], ["sh", "-eu", "-c", lines]), 0)
        self.require_locked(["setpriv", *self.user().split()])

    def test_a_file_capability_archives(self):
        lines = next(block for block in shell_blocks() if "setcap" in block)
        lines = self.here(lines).replace("root:cavra", f"root:{NOBODY}")
        before = ["setpriv", *self.user().split()]
        self.prepare(before)
        archive = shlex.split(self.here(unit_settings(UNIT.read_text())["ExecStart"]))
        archive = [word.replace("%i", "release-42") for word in archive]
        # Without it he is told what is missing.
        self.require_exit(self.run_as(before, archive), 4, "lacks CAP_LINUX_IMMUTABLE", "setpriv")
        path = {**os.environ, "PATH": PATH}
        ended = subprocess.run(["sh", "-eu", "-c", lines], env=path, capture_output=True, text=True)
        self.require_exit(ended, 0)
        self.require_exit(self.run_as(before, archive), 0)
        self.require_locked(before)

    def user(self):
        return f"--reuid {NOBODY} --regid {NOBODY} --clear-groups"


if __name__ == "__main__":
    unittest.main(verbosity=2)
