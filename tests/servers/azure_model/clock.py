"""The service's own clock: tests set and step it, so that a policy expires without waiting.

Times are whole ticks of 100 ns since 1970, as version ids show them.
"""

import calendar
import re
import threading
import time

TICKS = 10_000_000
DAY = 86400
_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_RFC1123 = re.compile(r"(\w{3}), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")


class Clock:
    def __init__(self):
        self._ahead, self._last, self._lock = 0.0, 0, threading.Lock()

    def now(self):
        """Unix seconds."""
        return time.time() + self._ahead

    def unique_ticks(self):
        """Now, later than all that were given."""
        with self._lock:
            self._last = max(self._last + 1, int(self.now() * TICKS))
            return self._last

    def set(self, unix_s):
        self._ahead = unix_s - time.time()

    def set_real(self):
        self._ahead = 0.0

    def step(self, seconds):
        self._ahead += seconds


def rfc1123(unix_s):
    t = time.gmtime(unix_s)
    return (f"{_DAYS[t.tm_wday]}, {t.tm_mday:02} {_MONTHS[t.tm_mon - 1]} {t.tm_year:04} "
            f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02} GMT")


def parse_rfc1123(text):
    """Unix seconds, or None: the only form taken is the one that rfc1123() writes."""
    found = _RFC1123.fullmatch(text)
    if not found or found[3] not in _MONTHS:
        return None
    numbers = [int(found[i]) for i in (4, 2, 5, 6, 7)]
    year, day, hour, minute, second = numbers
    unix_s = calendar.timegm((year, _MONTHS.index(found[3]) + 1, day, hour, minute, second))
    return unix_s if rfc1123(unix_s) == text else None


def iso(ticks):
    whole, part = divmod(ticks, TICKS)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{part:07}Z"


def parse_iso(text):
    """Unix seconds of 2026-11-23T20:00:00Z, with or without a fraction; or None."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,7})?)?Z)?", text)
    if not found:
        return None
    return calendar.timegm(tuple(int(part or 0) for part in found.groups()))
