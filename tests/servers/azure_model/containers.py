"""Create, describe and delete a container over the data plane."""

import re

from .call import Answer
from .clock import rfc1123
from .refused import Refused
from .table import ask
from .xml_answers import container_flags

_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*")
_FLAG_HEADERS = {
    "DefaultEncryptionScope": "x-ms-default-encryption-scope",
    "DenyEncryptionScopeOverride": "x-ms-deny-encryption-scope-override",
    "HasImmutabilityPolicy": "x-ms-has-immutability-policy",
    "HasLegalHold": "x-ms-has-legal-hold",
    "ImmutableStorageWithVersioningEnabled": "x-ms-immutable-storage-with-versioning-enabled",
}


def check_name(name):
    if not _NAME.fullmatch(name):
        raise Refused(400, "InvalidResourceName", "The container's name is not allowed.")


def _describe(container):
    return [("ETag", f'"{container.etag}"'), ("Last-Modified", rfc1123(container.modified_s))]


def create(call):
    name = call.request.container
    check_name(name)
    with call.account.lock:
        if name in call.account.containers:
            raise Refused(409, "ContainerAlreadyExists")
        return Answer(201, _describe(call.account.make(name, "P0")))


def properties(call):
    with call.account.lock:
        container = call.container()
        flags = container_flags(container)
        if call.lies("claimed-flag"):
            flags["HasImmutabilityPolicy"] = "true"
        if call.lies("silent-flags"):
            flags = {}
        lease = [("x-ms-lease-status", "unlocked"), ("x-ms-lease-state", "available")]
        return Answer(200, _describe(container) + lease + [(_FLAG_HEADERS[k], v) for k, v in flags.items()])


def delete(call):
    with call.account.lock:
        container = call.container()
        states = {container.clw_state(b.current.created_s, call.now_s)
                  for b in container.blobs.values() if b.current}
        # A policy stands in the way whether or not there is a blob; a locked one even past its time.
        state = "l" if "l" in states else next(iter(states), container.clw_state(call.now_s, call.now_s))
        status = ask(container.kind, "delete container", state)
        del call.account.containers[container.name]
    return Answer(status)
