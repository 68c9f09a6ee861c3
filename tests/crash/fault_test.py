"""What goes wrong around a run: no space, a file system that fails or only reads, members that
change under it, signals. It ends with its documented exit code (docs/exit-codes.md) and no receipt;
once the cause is gone, the next run completes."""

import os
import pathlib
import signal
import time
import unittest

import strace
from image import Image
from workspace import IS_LONG, CrashTest, Workspace, end_of

BIG = "attached/big.bin"
BIG_BYTES = bytes(range(256)) * 32768  # 8 MiB: sent in several blocks


class FaultTest(CrashTest):
    def make(self, megabytes=512):
        """A store with all of its work in an image, and what a run leaves and calls there."""
        self.image = Image(self, "ext4", megabytes)
        store = self.image.point / "store/worm"
        self.work = Workspace(self.home / "work", store=store, members={"big.bin": BIG_BYTES})
        self.expected, self.points = self.traced(self.work)

    def archive(self, before=()):
        return self.work.archive("--workers", "1", before=before)

    def require_refused(self, ended, status, *words):
        """Ended so, and nothing half-true is there."""
        self.require_exit(ended, status, *words)
        self.assertEqual(self.work.receipts(), [])
        self.require_nothing_half_true(self.work)

    def require_completed_and_forget(self):
        self.require_completed(self.work, self.expected)
        self.work.forget()

    # Points of a run.

    def first_folder(self):
        """All is verified, and nothing is sent."""
        return next(point for point in self.points if point.name.startswith("mkdir"))

    def within_big_member(self):
        """Its first block is written, and others are not."""
        return max(self.points, key=lambda point: (point.written, -point.number))

    def stop_at(self, point):
        return self.stopped_at(point, self.work, *self.work.archive_words("--workers", "1"))

    # No space.

    def test_a_full_disk(self):
        self.make(megabytes=64)
        filler = self.image.point / "filler"
        free = os.statvfs(self.image.point)
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_bsize - len(BIG_BYTES) // 2)
        for _ in range(2):
            self.require_refused(self.archive(), 3, BIG, "No space left on device")
        filler.unlink()
        self.require_completed_and_forget()

    def test_a_limit_on_the_size_of_files(self):
        self.make()
        # The plugin is kept in memory as a file, too, and has to fit.
        limit = ["prlimit", f"--fsize={len(BIG_BYTES) - 1}", "--"]
        self.require_refused(self.archive(before=limit), 3, BIG, "File too large")
        self.require_completed_and_forget()

    def test_a_quota_that_is_used_up(self):
        """As the kernel says it, where a call needs room: this machine's may know no quotas."""
        self.make()
        store = f"<{self.work.store}"
        for name in ("mkdirat", "pwrite64", "linkat"):
            point = [p for p in self.points if p.name == name and store in p.text][-1]
            with self.subTest(point=str(point)):
                ended = self.archive(before=strace.at(point, "error=EDQUOT"))
                self.require_refused(ended, 3, "Disk quota exceeded")
                self.require_completed_and_forget()

    def test_a_quota_of_a_real_file_system(self):
        self.image = Image(self, "xfs", options=["prjquota"])
        store = self.image.point / "store"
        store.mkdir()
        self.image.limit_project(store, len(BIG_BYTES) // 2)
        self.work = Workspace(self.home / "work", store=store / "worm", members={"big.bin": BIG_BYTES})
        self.require_refused(self.archive(), 3, BIG, "Disk quota exceeded")
        self.image.limit_project(store, 8 * len(BIG_BYTES))
        self.require_exit(self.work.archive(), 0)
        self.require_exit(self.work.run("status", self.work.receipts()[0]), 0)

    # A file system that fails.

    def test_a_store_that_can_only_be_read(self):
        self.make()
        self.image.remount("ro")
        self.require_refused(self.archive(), 4, "Read-only file system")
        self.image.remount("rw")
        self.require_completed_and_forget()

    def test_a_store_that_can_only_be_read_from_some_moment_on(self):
        self.make()
        run, process = self.stop_at(self.first_folder())
        self.image.remount("ro")
        os.kill(process, signal.SIGCONT)
        self.require_refused(end_of(run), 4, "Read-only file system")
        self.image.remount("rw")
        self.require_completed_and_forget()

    def test_any_changing_call_may_fail(self):
        self.make()
        points = self.points if IS_LONG else self.points[::4]
        ends = {}
        for point in points:
            error = "EIO" if point.syncs else "ENOSPC"
            with self.subTest(failed=f"{error} at {point}"):
                ended = self.archive(before=strace.at(point, f"error={error}"))
                ends[ended.returncode] = ends.get(ended.returncode, 0) + 1
                if ended.returncode == 0:  # one that is for speed only
                    self.require_state(self.work, self.expected)
                else:
                    self.assertEqual(ended.returncode, 3, ended.stderr)
                    self.require_nothing_half_true(self.work)
                    self.require_completed(self.work, self.expected)
            self.work.forget()
        print(f"{len(points)} calls failed; exit codes and how often: {ends}")

    def test_a_receipts_folder_without_files_that_have_no_name(self):
        self.make()
        folder = f"<{self.work.receipts_folder}>"
        makes = [p for p in self.points if "O_TMPFILE" in p.text and folder in p.text]
        self.assertEqual(len(makes), 1)
        self.require_exit(self.archive(before=strace.at(makes[0], "error=EOPNOTSUPP")), 0)
        self.require_state(self.work, self.expected)

    # Members that change.

    def require_change_is_found(self, point, change):
        member = self.work.bundle / BIG
        run, process = self.stop_at(point)
        change(member)
        os.kill(process, signal.SIGCONT)
        # Exit 1: the evidence is no longer what was verified.
        self.require_exit(end_of(run), 1, BIG)
        self.assertEqual(self.work.receipts(), [])
        self.assertFalse([name for name in self.work.stored_files() if name.endswith(BIG)])
        member.unlink(missing_ok=True)
        member.write_bytes(BIG_BYTES)
        (self.work.folder / "away").unlink(missing_ok=True)
        self.require_completed_and_forget()

    def test_members_that_change_before_they_are_sent(self):
        self.make()
        for change in (grow, shrink, overwrite_and_hide, replace, pathlib.Path.unlink, link):
            with self.subTest(change=change.__name__):
                self.require_change_is_found(self.first_folder(), change)

    def test_members_that_change_while_they_are_sent(self):
        self.make()
        for change in (grow, shrink, overwrite_and_hide):
            with self.subTest(change=change.__name__):
                self.require_change_is_found(self.within_big_member(), change)

    # Signals.

    def test_a_signal_ends_a_run_cleanly_and_a_second_one_at_once(self):
        self.make()
        sealing = [point for point in self.points if "FS_IOC_SETFLAGS" in point.text]
        places = [self.first_folder(), self.within_big_member(), sealing[len(sealing) // 2]]
        for point in places:
            for signals in ([signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGTERM]):
                with self.subTest(at=str(point), signals=signals):
                    run, process = self.stop_at(point)
                    for number in signals:
                        os.kill(process, number)
                    os.kill(process, signal.SIGCONT)
                    ended = end_of(run)
                    self.assertIn(ended.returncode, [128 + number for number in signals])
                    self.assertEqual(self.work.receipts(), [])
                    self.require_nothing_half_true(self.work)
                    self.require_completed(self.work, self.expected)
                self.work.forget()


def grow(member):
    with member.open("ab") as file:
        file.write(b"more")


def shrink(member):
    os.truncate(member, len(BIG_BYTES) - 1)


def overwrite_and_hide(member):
    """Other bytes at the end, and the time set back."""
    before = member.stat()
    with member.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"x")
    os.utime(member, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(member):
    """By a file with the same bytes: not the one that was verified."""
    copy = member.with_name("copy")
    copy.write_bytes(BIG_BYTES)
    copy.rename(member)


def link(member):
    away = member.parents[2] / "away"
    member.rename(away)
    member.symlink_to(away)


if __name__ == "__main__":
    unittest.main(verbosity=2)
