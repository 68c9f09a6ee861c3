"""If-Match and the like. `If-None-Match: *` on a write is the caller's to judge: the table has it."""

from .clock import parse_rfc1123
from .refused import Refused

_NAMES = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
_PAIRS = ({"if-none-match", "if-modified-since"}, {"if-match", "if-unmodified-since"})


def check_pairs(headers):
    """On a write."""
    there = {name for name in _NAMES if name in headers}
    if len(there) > 1 and there not in _PAIRS:
        raise Refused(400, "MultipleConditionHeadersNotSupported")


def is_create_only(headers):
    return headers.get("if-none-match") == "*"


def check(headers, version, is_read=False):
    """Refuses a request whose conditions `version`, None for no blob, does not meet."""
    fits = _etags(headers, version, "if-match", True) and not _etags(headers, version, "if-none-match", False)
    since = _date(headers, "if-modified-since")
    until = _date(headers, "if-unmodified-since")
    if version and since is not None and version.modified_s <= since:
        fits = False
    if until is not None and (not version or version.modified_s > until):
        raise Refused(412, "ConditionNotMet")
    if not fits:
        not_modified = is_read and "if-match" not in headers
        raise Refused(304 if not_modified else 412, "ConditionNotMet")


def _etags(headers, version, name, absent):
    """Whether the header's etag is the version's; `absent` when there is no such header."""
    value = headers.get(name)
    if value is None:
        return absent
    if value == "*":
        return version is not None
    if len(value) < 3 or value[0] != '"' or value[-1] != '"' or "," in value:
        raise Refused(400, "InvalidHeaderValue", f"{name} is no etag.")
    return version is not None and value[1:-1] == version.etag


def _date(headers, name):
    if name not in headers:
        return None
    unix_s = parse_rfc1123(headers[name])
    if unix_s is None:
        raise Refused(400, "InvalidHeaderValue", f"{name} is no date.")
    return unix_s
