"""Finds the calls of a program that change something, and ends or stops it at one of them."""

import re
import shutil
import typing

SYNCING = {"fsync", "fdatasync", "syncfs", "sync_file_range", "sync"}
WRITING = {
    *("write", "pwrite64", "writev", "pwritev", "pwritev2", "copy_file_range", "sendfile"),
    *("mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat", "unlink"),
    *("unlinkat", "symlinkat", "rmdir", "mknodat", "truncate", "ftruncate", "fallocate"),
    *("chmod", "fchmod", "fchmodat", "fchown", "fchownat", "utimensat", "setxattr", "fsetxattr"),
    *("fremovexattr", "open", "openat", "openat2", "creat", "ioctl", "io_uring_enter"),
}
TRACED = ",".join(sorted(f"?{name}" for name in WRITING | SYNCING))
# Those that change something only with one of these words in them.
ONLY_WITH = {
    **dict.fromkeys(("open", "openat", "openat2"), ("O_CREAT", "O_TMPFILE", "O_TRUNC")),
    "ioctl": ("FS_IOC_SETFLAGS", "FS_IOC_FSSETXATTR", "FICLONE"),
}


class Point(typing.NamedTuple):
    """The `number`-th call of `name`."""

    name: str
    number: int
    text: str

    def __str__(self):
        return f"{self.name} {self.number}: {self.text}"

    @property
    def syncs(self):
        return self.name in SYNCING

    @property
    def written(self):
        """The bytes that it wrote."""
        result = re.search(r"\) += (\d+)$", self.text)
        return int(result[1]) if result and "write" in self.name else 0


def is_there():
    return shutil.which("strace") is not None


def tracing(file):
    # -y: descriptors with the path behind them.
    shown = ["-f", "-qq", "-y", "-s", "32", "-e", "signal=none", "-e", f"trace={TRACED}"]
    return ["strace", *shown, "-o", str(file)]


def changing_calls(trace):
    """The points in what tracing() wrote. strace counts for each thread: where several make such
    calls, it meets the one that comes first to that number."""
    lines = [re.match(r"(\d+) +(\w+)\((.*)", line) for line in trace.splitlines()]
    calls = [line.groups() for line in lines if line]
    counts, points = {}, {}
    for thread, name, text in calls:
        counts[thread, name] = counts.get((thread, name), 0) + 1
        if name in ONLY_WITH and not any(word in text for word in ONLY_WITH[name]):
            continue
        if any(word in text for word in ("<pipe:", "memfd:", "/tsan.rodata.")):
            continue  # what it says, the plugin that it loads, and what a sanitizer writes
        number = counts[thread, name]
        points.setdefault((name, number), Point(name, number, text))
    return list(points.values())


def at(point, what, log="/dev/null"):
    """Runs a program so that `what` happens to it at `point`: "signal=KILL" before the call has
    done anything, "signal=STOP" when it has returned, "error=ENOSPC" in its place."""
    inject = f"inject={point.name}:{what}:when={point.number}"
    return ["strace", "-f", "-qq", "-e", f"trace={point.name}", "-e", inject, "-o", str(log)]
