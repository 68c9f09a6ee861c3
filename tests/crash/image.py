"""A file system of one's own, in an image in memory, that can lose its power."""

import fcntl
import os
import shutil
import struct
import subprocess

MAKE = {
    "ext4": ["mkfs.ext4", "-q", "-F"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
    "btrfs": ["mkfs.btrfs", "-q", "-f"],
}
SHUT_DOWN = 0x8004587D  # FS_IOC_SHUTDOWN; on XFS XFS_IOC_GOINGDOWN
WITH_LOG = 1  # what is in the journal by now gets to the disk, data do not
WITHOUT_LOG = 2  # nothing more gets to the disk

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Image:
    def __init__(self, test, kind, megabytes=512, options=()):
        """Leaves the test out where this machine has no such file system, or options of it."""
        self.kind = kind
        self.options = ",".join(["loop", *options])
        self.file = test.home / f"{kind}.img"
        self.point = test.home / kind
        self.point.mkdir()
        with open(self.file, "wb") as image:
            image.truncate(megabytes << 20)
        if not shutil.which(MAKE[kind][0], path=PATH):
            test.leave_out(kind, f"{MAKE[kind][0]} is not installed")
        tools(*MAKE[kind], self.file)
        try:
            self.mount()
        except subprocess.CalledProcessError as problem:
            what = " with ".join([kind, *options])
            why = problem.stderr.splitlines()[0]
            test.leave_out(what, f"no loop device, or no {what} in this kernel: {why}")
        test.addCleanup(self.unmount)

    def mount(self):
        tools("mount", "-o", self.options, self.file, self.point)

    def unmount(self):
        tools("umount", self.point)

    def remount(self, how):
        tools("mount", "-o", f"remount,{how}", self.point)

    def limit_project(self, folder, size):
        """XFS with prjquota: what lies below the folder has so many bytes, root's own too."""
        tools(
            *("xfs_quota", "-x", "-c", f"project -s -p {folder} 42"),
            *("-c", f"limit -p bhard={size} 42", self.point),
        )

    def shut_down(self, how=WITHOUT_LOG):
        """From now on nothing gets to the disk, and every call on it fails."""
        fd = os.open(self.point, os.O_RDONLY)
        fcntl.ioctl(fd, SHUT_DOWN, struct.pack("I", how))
        os.close(fd)

    def lose_power(self, how=WITHOUT_LOG):
        self.shut_down(how)
        self.come_back()

    def come_back(self):
        self.unmount()
        self.mount()


def tools(*words):
    command = [str(word) for word in words]
    return subprocess.run(command, check=True, capture_output=True, text=True, env={"PATH": PATH})
