"""The service's XML: with a byte order mark, as it sends it."""

import re
from xml.sax.saxutils import escape
from urllib.parse import quote

from .clock import rfc1123

HEAD = '\ufeff<?xml version="1.0" encoding="utf-8"?>'
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(name, value):
    return f"<{name}>{escape(str(value))}</{name}>" if value != "" else f"<{name} />"


def optional(name, value):
    return "" if value in (None, False) else element(name, "true" if value is True else value)


def blob_name(name):
    if _NOT_XML.search(name):
        return f'<Name Encoded="true">{quote(name)}</Name>'
    return element("Name", name)


def error(code, message, request_id, time):
    text = f"{message}\nRequestId:{request_id}\nTime:{time}"
    return (HEAD + "<Error>" + element("Code", code) + element("Message", text) + "</Error>").encode()


def list_blobs(service, container, asked, entries, next_marker):
    """`entries`: (blob name, version, has_versions_only), or (prefix, None, False)."""
    parts = [HEAD, f'<EnumerationResults ServiceEndpoint="{escape(service)}" ContainerName="{container.name}">']
    parts += [element(tag, asked[key]) for tag, key in
              (("Prefix", "prefix"), ("Marker", "marker"), ("MaxResults", "maxresults"),
               ("Delimiter", "delimiter")) if key in asked]
    parts.append("<Blobs>")
    include = asked["include"]
    for name, version, only_versions in entries:
        if version is None:
            parts.append("<BlobPrefix>" + blob_name(name) + "</BlobPrefix>")
        else:
            parts.append(_blob(container, name, version, only_versions, include))
    parts += ["</Blobs>", element("NextMarker", next_marker), "</EnumerationResults>"]
    return "".join(parts).encode()


def _blob(container, name, version, only_versions, include):
    is_current = container.blobs[name].current is version
    parts = ["<Blob>", blob_name(name)]
    if container.keeps_versions and ("versions" in include or only_versions):
        parts.append(element("VersionId", version.id))
        parts.append(optional("IsCurrentVersion", is_current))
    parts += ["<Properties>", element("Creation-Time", rfc1123(version.created_s)),
              element("Last-Modified", version.last_modified), element("Etag", version.etag),
              element("Content-Length", version.size)]
    for tag in ("Content-Type", "Content-Encoding", "Content-Language"):
        parts.append(element(tag, version.given.get(tag, "")))
    parts += ["<Content-CRC64 />", element("Content-MD5", version.md5 or ""),
              element("Cache-Control", version.given.get("Cache-Control", "")),
              element("Content-Disposition", version.given.get("Content-Disposition", "")),
              element("BlobType", "BlockBlob"), element("AccessTier", version.tier or "Hot"),
              optional("AccessTierInferred", version.tier is None)]
    if is_current:  # of the lease, not of the policy
        parts += [element("LeaseStatus", "unlocked"), element("LeaseState", "available")]
    parts.append(element("ServerEncrypted", "true"))
    if "immutabilitypolicy" in include and version.policy:
        parts += [element("ImmutabilityPolicyUntilDate", rfc1123(version.policy.until_s)),
                  element("ImmutabilityPolicyMode", version.policy.mode)]
    if "legalhold" in include and version.is_held:
        parts.append(element("LegalHold", "true"))
    parts.append("</Properties>")
    if "metadata" in include:
        inside = "".join(element(key, value) for key, value in version.metadata.items())
        parts.append(f"<Metadata>{inside}</Metadata>" if inside else "<Metadata />")
    if "tags" in include and version.tags:
        parts.append(_tags(version.tags))
    parts.append(optional("HasVersionsOnly", only_versions))
    return "".join(parts) + "</Blob>"


def _tags(tags):
    inside = "".join("<Tag>" + element("Key", k) + element("Value", v) + "</Tag>" for k, v in tags.items())
    return "<Tags><TagSet>" + inside + "</TagSet></Tags>"


def tags(tags_of_blob):
    return (HEAD + _tags(tags_of_blob)).encode()


def list_containers(service, asked, containers, next_marker):
    parts = [HEAD, f'<EnumerationResults ServiceEndpoint="{escape(service)}">']
    parts += [element(tag, asked[key]) for tag, key in
              (("Prefix", "prefix"), ("Marker", "marker"), ("MaxResults", "maxresults")) if key in asked]
    parts.append("<Containers>")
    for c in containers:
        parts += ["<Container>", element("Name", c.name), "<Properties>",
                  element("Last-Modified", rfc1123(c.modified_s)), element("Etag", f'"{c.etag}"'),
                  "<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>"]
        parts += [element(tag, value) for tag, value in container_flags(c).items()]
        parts.append("</Properties></Container>")
    parts += ["</Containers>", element("NextMarker", next_marker), "</EnumerationResults>"]
    return "".join(parts).encode()


def container_flags(container):
    def word(value):
        return "true" if value else "false"
    return {
        "DefaultEncryptionScope": "$account-encryption-key", "DenyEncryptionScopeOverride": "false",
        "HasImmutabilityPolicy": word(container.policy or container.default),
        "HasLegalHold": word(container.hold_tags),
        "ImmutableStorageWithVersioningEnabled": word(container.kind == "V"),
    }


def block_list(committed, staged):
    def blocks(tag, pairs):
        inside = "".join("<Block>" + element("Name", i) + element("Size", s) + "</Block>" for i, s in pairs)
        return f"<{tag}>{inside}</{tag}>" if inside else f"<{tag} />"
    parts = [blocks(tag, pairs) for tag, pairs in
             (("CommittedBlocks", committed), ("UncommittedBlocks", staged)) if pairs is not None]
    return (HEAD + "<BlockList>" + "".join(parts) + "</BlockList>").encode()


def delegation_key(fields):
    inside = "".join(element(name, value) for name, value in fields.items())
    return (HEAD + "<UserDelegationKey>" + inside + "</UserDelegationKey>").encode()
