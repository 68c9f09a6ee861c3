"""Kills retain and hold at each call that changes something: the same words again complete the act,
with one receipt of it."""

import unittest

import strace
from image import Image
from workspace import IMMUTABLE, IS_LONG, CrashTest, Workspace, flags_of

RETAIN = ["retain", "--until", "2044-01-01T00:00:00Z"]
SET_HOLD = ["hold", "set", "--reason", "case 17"]
CLEAR_HOLD = ["hold", "clear", "--reason", "closed"]


class LaterActTest(CrashTest):
    def setUp(self):
        super().setUp()
        if not strace.is_there():
            self.leave_out("strace", "it is not installed")
        self.work = Workspace(Image(self, "ext4").point / "work")

    def begin(self, before):
        """An archive, and the acts before the one under test."""
        self.require_exit(self.work.archive(), 0)
        self.receipt = self.work.receipts()[0]
        for act in before:
            self.require_exit(self.run_act(act), 0)

    def run_act(self, act, before=()):
        return self.work.run(*act, self.receipt, "--yes", before=before)

    def require_done(self, act, receipts):
        self.require_exit(self.run_act(act), 0)
        stored = self.work.stored_receipts()
        self.assertEqual(len(stored), receipts)
        self.assertEqual({path.name for path in stored}, {p.name for p in self.work.receipts()})
        for path in stored:
            self.assertEqual(flags_of(path), IMMUTABLE)
            self.require_exit(self.work.run("status", path), 0)
        self.assertEqual(self.work.debris(), set())
        done = self.work.state()
        self.require_exit(self.run_act(act), 0)  # nothing is left to do
        self.assertEqual(self.work.state(), done)

    def require_told(self, status, act):
        """After a kill: a hold in part is a finding until its receipt is there, and nothing else."""
        if act == RETAIN or status.returncode == 0:
            self.require_exit(status, 0)
            return
        self.require_exit(status, 1)
        findings = [line for line in status.stdout.splitlines() if line.startswith("  - ")]
        self.assertTrue(findings)
        for line in findings:
            self.assertRegex(line, "hold")

    def kill_everywhere(self, act, before=()):
        log = self.home / "trace"
        self.begin(before)
        ended = self.work.run(*act, self.receipt, "--yes", before=strace.tracing(log))
        self.require_exit(ended, 0)
        self.work.other_names = self.work.names_beside()
        points = strace.changing_calls(log.read_text())
        points = points if IS_LONG else points[::5]
        for point in points:
            self.work.forget()
            with self.subTest(killed_at=str(point)):
                self.begin(before)
                self.run_act(act, before=strace.at(point, "signal=KILL"))
                for receipt in self.work.receipts():
                    self.require_told(self.work.run("status", receipt), act)
                self.require_done(act, len(before) + 2)
        print(f"{' '.join(act)}: killed at {len(points)} calls, and completed each time")
        self.assertGreater(len(points), 5)

    def test_retain(self):
        self.kill_everywhere(RETAIN)

    def test_hold_set(self):
        self.kill_everywhere(SET_HOLD)

    def test_hold_clear(self):
        self.kill_everywhere(CLEAR_HOLD, [SET_HOLD])


if __name__ == "__main__":
    unittest.main(verbosity=2)
