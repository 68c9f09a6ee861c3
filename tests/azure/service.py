"""A blob service, the model or another, and how curl asks it."""

import time

import curl
import signing
from curl import Ask

VERSION = "2023-11-03"
DAY = 86400


def rfc1123(unix_s):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(unix_s))


def iso(unix_s):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(unix_s))


class Service:
    """`environment` is what the server's script tells: account, key, address."""

    def __init__(self, environment):
        self.environment = environment
        self.account, self.key = environment["AZURE_STORAGE_ACCOUNT"], environment["AZURE_STORAGE_KEY"]
        self.base = environment["AZURE_STORAGE_BLOB_ENDPOINT"].rpartition("/")[0]
        self.curl_options, self.ahead_s = [], 0

    def now(self):
        return time.time() + self.ahead_s

    def path(self, container="", blob=""):
        return signing.path_of(self.account, container, blob)

    def ask(self, method, container="", blob="", query=None, headers=None, body=b""):
        """A request that is not signed yet."""
        headers = {"x-ms-version": VERSION, **(headers or {})}
        return Ask(method, self.path(container, blob), query or {}, headers, body)

    def signed(self, ask, key=None):
        headers = {"x-ms-date": rfc1123(self.now()), **ask.headers}
        headers["Authorization"] = signing.shared_key(
            self.account, key or self.key, ask.method, ask.path, ask.query, headers, len(ask.body))
        return Ask(ask.method, ask.path, ask.query, headers, ask.body)

    def run(self, asks):
        """As they are, in one process."""
        return curl.run(self.base, asks, *self.curl_options) if asks else []

    def sign_and_run(self, asks):
        return self.run([self.signed(ask) for ask in asks])

    def one(self, *what, **more):
        """The reply to one signed request, on a connection of its own."""
        return self.sign_and_run([self.ask(*what, **more)])[0]

    def put(self, container, blob, body=b"bytes", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("PUT", container, blob, headers={"x-ms-blob-type": "BlockBlob", **named}, body=body)
