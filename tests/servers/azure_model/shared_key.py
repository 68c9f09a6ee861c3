"""Shared Key signatures, as Microsoft's "Authorize with Shared Key" says."""

import base64
import hashlib
import hmac
import re

from .clock import parse_rfc1123
from .refused import Refused

SKEW_S = 15 * 60
_STANDARD = ("content-encoding", "content-language", "content-length", "content-md5", "content-type", "date",
             "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range")


def string_to_sign(request, account):
    h = request.headers
    lines = [request.method]
    for name in _STANDARD:
        value = h.get(name, "")
        if (name == "content-length" and value == "0") or (name == "date" and "x-ms-date" in h):
            value = ""
        lines.append(value)
    for name in sorted(n for n in h if n.startswith("x-ms-")):
        lines.append(name + ":" + re.sub(r"\s+", " ", h[name]).strip())
    lines.append(f"/{account}{request.path}")
    for name in sorted(request.query):
        lines.append(f"{name}:{request.query[name]}")
    return "\n".join(lines)


def sign(key, text):
    mac = hmac.new(base64.b64decode(key), text.encode("utf-8", "surrogateescape"), hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def check(request, account, now_s):
    """`account` has name and key. Says why not, or returns."""
    told, _, signature = request.headers["authorization"].partition(" ")[2].partition(":")
    if told != account.name:
        raise failed(f"The account {told} is not this one.")
    date_s = parse_rfc1123(request.headers.get("x-ms-date", request.headers.get("date", "")))
    if date_s is None:
        raise failed("Neither x-ms-date nor Date tells when the request was made.")
    if now_s is not None and abs(date_s - now_s) > SKEW_S:
        raise failed("Request date header too old or too new.")
    text = string_to_sign(request, account.name)
    if not hmac.compare_digest(sign(account.key, text).encode(), signature.encode("latin-1")):
        raise failed("The MAC signature found in the HTTP request is not the same as any computed one. "
                     f"Server used following string to sign: {text!r}.")


def failed(why):
    return Refused(403, "AuthenticationFailed", "Server failed to authenticate the request. " + why)
