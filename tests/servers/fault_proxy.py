"""A proxy on loopback that does to requests and answers what a network, or a liar, may do.

It passes everything on unchanged, signatures included, but for the faults that a test asks for. Each
fault says which requests it is for and how often, and counts: one that was not delivered fails the
test. It knows HTTP and no service.
"""

import http.client
import http.server
import re
import socket
import ssl
import threading
import time
import urllib.parse


class Fault:
    """`times` deliveries to requests whose "METHOD TARGET" fits `pattern`."""

    def __init__(self, pattern, act, times=1):
        self.pattern, self.act, self.left = re.compile(pattern), act, times
        self.delivered = 0


class Cut(Exception):
    """The connection ends here."""


class Seen:
    """One request as it came, and the status that it was answered with: None where it was cut."""

    def __init__(self, line, headers):
        self.line, self.headers, self.status = line, headers, None


# What a fault may do: called with the request and a function that asks the server, with another body
# or other headers where it gives them; returns the answer (status, headers, body), or cuts.


def cut_before(request, ask):
    raise Cut


def cut_after(request, ask):
    ask()
    raise Cut


def answer(status, body="", **headers):
    return lambda request, ask: (status, list(headers.items()), body.encode())


def answer_after(status, body=""):
    def act(request, ask):
        ask()
        return status, [], body.encode()

    return act


def truncate(request, ask):
    status, headers, body = ask()
    request.ends_after = len(body) // 2
    return status, headers, body


def headers_alone(request, ask):
    request.ends_after = 0
    return ask()


def drip(seconds):
    """The body comes in a hundred pieces, and takes so long."""

    def act(request, ask):
        request.pause = seconds / 100
        return ask()

    return act


def slow(seconds):
    def act(request, ask):
        time.sleep(seconds)
        return ask()

    return act


def edit(change):
    """`change` takes and gives (status, headers, body)."""
    return lambda request, ask: change(*ask())


def flipped(body):
    """The same with one bit of it another one."""
    return body[:-1] + bytes([body[-1] ^ 1])


def damage_what_is_sent(request, ask):
    return ask(body=flipped(request.body))


damage_what_is_read = edit(lambda status, headers, body: (status, headers, flipped(body)))


def error(code, more=""):
    return f"<Error><Code>{code}</Code><Message>by the proxy</Message>{more}</Error>"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _serve(self):
        self.ends_after = None
        self.pause = 0
        length = int(self.headers.get("Content-Length", 0))
        self.body = self.rfile.read(length)
        if len(self.body) < length:
            raise Cut  # who asked is gone
        seen = Seen(f"{self.command} {self.path}", {k.lower(): v for k, v in self.headers.items()})
        self.server.seen.append(seen)
        fault = self.server.take(seen.line)
        try:
            status, headers, body = fault.act(self, self._ask) if fault else self._ask()
        except Cut:
            self._end()
            return
        seen.status = status
        self._answer(status, headers, body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve

    def _end(self):
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _answer(self, status, headers, body):
        self.send_response_only(status)
        head = self.command == "HEAD"
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection") and (
                head or name.lower() != "content-length"
            ):
                self.send_header(name, value)
        if not head:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if head:
            return
        self._write(body[: self.ends_after])
        if self.ends_after is not None:
            self._end()

    def _write(self, body):
        size = len(body) // 100 + 1 if self.pause else len(body)
        for at in range(0, len(body), size or 1):
            self.wfile.write(body[at : at + size])
            time.sleep(self.pause)

    def _ask(self, body=None, headers=None):
        there = self.server.connect()
        there.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in (headers or self.headers).items():
            if name.lower() != "expect":
                there.putheader(name, value)
        there.endheaders(self.body if body is None else body)
        got = there.getresponse()
        data = got.read()
        there.close()
        return got.status, got.getheaders(), data


class FaultProxy(http.server.ThreadingHTTPServer):
    """Before the server at the URL `behind`, whose certificate fits `ca_file`.

    With `certificate`, a PEM file with its key, it speaks TLS.
    """

    daemon_threads = True

    def __init__(self, behind, faults, ca_file=None, certificate=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind, self.faults = urllib.parse.urlsplit(behind), faults
        self.seen, self.lock = [], threading.Lock()
        self.connections = 0  # also those whose TLS fails
        self.context = ssl.create_default_context(cafile=ca_file) if self.behind.scheme == "https" else None
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    def get_request(self):
        self.connections += 1
        return super().get_request()

    def handle_error(self, request, client_address):
        pass  # the program may end first

    @property
    def url(self):
        return f"{self.scheme}://{self.behind.hostname}:{self.server_address[1]}"

    def connect(self):
        host, port = self.behind.hostname, self.behind.port
        if self.context:
            return http.client.HTTPSConnection(host, port, timeout=60, context=self.context)
        return http.client.HTTPConnection(host, port, timeout=60)

    def take(self, line):
        with self.lock:
            for fault in self.faults:
                if fault.left and fault.pattern.search(line):
                    fault.left -= 1
                    fault.delivered += 1
                    return fault
        return None
