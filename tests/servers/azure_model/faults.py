"""What the model does wrong when it is told to: lies, which a client must catch, and faults."""

import re
import threading

from .refused import Refused

LIES = {
    "drop-policy": "answers 201, 200 and keeps no policy and no hold (the emulator's way)",
    "unlocked-for-locked": "keeps an unlocked policy where a locked one was asked for",
    "earlier-date": "keeps a date one day before the one asked for",
    "ignore-versionid": "serves the current version whatever versionid says (the emulator's way)",
    "wrong-md5": "tells another Content-MD5 than that of the bytes",
    "lose-blob": "answers 201 and keeps nothing",
    "claimed-policy": "the management tells of a locked policy of ten years, where the container has none",
    "silent-flags": "the container's properties tell nothing of immutability",
    "claimed-flag": "the blob service says that the container has a policy, where it has none",
}

ACTS = {
    "answer": "status, code and headers as told; nothing is done",
    "answer-after": "the same, after it was done",
    "page": "200 with a page for people, as a proxy shows it; nothing is done",
    "cut-before": "the connection ends, nothing is done",
    "cut-middle": "the connection ends when half of the body has come; nothing is done",
    "cut-after": "the connection ends without an answer, after it was done",
    "truncate": "half of the answer's body, then the connection ends",
    "slow": "the answer, but spread over the seconds told",
}


class Lies:
    def __init__(self):
        self._lock, self.told = threading.Lock(), {}

    def set(self, name):
        """`name` from now on, besides those that are on; None ends all and forgets how often they were told."""
        with self._lock:
            if name is None:
                self.told = {}
            elif name in LIES:
                self.told.setdefault(name, 0)
            else:
                raise Refused(400, "InvalidInput", f"No lie is called {name}.")

    def tell(self, name):
        """Whether to lie here; counts."""
        if name not in self.told:
            return False
        with self._lock:
            self.told[name] += 1
        return True


class Fault:
    """For `times` requests whose "METHOD TARGET" fits `match`, after `skip` that fit and were spared."""

    def __init__(self, wish):
        unknown = set(wish) - {"match", "act", "times", "skip", "status", "code", "headers", "seconds"}
        if unknown or wish.get("act") not in ACTS:
            raise Refused(400, "InvalidInput", f"No such act, or unknown: {sorted(unknown)}.")
        self.pattern = re.compile(wish.get("match", ""))
        self.act, self.left, self.skip = wish["act"], wish.get("times", 1), wish.get("skip", 0)
        self.status, self.code = wish.get("status", 503), wish.get("code", "ServerBusy")
        self.headers, self.seconds = list(wish.get("headers", {}).items()), wish.get("seconds", 1)
        self.delivered = 0

    def shown(self):
        return {"match": self.pattern.pattern, "act": self.act, "left": self.left, "delivered": self.delivered}

    def refusal(self):
        return Refused(self.status, self.code, "A fault that was asked for.", self.headers)


class Faults:
    def __init__(self):
        self._lock, self.all = threading.Lock(), []

    def add(self, wish):
        fault = Fault(wish)
        with self._lock:
            self.all.append(fault)

    def clear(self):
        with self._lock:
            self.all = []

    def take(self, line):
        """The fault due to a request, which is then counted as delivered; None mostly."""
        if not self.all:
            return None
        with self._lock:
            for fault in self.all:
                if fault.left and fault.pattern.search(line):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    fault.left -= 1
                    fault.delivered += 1
                    return fault
        return None


class Recorder:
    """Every request to the service, as it came, and what became of it."""

    MOST = 200_000

    def __init__(self):
        self._lock, self.all = threading.Lock(), []

    def add(self, request, connection_number):
        entry = {"method": request.method, "target": request.target, "headers": request.header_list,
                 "connection": connection_number, "status": None, "code": None}
        with self._lock:
            if len(self.all) < self.MOST:
                self.all.append(entry)
        return entry

    def clear(self):
        with self._lock:
            self.all = []
