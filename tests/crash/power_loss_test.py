"""Cuts the power of the store's file system at each call that makes something durable, and at
random moments: the next run completes what is there, and what a run ended with is there for good.

FS_IOC_SHUTDOWN stands for the power: what is not on the disk by then is lost. Between two syncing
calls nothing becomes durable, so the moments before each of them are all that there are, as far as
nothing else writes the journal: that the journal got to the disk and the data did not is tried too.
A disk that lies about its cache is not; nor is btrfs, which has no such call (ENOTTY).
"""

import os
import random
import time
import unittest

import strace
from image import WITH_LOG, WITHOUT_LOG, Image
from workspace import IS_LONG, CrashTest, Workspace, end_of


class PowerLossTest(CrashTest):
    def cut_at(self, points, image, how, work, expected):
        for point in points:
            with self.subTest(cut_at=str(point)):
                # The end of the process writes nothing to the disk, so it may come first.
                ended = work.archive("--workers", "1", before=strace.at(point, "signal=KILL"))
                self.assertEqual(ended.returncode, -9, "it was not killed")
                image.lose_power(how)
                self.require_nothing_half_true(work)
                self.require_exit(work.archive(), 0)
                image.lose_power()
                self.require_state(work, expected)
            work.forget()

    def store_loses_power(self, kind):
        """All else lies elsewhere: what the receipts folder has must be in the store for good."""
        image = Image(self, kind)
        work = Workspace(self.home / "work", store=image.point / "worm")
        expected, points = self.traced(work)
        syncs = [point for point in points if point.syncs]
        self.cut_at(syncs, image, WITHOUT_LOG, work, expected)
        others = points if IS_LONG else points[:: len(points) // 12]
        self.cut_at(others, image, WITH_LOG, work, expected)
        print(f"{kind}: cut at {len(syncs)} calls, with the journal kept at {len(others)}")

    def all_loses_power(self, kind):
        """Store and receipts folder: from the receipt on, where they have to do with each other."""
        image = Image(self, kind)
        work = Workspace(
            self.home / "work", store=image.point / "worm", receipts=image.point / "own/receipts"
        )
        expected, points = self.traced(work)
        begin = max(i for i, point in enumerate(points) if point.name.startswith("mkdir"))
        points = points if IS_LONG else points[begin:]
        syncs = [point for point in points if point.syncs]
        self.cut_at(syncs, image, WITHOUT_LOG, work, expected)
        print(f"{kind}: cut at {len(syncs)} calls, the receipts folder with the store")

    def cut_at_random(self, kind, rounds):
        """While many workers are at it: the program itself sees its file system fail."""
        image = Image(self, kind)
        content = {f"{i % 3}/{i}.bin": bytes([i]) * 100_000 for i in range(60)}
        work = Workspace(self.home / "work", store=image.point / "worm", members=content)
        begin = time.monotonic()
        expected = self.undisturbed(work)
        length = time.monotonic() - begin
        failed = 0
        for _ in range(rounds):
            moment = random.uniform(0, length * 0.6)
            with self.subTest(cut_after=f"{moment:.3f} s"):
                process = work.start(*work.archive_words())
                time.sleep(moment)  # the moment is the test
                image.shut_down()
                ended = end_of(process)
                image.come_back()
                # ext4 calls itself read-only then, or says EIO: as it comes.
                is_read_only = "Read-only file system" in ended.stderr
                self.assertIn(ended.returncode, (0, 4 if is_read_only else 3), ended.stderr)
                self.assertEqual(len(work.receipts()), 1 if ended.returncode == 0 else 0)
                failed += ended.returncode != 0
                self.require_nothing_half_true(work)
                self.require_exit(work.archive(), 0)
                image.lose_power()
                self.require_state(work, expected)
            work.forget()
        print(f"{kind}: cut under {rounds} runs, {failed} of them ended with an error")

    def test_what_was_not_synced_is_lost(self):
        """Else the others here show nothing."""
        for kind in ("ext4", "xfs"):
            image = Image(self, kind)
            synced, not_synced = image.point / "synced", image.point / "not-synced"
            with synced.open("w") as file:
                os.fsync(file.fileno())
            not_synced.write_text("text")
            image.lose_power()
            self.assertTrue(synced.exists())
            self.assertFalse(not_synced.exists())

    def test_the_store_alone_loses_power_on_ext4(self):
        self.store_loses_power("ext4")

    def test_the_store_alone_loses_power_on_xfs(self):
        self.store_loses_power("xfs")

    def test_store_and_receipts_folder_lose_power_on_ext4(self):
        self.all_loses_power("ext4")

    def test_store_and_receipts_folder_lose_power_on_xfs(self):
        self.all_loses_power("xfs")

    def test_power_goes_under_many_workers_on_ext4(self):
        self.cut_at_random("ext4", 50 if IS_LONG else 5)

    def test_power_goes_under_many_workers_on_xfs(self):
        self.cut_at_random("xfs", 50 if IS_LONG else 5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
