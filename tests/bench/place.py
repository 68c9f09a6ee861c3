"""Where the bench works: a folder whose file system has the kernel's immutable flag.

The folder of the build is tried first; where the flag cannot be set there, an ext4 image is
mounted. Whatever ends the bench, what it locked is unlocked and removed; what a killed run left is
removed by the next one.
"""

import contextlib
import fcntl
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

IMAGE_GIB = 24  # sparse; with --long, more is written


class NoPlace(Exception):
    """There is no place for a WORM store. The message says what to do."""


def succeeds(*command: str | pathlib.Path) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def can_lock(folder: pathlib.Path) -> bool:
    """Asked of the kernel, not guessed."""
    probe = folder / "probe"
    probe.touch()
    try:
        if not succeeds("chattr", "+i", probe):
            return False
        try:
            probe.open("a").close()
        except PermissionError:
            return True
        return False
    finally:
        succeeds("chattr", "-i", probe)
        probe.unlink()


def remove(folder: pathlib.Path) -> None:
    """Removes a folder, locked or not. No harm where there is none."""
    if folder.exists():
        succeeds("chattr", "-R", "-f", "-ia", folder)
        shutil.rmtree(folder)


def clean(work: pathlib.Path, image: pathlib.Path) -> None:
    if work.is_mount():
        subprocess.run(["umount", "-l", work], check=True)
    remove(work)
    image.unlink(missing_ok=True)


def make(work: pathlib.Path, image: pathlib.Path) -> str:
    work.mkdir()
    if can_lock(work):
        return "the folder of the build"
    subprocess.run(["truncate", "-s", f"{IMAGE_GIB}G", image], check=True)
    is_mounted = succeeds("mkfs.ext4", "-q", "-F", image) and succeeds(
        "mount", "-o", "loop", image, work
    )
    if is_mounted and can_lock(work):
        return "an ext4 image on a loop device"
    raise NoPlace(
        "no place for a WORM store: the immutable flag needs CAP_LINUX_IMMUTABLE (root has it, "
        "most containers drop it) and ext4, XFS or btrfs; run this as root on a machine"
    )


@contextlib.contextmanager
def place(folder: pathlib.Path) -> Iterator[tuple[pathlib.Path, str]]:
    """Gives an empty folder to work in, and in words where that is."""
    folder.mkdir(parents=True, exist_ok=True)
    work, image = folder / "work", folder / "work.img"
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NoPlace(f"another bench works in {folder}") from None
        clean(work, image)
        try:
            yield work, make(work, image)
        finally:
            clean(work, image)
