"""Copy Blob, Snapshot Blob, Undelete Blob: what brings the bytes that are there once more."""

from urllib.parse import parse_qsl, unquote, urlsplit

from . import conditions
from .call import Answer
from .change import once_more
from .clock import iso
from .refused import Refused
from .table import ask
from .upload import Wishes


def _source(call):
    """The version that x-ms-copy-source names, of this account alone."""
    address, here = urlsplit(call.headers["x-ms-copy-source"]), urlsplit(call.model.address)
    query = dict(parse_qsl(address.query, keep_blank_values=True))
    base = here.path + "/"
    if address.netloc != here.netloc or not address.path.startswith(base) or set(query) - {"versionid"}:
        raise Refused(404, "CannotVerifyCopySource", "Only what lies in this account is copied.")
    call.access.allow("read")
    container_name, _, name = address.path[len(base):].partition("/")
    container = call.account.containers.get(container_name)
    blob = container and container.blobs.get(unquote(name))
    version = blob and (blob.find(query["versionid"]) if "versionid" in query else blob.current)
    if not version:
        raise Refused(404, "CannotVerifyCopySource", "The specified blob does not exist.")
    return version


def copy_blob(call):
    """Done at once. Metadata are the source's unless some are told."""
    wishes = Wishes(call, with_standard=False)
    with call.account.lock:
        container = call.container()
        source = _source(call)
        wishes.content = source.given
        wishes.metadata = wishes.metadata or source.metadata
        blob = container.blob(call.request.blob)
        status, headers = wishes.commit(call, container, blob, source.pieces, source.md5, source.blocks, "copy")
    return Answer(status, headers + [("x-ms-copy-id", headers[0][1].strip('"')), ("x-ms-copy-status", "success")])


def snapshot_blob(call):
    """Where versions are kept the snapshot is a version, too, and the current one another with the same bytes."""
    with call.account.lock:
        container, blob, version = call.version()
        conditions.check_pairs(call.headers)
        conditions.check(call.headers, version)
        status = ask(container.kind, "snapshot", call.state(container, version))
        instant, headers = iso(call.model.clock.unique_ticks()), []
        blob.snapshots[instant] = version
        if container.keeps_versions:
            version = once_more(container, version, version.metadata, call.model.clock.unique_ticks())
            container.write(blob, version)
            headers = [("x-ms-version-id", version.id)]
    return Answer(status, headers + [("x-ms-snapshot", instant), ("ETag", f'"{version.etag}"'),
                                     ("Last-Modified", version.last_modified)])


def undelete_blob(call):
    """Nothing is ever deleted softly here, so nothing comes back."""
    with call.account.lock:
        container, _, version = call.version()
        return Answer(ask(container.kind, "undelete", call.state(container, version)))
