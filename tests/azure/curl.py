"""Many requests by one curl, and what came back.

curl is the client because nothing of the project may be: what the plugin gets wrong, its own HTTP code
would not see.
"""

import dataclasses
import os
import re
import subprocess
import tempfile
import urllib.parse
import xml.etree.ElementTree as xml

BOM = b"\xef\xbb\xbf"


@dataclasses.dataclass
class Ask:
    """A request. `blob` and `query` are as they are meant; they are encoded here."""

    method: str
    path: str
    query: dict = dataclasses.field(default_factory=dict)
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""

    def target(self):
        pairs = [name + "=" + urllib.parse.quote(value, safe="") for name, value in self.query.items()]
        return self.path + ("?" + "&".join(pairs) if pairs else "")


class Reply:
    """`status` is None when no answer came; `exit` is curl's own status of the last transfer."""

    def __init__(self, head, body):
        lines = re.split(r"\r?\n", head.strip()) if head else []
        starts = [i for i, line in enumerate(lines) if line.startswith("HTTP/")]
        last = starts[-1] if starts else len(lines)  # after 100 Continue
        self.status = int(lines[last].split()[1]) if starts else None
        pairs = [line.partition(":") for line in lines[last + 1:] if line]
        self.headers = {name.lower(): value.strip() for name, _, value in pairs}
        self.body, self.exit = body, 0

    @property
    def code(self):
        return self.headers.get("x-ms-error-code")

    def xml(self):
        return xml.fromstring(self.body.removeprefix(BOM))


def _quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def run(base, asks, *options):
    """The replies to `asks`, one after the other over one connection."""
    with tempfile.TemporaryDirectory(prefix="cavra-curl-") as folder:
        parts = []
        for n, ask in enumerate(asks):
            lines = ["path-as-is", "url = " + _quoted(base + ask.target()),
                     f'dump-header = "{folder}/{n}.head"', f'output = "{folder}/{n}.body"']
            lines += list(options)
            lines.append("head" if ask.method == "HEAD" else f'request = "{ask.method}"')
            if ask.body or ask.method in ("PUT", "POST"):
                with open(f"{folder}/{n}.send", "wb") as file:
                    file.write(ask.body)
                lines.append(f'data-binary = "@{folder}/{n}.send"')
            headers = {"Content-Type": None, "Expect": None, **ask.headers}
            lines += ["header = " + _quoted(f"{name}:" if value is None else f"{name}: {value}")
                      for name, value in headers.items()]
            parts.append("\n".join(lines))
        config = folder + "/config"
        with open(config, "w", encoding="utf-8") as file:
            file.write("\nnext\n".join(parts) + "\n")
        ended = subprocess.run(["curl", "-q", "--silent", "--noproxy", "*", "-K", config], check=False, timeout=300,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        replies = []
        for n, ask in enumerate(asks):  # with --head, curl's output is the head once more
            body = _read(f"{folder}/{n}.body") if ask.method != "HEAD" else b""
            replies.append(Reply(_read(f"{folder}/{n}.head").decode("latin-1"), body))
        replies[-1].exit = ended.returncode
        return replies


def _read(path):
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as file:
        return file.read()
