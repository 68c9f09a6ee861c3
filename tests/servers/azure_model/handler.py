"""From a request to its answer, through the faults."""

import itertools
import time
import uuid

from . import access, change, containers, control, immutability, listing, read, upload, xml_answers
from .call import Answer, Call
from .clock import TICKS, iso, rfc1123
from .http_connection import PIECE, Connection, Gone
from .refused import Refused
from .table import VERSIONS, find_operation, refusal

OPERATIONS = {
    "List Containers": listing.list_containers, "Create Container": containers.create,
    "Get Container Properties": containers.properties, "Delete Container": containers.delete,
    "List Blobs": listing.list_blobs, "Put Blob": upload.put_blob, "Put Block": upload.put_block,
    "Put Block List": upload.put_block_list, "Get Block List": read.get_block_list,
    "Get Blob": read.get_blob, "Get Blob Properties": read.get_blob, "Delete Blob": change.delete_blob,
    "Set Blob Metadata": change.set_metadata, "Set Blob Properties": change.set_properties,
    "Set Blob Tier": change.set_tier, "Set Blob Tags": change.set_tags, "Get Blob Tags": read.get_tags,
    "Set Blob Immutability Policy": immutability.set_policy,
    "Delete Blob Immutability Policy": immutability.delete_policy,
    "Set Blob Legal Hold": immutability.set_hold,
}
_NUMBERS = itertools.count(1)


class Handler:
    """Serves one connection until it ends."""

    def __init__(self, model, sock, is_tls):
        self.model, self.is_tls = model, is_tls
        self.connection, self.number = Connection(sock), next(_NUMBERS)
        self.request_id = None

    def run(self):
        try:
            while not self.connection.closes:
                self._one()
        except (Gone, OSError):
            pass

    def _one(self):
        request = entry = fault = None
        self.request_id = str(uuid.uuid4())
        try:
            request = self.connection.read_request()
            if request.path.startswith(control.PREFIX):
                self._send(request, control.serve(self.model, request, self.connection))
                return
            entry = self.model.recorder.add(request, self.number)
            fault = self.model.faults.take(f"{request.method} {request.target}")
            answer = self._answer(request, fault)
        except Refused as refused:
            self.connection.drain()
            answer = self._refusal(request, refused)
        self.connection.drain()
        if entry:
            entry["status"] = answer.status
            entry["code"] = dict(answer.headers).get("x-ms-error-code")
        self._send(request, answer, fault)

    def _answer(self, request, fault):
        act = fault.act if fault else None
        if act == "answer":
            raise fault.refusal()
        if act == "cut-before":
            self.connection.cut()
        if act == "cut-middle":
            for _ in self.connection.pieces(most=self.connection.left // 2):
                pass
            self.connection.cut()
        answer = self.work(request)
        if act == "answer-after":
            raise fault.refusal()
        if act == "cut-after":
            self.connection.drain()
            self.connection.cut()
        return answer

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
        operation = find_operation(request.method, request.level, query)
        operation.check(request, who.parameters)
        who.allow(operation.right if "versionid" not in query or operation.right != "delete" else "delete version")
        call = Call(self.model, request, self.connection, operation, who)
        answer = OPERATIONS[operation.name](call)
        answer.kept = call.kept
        return answer

    def _refusal(self, request, refused):
        headers = [("x-ms-error-code", refused.code), *refused.headers]
        if refused.status in (304, 204) or (request and request.method == "HEAD"):
            return Answer(refused.status, headers)
        now = iso(int(self.model.clock.now() * TICKS))
        body = xml_answers.error(refused.code, refused.message, self.request_id, now)
        return Answer(refused.status, [*headers, ("Content-Type", "application/xml")], body)

    def _send(self, request, answer, fault=None):
        headers = [("Date", rfc1123(self.model.clock.now())), ("Server", "cavra-azure-model"),
                   ("x-ms-request-id", self.request_id)]
        asked = request.headers if request else {}
        headers += [(name, asked[name]) for name in ("x-ms-version", "x-ms-client-request-id") if name in asked]
        headers += answer.headers
        if request and request.method == "HEAD" or answer.status in (204, 304):
            self.connection.send(answer.status, headers)
            return
        act = fault.act if fault else None
        if answer.is_chunked and not act:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(answer.body), answer.body)
            self.connection.send(answer.status, [*headers, ("Transfer-Encoding", "chunked")], body)
            return
        headers.append(("Content-Length", str(answer.length)))
        pieces = _pieces(answer)
        if act == "truncate":
            self._truncate(answer, headers, pieces)
        elif act == "slow":
            self._slowly(answer, headers, pieces, fault.seconds)
        else:
            self.connection.send(answer.status, headers, next(pieces, b""))
            for piece in pieces:
                self.connection.send_more(piece)

    def _truncate(self, answer, headers, pieces):
        self.connection.send(answer.status, headers)
        left = answer.length // 2
        for piece in pieces:
            self.connection.send_more(piece[:left])
            left -= min(left, len(piece))
        self.connection.cut()

    def _slowly(self, answer, headers, pieces, seconds):
        body, steps = b"".join(pieces), 20
        self.connection.send(answer.status, headers)
        for n in range(steps):
            time.sleep(seconds / steps)
            self.connection.send_more(body[len(body) * n // steps:len(body) * (n + 1) // steps])


def _pieces(answer):
    if answer.body:
        yield answer.body
    for path, offset, length in answer.parts:
        with open(path, "rb", buffering=0) as file:
            file.seek(offset)
            while length:
                data = file.read(min(PIECE, length))
                if not data:
                    raise Gone
                length -= len(data)
                yield data
