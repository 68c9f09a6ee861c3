"""Requests and answers on one connection, through the faults; whatever it is that answers."""

import itertools
import time
import uuid

from .call import Answer
from .clock import rfc1123
from .http_connection import PIECE, Connection, Gone
from .refused import Refused

_NUMBERS = itertools.count(1)


class Exchange:
    """Serves one connection until it ends. Who inherits says what is answered."""

    def work(self, request):
        """The Answer to a request; raises Refused."""
        raise NotImplementedError

    def refuse(self, request, refused):
        """The Answer that tells of a refusal; `request` is None if none could be read."""
        raise NotImplementedError

    def aside(self, _request):
        """The Answer to a request that is neither recorded nor meets faults; None for all others."""
        return None

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
            if (answer := self.aside(request)) is not None:
                self._send(request, answer)
                return
            entry = self.model.recorder.add(request, self.number)
            fault = self.model.faults.take(f"{request.method} {request.target}")
            answer = self._answer(request, fault)
        except Refused as refused:
            self.connection.drain()
            answer = self.refuse(request, refused)
        self.connection.drain()
        if entry:
            entry["status"] = answer.status
            entry["code"] = dict(answer.headers).get("x-ms-error-code")
        self._send(request, answer, fault)

    def _answer(self, request, fault):
        act = fault.act if fault else None
        if act == "answer":
            raise fault.refusal()
        if act == "page":
            return Answer(200, [("Content-Type", "text/html")], b"<html><body>Welcome</body></html>")
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
    for piece, offset, length in answer.parts:
        with piece.open() as file:
            file.seek(offset)
            while length:
                data = file.read(min(PIECE, length))
                if not data:
                    raise Gone
                length -= len(data)
                yield data
