"""Put Blob, Put Block, Put Block List."""

import base64
import binascii
import xml.etree.ElementTree as xml

from . import conditions, immutability
from .blobs import Piece, Policy, Version
from .call import Answer
from .checksums import Checks
from .properties import check_blob_name, read_content, read_metadata, read_tags, read_tier
from .refused import Refused
from .table import ask

MIB = 1 << 20
MOST_BLOB, MOST_BLOCK, MOST_LIST = 5000 * MIB, 4000 * MIB, 8 * MIB
MOST_STAGED, MOST_COMMITTED = 100_000, 50_000


def _length(call, most):
    if call.request.length is None:
        raise Refused(411, "MissingContentLengthHeader")
    if call.request.length > most:
        raise Refused(413, "RequestBodyTooLarge")


def _receive(call, checks):
    """The body as a Piece."""
    length = call.request.length
    if length <= Piece.MOST_IN_MEMORY:
        piece = Piece(length)
        for view in call.connection.pieces():
            checks.update(view)
            piece.data += view
        return piece
    piece = Piece(length, call.account.new_path())
    with open(piece.path, "wb", buffering=0) as file:
        for view in call.connection.pieces():
            checks.update(view)
            file.write(view)
    return piece


class Wishes:
    """The headers of Put Blob, Put Block List and Copy Blob that say what the version is to be."""

    def __init__(self, call, with_standard):
        check_blob_name(call.request.blob)
        conditions.check_pairs(call.headers)
        self.content = read_content(call.headers, with_standard)
        self.metadata = read_metadata(call.request)
        self.tier, self.tags = read_tier(call.headers), read_tags(call.headers)
        if self.tags:
            call.access.allow("tags")
        self.has_policy = any(name in call.headers for name in
                              (immutability.UNTIL, immutability.MODE, immutability.HOLD))
        if self.has_policy:
            call.access.allow("immutability")

    def commit(self, call, container, blob, pieces, md5, blocks=(), act="put"):
        """Makes the version the blob's current one if the table and the conditions let it."""
        present = blob.current
        if present:
            call.access.allow_overwrite()
        policy = immutability.read_policy(call.headers, call.now_s) if container.kind == "V" else None
        held = immutability.read_hold(call.headers) if container.kind == "V" else None
        if self.has_policy:
            ask(container.kind, "put new, policy or hold", "n")
        if present and conditions.is_create_only(call.headers):
            ask(container.kind, "put over, create only", call.state(container, present))
        conditions.check(call.headers, present)
        if present:
            status = ask(container.kind, act + " over", call.state(container, present))
        else:
            status = ask(container.kind, act + " new", "n")
        ticks = call.model.clock.unique_ticks()
        version = Version(ticks, pieces, md5, self.content, self.metadata)
        version.blocks, version.tier, version.tags = list(blocks), self.tier, self.tags
        version.policy = immutability.bend(call, policy) or default_policy(container, version)
        version.is_held = bool(held and not call.lies("drop-policy"))
        blob.staged.clear()
        if not call.lies("lose-blob"):
            container.write(blob, version)
        headers = [("ETag", f'"{version.etag}"'), ("Last-Modified", version.last_modified),
                   ("x-ms-request-server-encrypted", "true")]
        if container.keeps_versions:
            headers.append(("x-ms-version-id", version.id))
        return status, headers


def default_policy(container, version):
    if not container.default:
        return None
    mode, seconds = container.default
    return Policy(mode, version.created_s + seconds)


def put_blob(call):
    wishes = Wishes(call, with_standard=True)
    if call.headers["x-ms-blob-type"] != "BlockBlob":
        raise Refused(400, "InvalidHeaderValue", "Only block blobs are modelled.")
    _length(call, MOST_BLOB)
    checks = Checks(call.headers, needs_md5=True)
    with call.account.lock:
        call.container()
    piece = _receive(call, checks)
    told = checks.finish()
    if call.headers.get("x-ms-blob-content-md5", checks.md5) != checks.md5:
        raise Refused(400, "Md5Mismatch")
    with call.account.lock:
        container = call.container()
        blob = container.blob(call.request.blob)
        status, headers = wishes.commit(call, container, blob, [piece] if piece.size else [], checks.md5)
    return Answer(status, headers + told)


def _block_id(text, code):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not 1 <= len(raw) <= 64:
        raise Refused(400, code, "A block id is base64 of 1 to 64 bytes.")
    return text


def _raw_length(block_id):
    """Of one length in base64 are up to three lengths of bytes."""
    return len(base64.b64decode(block_id))


def put_block(call):
    check_blob_name(call.request.blob)
    if "blockid" not in call.query:
        raise Refused(400, "MissingRequiredQueryParameter")
    block_id = _block_id(call.query["blockid"], "InvalidQueryParameterValue")
    _length(call, MOST_BLOCK)
    if not call.request.length:
        raise Refused(400, "InvalidHeaderValue", "A block has bytes.")
    checks = Checks(call.headers)
    with call.account.lock:
        call.container()
    piece = _receive(call, checks)
    told = checks.finish()
    with call.account.lock:
        container = call.container()
        status = ask(container.kind, "put block", "n")
        blob = container.blob(call.request.blob)
        others = [*blob.staged][:1] + [i for i, _ in (blob.current.blocks[:1] if blob.current else [])]
        if any(_raw_length(other) != _raw_length(block_id) for other in others):
            raise Refused(400, "InvalidBlobOrBlock", "All block ids of a blob are of one length.")
        if len(blob.staged) >= MOST_STAGED and block_id not in blob.staged:
            raise Refused(409, "BlockCountExceedsLimit")
        blob.staged[block_id] = piece
    return Answer(status, told + [("x-ms-request-server-encrypted", "true")])


def _read_list(body):
    """[(where to look, id)] of a <BlockList>."""
    try:
        root = xml.fromstring(body)
    except xml.ParseError:
        raise Refused(400, "InvalidXmlDocument") from None
    if root.tag != "BlockList" or any(e.tag not in ("Latest", "Committed", "Uncommitted") for e in root):
        raise Refused(400, "InvalidXmlDocument")
    if len(root) > MOST_COMMITTED:
        raise Refused(400, "BlockListTooLong")
    return [(e.tag, _block_id((e.text or "").strip(), "InvalidBlockList")) for e in root]


def _find(wanted, staged, committed):
    where, block_id = wanted
    piece = staged.get(block_id) if where != "Committed" else None
    if piece is None and where != "Uncommitted":
        piece = committed.get(block_id)
    if piece is None:
        raise Refused(400, "InvalidBlockList", f"There is no block {block_id}.")
    return block_id, piece


def put_block_list(call):
    wishes = Wishes(call, with_standard=False)
    _length(call, MOST_LIST)
    checks = Checks(call.headers)
    body = call.connection.read_all(MOST_LIST)
    checks.update(body)
    told = [(name, value) for name, value in checks.finish() if name != "Content-MD5"]
    wanted = _read_list(body)
    md5 = call.headers.get("x-ms-blob-content-md5")
    with call.account.lock:
        container = call.container()
        blob = container.blob(call.request.blob)
        committed = dict(blob.current.blocks) if blob.current else {}
        blocks = [_find(w, blob.staged, committed) for w in wanted]
        status, headers = wishes.commit(call, container, blob, [p for _, p in blocks], md5, blocks)
    return Answer(status, headers + told)
