"""Get Blob, Get Blob Properties, Get Block List, Get Blob Tags."""

import base64
import hashlib
import re

from . import conditions, immutability, xml_answers
from .call import Answer
from .clock import rfc1123
from .refused import Refused
from .table import ask

MOST_RANGE_MD5 = 4 << 20


def _describe(call, container, blob, version):
    md5 = version.md5
    if md5 and call.lies("wrong-md5"):
        raw = bytearray(base64.b64decode(md5))
        raw[0] ^= 1
        md5 = base64.b64encode(raw).decode()
    headers = [("Last-Modified", version.last_modified), ("ETag", f'"{version.etag}"'),
               ("x-ms-creation-time", rfc1123(version.created_s)), ("x-ms-blob-type", "BlockBlob"),
               ("x-ms-server-encrypted", "true"), ("Accept-Ranges", "bytes"),
               ("x-ms-access-tier", version.tier or "Hot")]
    if version.tier is None:
        headers.append(("x-ms-access-tier-inferred", "true"))
    if version is blob.current:  # of the lease, not of the policy
        headers += [("x-ms-lease-status", "unlocked"), ("x-ms-lease-state", "available")]
    if container.keeps_versions:
        headers.append(("x-ms-version-id", version.id))
        if version is blob.current:
            headers.append(("x-ms-is-current-version", "true"))
    if version.tags:
        headers.append(("x-ms-tag-count", str(len(version.tags))))
    headers += list(version.given.items())
    headers += [("x-ms-meta-" + name, value) for name, value in version.metadata.items()]
    return headers + immutability.shown(version), md5


def _range(headers, size):
    """(first, length) of what is asked for, or None for all."""
    value = headers.get("x-ms-range", headers.get("range"))
    if value is None:
        return None
    found = re.fullmatch(r"bytes=(\d+)-(\d*)", value)
    if not found or (found[2] and int(found[2]) < int(found[1])):
        raise Refused(400, "InvalidHeaderValue", "The range is not bytes=first-last or bytes=first-.")
    first = int(found[1])
    if first >= size:
        raise Refused(416, "InvalidRange", headers=[("Content-Range", f"bytes */{size}")])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    return first, last - first + 1


def _parts(pieces, first, length):
    """(piece, offset, length) of each piece that the range touches."""
    parts = []
    for piece in pieces:
        here = max(0, min(piece.size - first, length))
        if here:
            parts.append((piece, first, here))
        length -= here
        first = max(0, first - piece.size)
    return parts


def _digest(parts):
    md5 = hashlib.md5()
    for piece, offset, length in parts:
        with piece.open() as file:
            file.seek(offset)
            md5.update(file.read(length))
    return base64.b64encode(md5.digest()).decode()


def get_blob(call):
    with call.account.lock:
        container, blob, version = call.version()
        status = ask(container.kind, "get", call.state(container, version))
        conditions.check(call.headers, version, is_read=True)
        headers, md5 = _describe(call, container, blob, version)
    if call.request.method == "HEAD":
        headers.append(("Content-Length", str(version.size)))
        return Answer(status, headers + ([("Content-MD5", md5)] if md5 else []))
    if version.tier == "Archive":
        raise Refused(409, "BlobArchived")
    asked = _range(call.headers, version.size)
    wants_md5 = call.headers.get("x-ms-range-get-content-md5") == "true"
    if not asked:
        if wants_md5:
            raise Refused(400, "InvalidHeaderValue", "x-ms-range-get-content-md5 needs a range.")
        parts = _parts(version.pieces, 0, version.size)
        return Answer(status, headers + ([("Content-MD5", md5)] if md5 else []), parts=parts)
    first, length = asked
    parts = _parts(version.pieces, first, length)
    headers.append(("Content-Range", f"bytes {first}-{first + length - 1}/{version.size}"))
    if md5:
        headers.append(("x-ms-blob-content-md5", md5))
    if wants_md5:
        if length > MOST_RANGE_MD5:
            raise Refused(400, "OutOfRangeInput", "The MD5 of a range is told up to 4 MiB.")
        headers.append(("Content-MD5", _digest(parts)))
    return Answer(206, headers, parts=parts)


def get_block_list(call):
    kind = call.query.get("blocklisttype", "committed")
    if kind not in ("committed", "uncommitted", "all"):
        raise Refused(400, "InvalidQueryParameterValue")
    with call.account.lock:
        container = call.container()
        blob, headers = container.blobs.get(call.request.blob), []
        if not blob or not blob.staged or blob.current or "versionid" in call.query:
            _, blob, version = call.version()
            headers = [("Last-Modified", version.last_modified), ("ETag", f'"{version.etag}"'),
                       ("x-ms-blob-content-length", str(version.size))]
        committed = [(i, p.size) for i, p in version.blocks] if headers else []
        staged = [(i, p.size) for i, p in blob.staged.items()]
    body = xml_answers.block_list(committed if kind != "uncommitted" else None,
                                  staged if kind != "committed" else None)
    return Answer(200, headers + [("Content-Type", "application/xml")], body)


def get_tags(call):
    with call.account.lock:
        tags = dict(call.version()[2].tags)
    return Answer(200, [("Content-Type", "application/xml")], xml_answers.tags(tags))
