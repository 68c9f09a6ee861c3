"""What changes or removes a blob: Delete Blob, Set Blob Metadata, Properties, Tier and Tags, and what would
write into one of another type."""

import xml.etree.ElementTree as xml

from . import conditions
from .blobs import Version
from .call import Answer
from .checksums import Checks
from .properties import CONTENT, check_tags, read_content, read_metadata, read_tier
from .refused import Refused
from .table import ask, refusal
from .upload import default_policy


def delete_blob(call):
    with call.account.lock:
        if "snapshot" in call.query:
            return _delete_snapshot(call)
        container, blob, version = call.version()
        if blob.snapshots and "versionid" not in call.query:
            raise refusal("a blob that has snapshots", "This operation is not permitted, the blob has snapshots.")
        conditions.check(call.headers, version)
        row = "delete"
        if "versionid" in call.query:
            row = "delete current by id" if version is blob.current else "delete previous by id"
        status = ask(container.kind, row, call.state(container, version))
        if row == "delete" and container.keeps_versions:
            blob.current = None
        else:
            container.drop(blob, version)
        permanent = "false" if row == "delete" and container.keeps_versions else "true"
    return Answer(status, [("x-ms-delete-type-permanent", permanent)])


def _delete_snapshot(call):
    if "versionid" in call.query:
        raise refusal("a parameter that the operation lacks", "A snapshot, or a version.")
    container = call.container()
    blob = container.blobs.get(call.request.blob)
    snapshot = blob and blob.snapshots.get(call.query["snapshot"])
    if not snapshot:
        raise Refused(404, "BlobNotFound", "The specified blob does not exist.")
    conditions.check(call.headers, snapshot)
    status = ask(container.kind, "delete snapshot", call.state(container, snapshot))
    del blob.snapshots[call.query["snapshot"]]
    return Answer(status, [("x-ms-delete-type-permanent", "true")])


def of_another_type(call):
    """Append Block and Put Page, which no block blob takes; one that is immutable says that first."""
    with call.account.lock:
        _current(call, call.operation.name.lower())


def _current(call, row):
    container, blob, version = call.version()
    conditions.check_pairs(call.headers)
    conditions.check(call.headers, version)
    return container, blob, version, ask(container.kind, row, call.state(container, version))


def _tag(version):
    return [("ETag", f'"{version.etag}"'), ("Last-Modified", version.last_modified)]


def set_metadata(call):
    metadata = read_metadata(call.request)
    with call.account.lock:
        container, blob, version, status = _current(call, "set metadata")
        ticks = call.model.clock.unique_ticks()
        if not container.keeps_versions:
            version.metadata = metadata
            version.changed(ticks)
            return Answer(status, _tag(version))
        new = once_more(container, version, metadata, ticks)
        container.write(blob, new)
        return Answer(status, _tag(new) + [("x-ms-version-id", new.id)])


def once_more(container, version, metadata, ticks):
    """The same bytes as a version of their own."""
    new = Version(ticks, version.pieces, version.md5, version.given, metadata)
    new.blocks, new.tier, new.tags = version.blocks, version.tier, version.tags
    new.policy = default_policy(container, new)
    return new


def set_properties(call):
    """A header that is not sent is a property that goes."""
    with call.account.lock:
        _, _, version, status = _current(call, "set properties")
        version.given = read_content(call.headers, with_standard=False)
        if any("x-ms-blob-" + name.lower() in call.headers for name in (*CONTENT, "content-md5")):
            version.md5 = call.headers.get("x-ms-blob-content-md5")
        version.changed(call.model.clock.unique_ticks())
        return Answer(status, _tag(version))


def set_tier(call):
    tier = read_tier(call.headers)
    with call.account.lock:
        _, _, version, status = _current(call, "set tier")
        version.tier = tier
    return Answer(status)


def set_tags(call):
    checks = Checks(call.headers)
    body = call.connection.read_all(1 << 16)
    checks.update(body)
    checks.finish()
    try:
        tags = {t.findtext("Key"): t.findtext("Value") or "" for t in xml.fromstring(body).iter("Tag")}
    except xml.ParseError:
        raise Refused(400, "InvalidXmlDocument") from None
    if None in tags:
        raise Refused(400, "InvalidXmlDocument")
    check_tags(tags)
    with call.account.lock:
        _, _, version, status = _current(call, "set tags")
        version.tags = tags
    return Answer(status)
