"""What the blob service does with a request."""

from . import access, change, containers, control, copy, immutability, listing, read, upload, xml_answers
from .call import Answer, Call
from .clock import TICKS, iso
from .exchange import Exchange
from .refused import Refused
from .table import VERSIONS, find_operation, refusal

OPERATIONS = {
    "List Containers": listing.list_containers, "Create Container": containers.create,
    "Get Container Properties": containers.properties, "Delete Container": containers.delete,
    "List Blobs": listing.list_blobs, "Put Blob": upload.put_blob, "Put Block": upload.put_block,
    "Put Block List": upload.put_block_list, "Copy Blob": copy.copy_blob,
    "Snapshot Blob": copy.snapshot_blob, "Undelete Blob": copy.undelete_blob,
    "Append Block": change.of_another_type, "Put Page": change.of_another_type, "Get Block List": read.get_block_list,
    "Get Blob": read.get_blob, "Get Blob Properties": read.get_blob, "Delete Blob": change.delete_blob,
    "Set Blob Metadata": change.set_metadata, "Set Blob Properties": change.set_properties,
    "Set Blob Tier": change.set_tier, "Set Blob Tags": change.set_tags, "Get Blob Tags": read.get_tags,
    "Set Blob Immutability Policy": immutability.set_policy,
    "Delete Blob Immutability Policy": immutability.delete_policy,
    "Set Blob Legal Hold": immutability.set_hold,
}


class Handler(Exchange):
    def aside(self, request):
        if request.path.startswith(control.PREFIX):
            return control.serve(self.model, request, self.connection)
        return None

    def work(self, request):
        """What the service does."""
        version = request.headers.get("x-ms-version")
        if version is not None and version not in VERSIONS:
            raise refusal("x-ms-version that is not known", f"x-ms-version {version} is not known.")
        if version is None and "sv" not in request.query:
            raise Refused(400, "MissingRequiredHeader", "x-ms-version is required.")
        if request.account != self.model.account.name:
            raise Refused(404, "ResourceNotFound", f"There is no account {request.account}.")
        who = access.authenticate(self.model, request, self.is_tls)
        query = {k: v for k, v in request.query.items() if k not in who.parameters}
        operation = find_operation(request.method, request.level, query, request.headers)
        operation.check(request, who.parameters)
        who.allow(operation.right if "versionid" not in query or operation.right != "delete" else "delete version")
        call = Call(self.model, request, self.connection, operation, who)
        if operation.name == "Get User Delegation Key":
            return self.model.sas.delegate(call)
        return OPERATIONS[operation.name](call)

    def refuse(self, request, refused):
        headers = [("x-ms-error-code", refused.code), *refused.headers]
        if refused.status in (304, 204) or (request and request.method == "HEAD"):
            return Answer(refused.status, headers)
        now = iso(int(self.model.clock.now() * TICKS))
        body = xml_answers.error(refused.code, refused.message, self.request_id, now)
        return Answer(refused.status, [*headers, ("Content-Type", "application/xml")], body)
