"""List Blobs and List Containers, page by page."""

import base64
import binascii
import bisect
import json

from . import xml_answers
from .call import Answer
from .refused import Refused

MOST = 5000
INCLUDES = {"versions", "immutabilitypolicy", "legalhold", "metadata", "deleted", "deletedwithversions",
            "tags", "uncommittedblobs", "copy", "snapshots"}


def _page(query, settings):
    try:
        most = int(query.get("maxresults", MOST))
    except ValueError:
        raise Refused(400, "InvalidQueryParameterValue", "maxresults is no number.") from None
    if most < 1:
        raise Refused(400, "OutOfRangeQueryParameterValue", "maxresults starts at 1.")
    return min(most, MOST, settings["most"] or MOST)


def _encode(position):
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def _decode(query, empty):
    if not query.get("marker"):
        return empty
    try:
        position = json.loads(base64.urlsafe_b64decode(query["marker"]))
    except (binascii.Error, ValueError):
        position = None
    if not isinstance(position, list) or [type(p) for p in position] != [type(p) for p in empty]:
        raise Refused(400, "InvalidQueryParameterValue", "The marker is not one of ours.")
    return position


def _entries(container, name, include):
    """(version, has_versions_only) of one blob, oldest first."""
    blob = container.blobs[name]
    if "versions" in include:
        return [(v, False) for v in blob.versions]
    if blob.current:
        return [(blob.current, False)]
    if "deletedwithversions" in include:
        return [(blob.versions[-1], True)]
    return []


def list_blobs(call):
    asked = dict(call.query)
    include = {word for word in asked.get("include", "").split(",") if word}
    if include - INCLUDES:
        raise Refused(400, "InvalidQueryParameterValue", "include has an unknown word.")
    if "tags" in include:
        call.access.allow("tags")
    asked["include"] = include
    settings = call.model.pages
    most = _page(asked, settings)
    # The marker: the name to go on with, how many of its versions are done, whether a page was empty.
    start, done, was_empty = _decode(asked, ["", 0, False])
    if settings["empty"] and not was_empty:
        most = 0
    with call.account.lock:
        container = call.container()
        entries, marker = _walk(container, asked, (start, done), most)
        if marker:
            marker = _encode([*marker, most == 0])
        body = xml_answers.list_blobs(call.model.address + "/", container, asked, entries, marker)
    return Answer(200, [("Content-Type", "application/xml")], body, is_chunked=True)


def _walk(container, asked, position, most):
    """At most `most` entries from `position` on, and where the next page begins, "" if there is none."""
    prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
    (start, done), entries = position, []
    i = bisect.bisect_left(container.names, max(start, prefix))
    while i < len(container.names) and container.names[i].startswith(prefix):
        name = container.names[i]
        cut = name.find(delimiter, len(prefix)) if delimiter else -1
        if cut >= 0:  # all names with this beginning are one entry
            begin = name[:cut + len(delimiter)]
            end = bisect.bisect_left(container.names, begin + chr(0x10FFFF))
            if any(_entries(container, n, asked["include"]) for n in container.names[i:end]):
                if len(entries) >= most:
                    return entries, [name, 0]
                entries.append((begin, None, False))
            i = end
            continue
        for n, (version, only) in enumerate(_entries(container, name, asked["include"])):
            if name == start and n < done:
                continue
            if len(entries) >= most:
                return entries, [name, n]
            entries.append((name, version, only))
        i += 1
    return entries, ""


def list_containers(call):
    most = _page(call.query, {"most": None})
    [start] = _decode(call.query, [""])
    with call.account.lock:
        names = sorted(n for n in call.account.containers
                       if n.startswith(call.query.get("prefix", "")) and n >= start)
        marker = _encode([names[most]]) if len(names) > most else ""
        shown = [call.account.containers[n] for n in names[:most]]
        body = xml_answers.list_containers(call.model.address + "/", call.query, shown, marker)
    return Answer(200, [("Content-Type", "application/xml")], body, is_chunked=True)
