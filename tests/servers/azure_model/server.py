"""The listening side: one thread a connection, on loopback. With TLS, both it and plain HTTP on one port."""

import socket
import ssl
import threading


class Server:
    """`serve` is called with (socket, is_tls) in a thread of its own."""

    def __init__(self, port, serve, tls=None):
        self._socket = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port = self._socket.getsockname()[1]
        self._serve, self._tls = serve, tls

    def wait(self):
        self._thread.join()

    def start(self):
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()

    def run(self):
        while True:
            sock, _ = self._socket.accept()
            threading.Thread(target=self._one, args=(sock,), daemon=True).start()

    def _one(self, sock):
        try:
            is_tls = self._tls is not None and sock.recv(1, socket.MSG_PEEK) == b"\x16"
            with self._tls.wrap_socket(sock, server_side=True) if is_tls else sock as stream:
                self._serve(stream, is_tls)
        except OSError:  # and ssl.SSLError, which is one
            sock.close()


def tls_context(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/tls/server.pem", f"{folder}/tls/server.key")
    return context
