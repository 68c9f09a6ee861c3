"""Kills the program at each call that changes something, and at random moments: the next run
completes what is there, and nothing is left behind (invariant I6)."""

import os
import random
import shutil
import time
import unittest

import strace
from image import Image
from workspace import IMMUTABLE, IS_LONG, CrashTest, Workspace, end_of, flags_of


class KillTest(CrashTest):
    def kill_at(self, work, point):
        ended = work.archive("--workers", "1", before=strace.at(point, "signal=KILL"))
        self.assertEqual(ended.returncode, -9, "it was not killed")
        self.require_nothing_half_true(work)

    def kill_everywhere(self, kind):
        work = Workspace(Image(self, kind).point / "work")
        expected, points = self.traced(work)
        for point in points:
            with self.subTest(killed_at=str(point)):
                self.kill_at(work, point)
                self.require_completed(work, expected)
            work.forget()
        print(f"{kind}: killed at {len(points)} calls, and completed each time", flush=True)
        self.assertGreater(len(points), 100)

    def test_a_run_killed_at_any_changing_call_is_completed_by_the_next_on_ext4(self):
        self.kill_everywhere("ext4")

    def test_a_run_killed_at_any_changing_call_is_completed_by_the_next_on_xfs(self):
        if not IS_LONG:
            self.skipTest("only with CAVRA_TEST_LONG=1")
        self.kill_everywhere("xfs")

    def test_a_run_killed_at_any_changing_call_is_completed_by_the_next_on_btrfs(self):
        if not IS_LONG:
            self.skipTest("only with CAVRA_TEST_LONG=1")
        self.kill_everywhere("btrfs")

    def test_a_receipt_left_by_a_killed_run_is_kept_and_locked_whatever_the_next_reference(self):
        work = Workspace(Image(self, "ext4").point / "work")
        _, points = self.traced(work)
        begin = max(i for i, point in enumerate(points) if point.name.startswith("mkdir"))
        kept = 0
        for point in points[begin:]:
            with self.subTest(killed_at=str(point)):
                self.kill_at(work, point)
                left = work.stored_receipts()
                ended = work.archive("--reference", "another")
                self.require_exit(ended, 0)
                self.assertEqual("that receipt is kept" in ended.stderr, bool(left), ended.stderr)
                there = work.stored_receipts()
                self.assertEqual(len(there), 1)
                self.assertEqual(flags_of(there[0]), IMMUTABLE)
                self.assertEqual([path.name for path in work.receipts()], [there[0].name])
                self.require_completed(work, work.state())  # nothing is left to do
                kept += len(left)
            work.forget()
        print(f"killed at {len(points) - begin} calls of the receipt, {kept} times one was there")
        self.assertGreater(kept, 3)


class RandomKillTest(CrashTest):
    def kill_at_a_random_moment(self, work, dice, length):
        """Of a run that is under way: one that had ended before is no trial."""
        for _ in range(50):
            moment = dice.uniform(0, length)
            process = work.start(*work.archive_words())
            time.sleep(moment)  # the moment is the test
            process.kill()
            if end_of(process).returncode == -9:
                return moment
            work.forget()
        return self.fail(f"50 runs had ended before they were killed, within {length:.3f} s")

    def test_a_run_of_many_workers_killed_at_random_moments_is_completed_by_the_next(self):
        seed = os.environ.get("CAVRA_TEST_SEED") or str(random.SystemRandom().randrange(1 << 32))
        members, megabytes, stores = (500, 300, 10) if IS_LONG else (100, 30, 10)
        print(f"CAVRA_TEST_SEED={seed}: {megabytes} MB in {members} members", flush=True)
        dice = random.Random(seed)
        size = megabytes * 1_000_000 // members
        content = {f"{i % 7}/{i}.bin": dice.randbytes(size) for i in range(members)}
        point = Image(self, "ext4", 4096).point
        work = Workspace(self.home / "work", point / "worm", point / "receipts", content)
        begin = time.monotonic()
        expected = self.undisturbed(work)
        length = time.monotonic() - begin
        moments = []
        for _ in range(stores):
            for _ in range(2):  # the second finds what the first has left
                moments.append(self.kill_at_a_random_moment(work, dice, length))
                with self.subTest(killed_after=f"{moments[-1]:.3f} s"):
                    self.require_nothing_half_true(work)
            shutil.rmtree(work.folder / ".cavra/state", ignore_errors=True)  # nothing rests on it
            self.require_completed(work, expected)
            self.require_listed(work)
            work.forget()
        told = " ".join(f"{moment:.3f}" for moment in sorted(moments))
        print(f"killed {len(moments)} runs, after {told} s, of {length:.3f} s")


if __name__ == "__main__":
    unittest.main(verbosity=2)
