"""One request to the service while it is worked on, and the answer that comes of it."""

from .refused import Refused


class Answer:
    """`body` is bytes. `parts`, of a download, are (piece, offset, length) that follow it."""

    def __init__(self, status, headers=(), body=b"", parts=(), is_chunked=False):
        self.status, self.headers, self.body = status, list(headers), body
        self.parts, self.is_chunked = list(parts), is_chunked

    @property
    def length(self):
        return len(self.body) + sum(length for _, _, length in self.parts)


class Call:
    def __init__(self, model, request, connection, operation, access):
        self.model, self.request, self.connection = model, request, connection
        self.operation, self.access = operation, access
        self.account, self.headers, self.query = model.account, request.headers, request.query

    @property
    def now_s(self):
        return self.model.clock.now()

    def lies(self, name):
        return self.model.lies.tell(name)

    # What is addressed; under the account's lock.

    def container(self):
        found = self.account.containers.get(self.request.container)
        if found is None:
            raise Refused(404, "ContainerNotFound", "The specified container does not exist.")
        return found

    def version(self, missing_code="BlobNotFound"):
        """(container, blob, version): the current version, or that of versionid."""
        container = self.container()
        blob = container.blobs.get(self.request.blob)
        version_id = self.query.get("versionid")
        version = blob and blob.current
        if version_id is not None and not (version and version_id != version.id and self.lies("ignore-versionid")):
            version = blob and container.keeps_versions and blob.find(version_id)
        if not version:
            raise Refused(404, missing_code, "The specified blob does not exist.")
        return container, blob, version

    def state(self, container, version):
        return container.state(version, self.now_s)
