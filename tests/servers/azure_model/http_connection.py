"""HTTP/1.1 as a server speaks it: one connection, request after request.

By hand, because the standard library's server sends headers and body apart and is slow; and because
a model should refuse what is not HTTP. Bodies stream, both ways; an answer's headers and its (first)
bytes go in one send.
"""

import socket
from urllib.parse import unquote, unquote_plus

from .refused import Refused

PIECE = 1 << 20
MOST_HEADERS = 3000  # of metadata alone, some 2,700 fit into their 8 KiB
REASONS = {100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content",
           206: "Partial Content", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized",
           403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 410: "Gone",
           411: "Length Required", 412: "Precondition Failed", 413: "Payload Too Large",
           416: "Range Not Satisfiable", 429: "Too Many Requests", 500: "Internal Server Error",
           501: "Not Implemented", 503: "Service Unavailable"}


class Gone(Exception):
    """The other side, or a fault, ended the connection."""


class Request:
    """A request's head. `path` is as on the wire; `query` is decoded, its names in lower case."""

    def __init__(self, line, headers):
        try:
            self.method, self.target, version = line.split(" ")
        except ValueError:
            raise Refused(400, "InvalidInput", "Not an HTTP request line.") from None
        if version != "HTTP/1.1" or not self.target.startswith("/"):
            raise Refused(400, "InvalidInput", "Only HTTP/1.1 with a path is spoken here.")
        self.header_list, self.headers = headers, {}
        for name, value in headers:
            if name.lower() in self.headers:
                raise Refused(400, "InvalidInput", f"{name} stands twice.")
            self.headers[name.lower()] = value
        self.path, _, raw_query = self.target.partition("?")
        self.query = {}
        for part in filter(None, raw_query.split("&")):
            name, _, value = part.partition("=")
            name = unquote_plus(name).lower()
            if name in self.query:
                raise Refused(400, "InvalidQueryParameterValue", f"{name} stands twice.")
            self.query[name] = unquote_plus(value)
        segments = self.path[1:].split("/", 2)
        self.account, self.container, self.blob = (
            unquote(s, errors="surrogateescape") for s in segments + [""] * (3 - len(segments)))

    @property
    def level(self):
        return "blob" if self.blob else "container" if self.container else "account"

    @property
    def length(self):
        """The body's length; None if the client told none."""
        text = self.headers.get("content-length")
        if text is None:
            return None
        if not text.isdecimal() or not text.isascii():
            raise Refused(400, "InvalidHeaderValue", "Content-Length is no number.")
        return int(text)


class Connection:
    def __init__(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket, self._in = sock, sock.makefile("rb", 1 << 16)
        self._buffer = None
        self.left, self._continue_due, self.closes = 0, False, False

    def _line(self):
        line = self._in.readline(1 << 16)
        if not line.endswith(b"\r\n"):
            raise Gone
        return line[:-2].decode("latin-1")

    def read_request(self):
        """The next request; its body, if any, is then to be read by pieces()."""
        line, headers = self._line(), []
        while text := self._line():
            name, colon, value = text.partition(":")
            if not colon or name != name.strip() or len(headers) > MOST_HEADERS:
                raise Gone
            headers.append((name, value.strip(" \t")))
        request = Request(line, headers)
        self._continue_due = request.headers.get("expect", "").lower() == "100-continue"
        self.closes = request.headers.get("connection", "").lower() == "close"
        self.left = 0
        if "transfer-encoding" in request.headers:
            self.closes = True
            raise Refused(411, "MissingContentLengthHeader")
        self.left = request.length or 0
        return request

    def pieces(self, most=None):
        """The rest of the body, or `most` bytes of it, as views that hold until the next one."""
        if self._continue_due and self.left:
            self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._continue_due = False
        stop = 0 if most is None else max(0, self.left - most)
        if self.left > stop and (self._buffer is None or len(self._buffer) < min(PIECE, self.left)):
            self._buffer = bytearray(min(PIECE, max(self.left, 4096)))
        while self.left > stop:
            view = memoryview(self._buffer)[:min(len(self._buffer), self.left - stop)]
            got = self._in.readinto(view)
            if got != len(view):
                raise Gone
            self.left -= got
            yield view

    def read_all(self, most):
        if self.left > most:
            raise Refused(413, "RequestBodyTooLarge")
        return b"".join(bytes(piece) for piece in self.pieces())

    def drain(self):
        """What the handler left of the body; a client that still waits for leave to send it is cut."""
        if self._continue_due and self.left:
            self.closes, self.left = True, 0
        for _ in self.pieces():
            pass

    def send(self, status, headers, body=b""):
        """The head, and bytes of the body that belong to it."""
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if self.closes:
            lines.append("Connection: close")
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode("latin-1") + body)

    def send_more(self, data):
        self.socket.sendall(data)

    def cut(self):
        """Ends the connection so that the client sees it at once."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        raise Gone
