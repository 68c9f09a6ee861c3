"""A proxy on loopback that does to requests and answers what a network, or a liar, may do.

It passes everything on unchanged, signatures included, but for the faults that a test asks for. Each
fault says which requests it is for and how often, and counts: one that was not delivered fails the
test. It knows HTTP and no service.
"""

import http.client
import http.server
import re
import socket
import threading
import time


class Fault:
    """`times` deliveries to requests whose "METHOD TARGET" fits `pattern`."""

    def __init__(self, pattern, act, times=1):
        self.pattern, self.act, self.left = re.compile(pattern), act, times
        self.delivered = 0


class Cut(Exception):
    """The connection ends here."""


# What a fault may do: called with the request and a function that asks the server; returns the
# answer (status, headers, body), or cuts.


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
    request.connection_after = len(body) // 2
    return status, headers, body


def slow(seconds):
    def act(request, ask):
        time.sleep(seconds)
        return ask()

    return act


def edit(change):
    """`change` takes and gives (status, headers, body)."""
    return lambda request, ask: change(*ask())


def error(code):
    return f"<Error><Code>{code}</Code><Message>by the proxy</Message></Error>"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    connection_after = None

    def log_message(self, *_):
        pass

    def _serve(self):
        self.connection_after = None
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.take(f"{self.command} {self.path}")
        try:
            ask = lambda: self._ask(body)
            status, headers, data = fault.act(self, ask) if fault else ask()
        except Cut:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.send_response_only(status)
        head = self.command == "HEAD"
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection") and (
                head or name.lower() != "content-length"
            ):
                self.send_header(name, value)
        if not head:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if head:
            return
        self.wfile.write(data[: self.connection_after])
        if self.connection_after is not None:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve

    def _ask(self, body):
        there = http.client.HTTPConnection(*self.server.behind, timeout=60)
        there.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() != "expect":
                there.putheader(name, value)
        there.endheaders(body)
        got = there.getresponse()
        data = got.read()
        there.close()
        return got.status, got.getheaders(), data


class FaultProxy(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, behind, faults):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind, self.faults, self.lock = behind, faults, threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # the program may end first

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def take(self, line):
        with self.lock:
            for fault in self.faults:
                if fault.left and fault.pattern.search(line):
                    fault.left -= 1
                    fault.delivered += 1
                    return fault
        return None
