"""Shared Key and SAS signatures as a stranger makes them, from Microsoft's documentation alone."""

import base64
import hashlib
import hmac
import urllib.parse

SIGNED_HEADERS = (
    "Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type", "Date",
    "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range")


def mac(key, text):
    return base64.b64encode(hmac.digest(base64.b64decode(key), text.encode(), hashlib.sha256)).decode()


def shared_key(account, key, method, path, query, headers, length):
    """The value of Authorization. `path` is as it goes over the wire, `query` is decoded."""
    told = {name.lower(): value for name, value in headers.items()}
    told["content-length"] = str(length) if length else ""
    lines = [method] + [told.get(name.lower(), "") for name in SIGNED_HEADERS]
    if "x-ms-date" in told:
        lines[6] = ""
    lines += [f"{name}:{told[name]}" for name in sorted(told) if name.startswith("x-ms-")]
    lines.append("/" + account + path)
    lines += [f"{name.lower()}:{query[name]}" for name in sorted(query, key=str.lower)]
    return f"SharedKey {account}:" + mac(key, "\n".join(lines))


def path_of(account, container="", blob=""):
    path = "/" + account + ("/" + container if container else "")
    return path + ("/" + urllib.parse.quote(blob) if blob else "") + ("" if container else "/")


def service_sas(account, key, container, blob, fields):
    """The query of a service SAS, or of a user delegation SAS if `fields` has skoid; sv >= 2020-12-06."""
    f = {"sr": "b" if blob else "c", **fields}
    resource = f"/blob/{account}/{container}" + ("/" + blob if blob else "")
    names = ["sp", "st", "se", resource]
    if "skoid" in f:
        names += ["skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid"]
    else:
        names += ["si"]
    names += ["sip", "spr", "sv", "sr", "time", "ses", "rscc", "rscd", "rsce", "rscl", "rsct"]
    lines = [name if name is resource else f.get(name, "") for name in names]
    return {**f, "sig": mac(key, "\n".join(lines))}


def account_sas(account, key, fields):
    names = ("sp", "ss", "srt", "st", "se", "sip", "spr", "sv", "ses")
    lines = [account] + [fields.get(name, "") for name in names] + [""]
    return {**fields, "sig": mac(key, "\n".join(lines))}
