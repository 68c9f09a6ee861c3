"""What a client tells of a blob besides its bytes: content headers, metadata, tier, tags."""

import re
from urllib.parse import unquote_plus

from .refused import Refused

CONTENT = ("Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Cache-Control")
TIERS = ("Hot", "Cool", "Cold", "Archive")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MOST_METADATA = 8192


def read_content(headers, with_standard):
    """Content headers by their name; those of the request itself count only `with_standard`."""
    given = {}
    for name in CONTENT:
        value = headers.get("x-ms-blob-" + name.lower())
        if value is None and with_standard:
            value = headers.get(name.lower())
        if value:
            given[name] = value
    given.setdefault("Content-Type", "application/octet-stream")
    return given


def read_metadata(request):
    metadata, seen, size = {}, set(), 0
    for header, value in request.header_list:
        if not header.lower().startswith("x-ms-meta-"):
            continue
        name = header[len("x-ms-meta-"):]
        if not _NAME.fullmatch(name):
            raise Refused(400, "InvalidMetadata", f"{name!r} is no name for metadata.")
        seen.add(name.lower())
        size += len(name) + len(value)
        metadata[name] = value
    if size > MOST_METADATA:
        raise Refused(400, "MetadataTooLarge")
    return metadata


def read_tier(headers):
    tier = headers.get("x-ms-access-tier")
    if tier is not None and tier not in TIERS:
        raise Refused(400, "InvalidHeaderValue", "x-ms-access-tier is none of " + ", ".join(TIERS))
    return tier


def check_tags(tags):
    fits = len(tags) <= 10 and all(1 <= len(k) <= 128 and len(v) <= 256 for k, v in tags.items())
    if not fits:
        raise Refused(400, "InvalidTag")
    return tags


def read_tags(headers):
    pairs = [part.partition("=") for part in filter(None, headers.get("x-ms-tags", "").split("&"))]
    return check_tags({unquote_plus(k): unquote_plus(v) for k, _, v in pairs})


def check_blob_name(name):
    segments = name.split("/")
    odd = any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 or 0xFDD1 <= ord(c) <= 0xFDEF
              or ord(c) >= 0xFFF0 and ord(c) <= 0xFFFF or ord(c) & 0xFFFE == 0xFFFE for c in name)
    if odd or len(name) > 1024 or len(segments) > 254 or any(s.endswith(".") for s in segments):
        raise Refused(400, "OutOfRangeInput", "The blob's name is not allowed.")
