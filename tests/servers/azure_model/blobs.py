"""Containers, blobs, their versions and blocks. Bytes lie in memory, or where they are
many on disk, in one file a piece."""

import bisect
import io
import itertools
import os
import threading

from .clock import DAY, TICKS, iso, rfc1123


class Piece:
    """Bytes in memory, or in a file, which goes when nothing refers to them any more."""

    MOST_IN_MEMORY = 1 << 16  # a file costs more than all else of a small request

    def __init__(self, size, path=None):
        self.size, self.path, self.data = size, path, bytearray()

    def open(self):
        return open(self.path, "rb", buffering=0) if self.path else io.BytesIO(self.data)

    def __del__(self):
        if self.path is None:
            return
        try:
            os.unlink(self.path)
        except OSError:
            pass


class Policy:
    def __init__(self, mode, until_s):
        self.mode, self.until_s = mode, until_s


class Version:
    """One state of a blob. What the client gave is in `given`, by header name."""

    def __init__(self, ticks, pieces, md5, given, metadata):
        self.pieces, self.md5 = pieces, md5
        self.given, self.metadata, self.tags = given, metadata, {}
        self.size = sum(piece.size for piece in pieces)
        self.created_s = ticks // TICKS
        self.policy, self.is_held = None, False
        self.blocks = []  # (id, size) as committed
        self.tier = None
        self.touch(ticks)

    def touch(self, ticks):
        self.ticks, self.id = ticks, iso(ticks)
        self.changed(ticks)

    def changed(self, ticks):
        self.modified_s = ticks // TICKS
        self.etag = f"0x{ticks:X}"

    @property
    def last_modified(self):
        return rfc1123(self.modified_s)


class Blob:
    def __init__(self, name):
        self.name, self.current = name, None
        self.versions = []  # oldest first, the current one among them
        self.staged = {}  # block id -> Piece
        self.snapshots = {}  # its instant -> Version

    def find(self, version_id):
        return next((v for v in self.versions if v.id == version_id), None)


class Container:
    def __init__(self, name, kind, ticks):
        self.name, self.kind = name, kind
        self.default = None  # V: (mode, seconds) for versions written without a policy
        self.policy = None  # C: (mode, seconds)
        self.hold_tags = []  # C
        self.history, self.extensions, self.append = [], 0, {}  # of the policy or default, over ARM
        self.policy_etag = f"{ticks:x}"
        self.blobs, self.names = {}, []
        self.etag, self.modified_s = f"0x{ticks:X}", ticks // TICKS

    @property
    def keeps_versions(self):
        return self.kind in ("V", "P1")

    def blob(self, name):
        """The blob, new if need be; it is listed as soon as it has a version."""
        return self.blobs.setdefault(name, Blob(name))

    def write(self, blob, version):
        """`version` becomes the current one."""
        if not self.keeps_versions:
            blob.versions.clear()
        if not blob.versions:
            position = bisect.bisect_left(self.names, blob.name)
            if self.names[position:position + 1] != [blob.name]:
                self.names.insert(position, blob.name)
        blob.versions.append(version)
        blob.current = version

    def drop(self, blob, version):
        blob.versions.remove(version)
        if blob.current is version:
            blob.current = None
        if not blob.versions:
            del self.names[bisect.bisect_left(self.names, blob.name)]
            if not blob.staged:
                self.blobs.pop(blob.name, None)

    def state(self, version, now_s):
        """The state of state_table.json that `version` is in."""
        if self.kind == "V":
            letters = "n"
            if version.policy:
                letters = version.policy.mode[0]
                if version.policy.until_s <= now_s:
                    letters = "x" + letters
            return "h" + letters if version.is_held else letters
        return self.clw_state(version.created_s, now_s)

    def clw_state(self, created_s, now_s):
        if self.kind != "C":
            return "n"
        if self.hold_tags:
            return "h"
        if not self.policy:
            return "n"
        mode, seconds = self.policy
        return ("x" if created_s + seconds <= now_s else "") + mode[0]


class Account:
    """All containers. `lock` is held while anything here is looked at or changed, never while bytes
    come or go."""

    KINDS = {
        "P0": ("P0", {}), "P1": ("P1", {}), "V": ("V", {}),
        "V_UNLOCKED": ("V", {"default": ("unlocked", 3650 * DAY)}),
        "V_LOCKED": ("V", {"default": ("locked", 3650 * DAY)}),
        "V_SHORT": ("V", {"default": ("locked", DAY)}),
        "C_NONE": ("C", {}), "C_UNLOCKED": ("C", {"policy": ("unlocked", 3650 * DAY)}),
        "C_LOCKED": ("C", {"policy": ("locked", 3650 * DAY)}),
        "C_HELD": ("C", {"hold_tags": ["case1"]}),
    }

    def __init__(self, name, key, folder, clock):
        self.name, self.key, self.folder, self.clock = name, key, folder, clock
        self.lock, self.containers = threading.RLock(), {}
        self._paths = (f"{folder}/{number:08}" for number in itertools.count())
        os.makedirs(folder, exist_ok=True)
        for label, (kind, settings) in self.KINDS.items():
            self.make(self.container_name(label), kind, **settings)

    @staticmethod
    def container_name(label):
        return "cavra-" + label.lower().replace("_", "-")

    def make(self, name, kind, **settings):
        container = Container(name, kind, self.clock.unique_ticks())
        for setting, value in settings.items():
            setattr(container, setting, value)
        self.containers[name] = container
        return container

    def new_path(self):
        with self.lock:
            return next(self._paths)
