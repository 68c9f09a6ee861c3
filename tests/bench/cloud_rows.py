"""What the rows of stores of services share: `cavra archive` into them, plain curl with as
many connections, and what our requests were for."""

import base64
import dataclasses
import hashlib
import itertools
import json
import pathlib
import re
import statistics
import subprocess

from material import Workspace
from measure import MIB, Run, Task
from place import remove
from result import Row

CONNECTIONS = 8
PART_BYTES = 8 * MIB

count = itertools.count()


def prefix(who: str) -> str:
    """A new one for each run: nothing is there yet."""
    return f"{who}{next(count)}"


def archive(space: Workspace, bundle: pathlib.Path, store: str, plugin: str, settings: dict) -> Task:
    """Its requests are in Run.said."""
    config = space.folder / ".cavra/config.json"

    def prepare() -> None:
        document = json.loads(config.read_text())
        own = {"prefix": prefix("cavra"), "sessions": CONNECTIONS}
        document["stores"][store] = {"plugin": plugin, "settings": settings | own}
        config.write_text(json.dumps(document))

    def clear() -> None:
        for name in ("receipts", "state"):
            remove(space.folder / ".cavra" / name)

    command = [space.cavra, "archive", bundle.name, "--store", store, "--yes", "--quiet", "--debug"]
    return Task(command, space.folder, prepare, clear)


@dataclasses.dataclass(frozen=True)
class Put:
    """What curl is to put, and where."""

    path: pathlib.Path
    url: str
    headers: tuple[str, ...] = ()

    def options(self) -> str:
        lines = ["fail", f'upload-file = "{self.path}"', f'url = "{self.url}"']
        lines += [f'header = "{header}"' for header in ("Expect:", *self.headers)]
        return "\n".join(lines) + "\n"


PUT_ALL = (f"curl --no-progress-meter --parallel --parallel-immediate --parallel-max {CONNECTIONS} "
           "--config curl.config")
CURL = "curl --silent --show-error --fail -H Expect:"


def write_puts(space: Workspace, puts: list[Put]) -> None:
    """For PUT_ALL: one process for all of them."""
    (space.folder / "curl.config").write_text("next\n".join(put.options() for put in puts))


def files_of(bundle: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in bundle.rglob("*") if path.is_file()]


def parts_of_largest(space: Workspace, bundle: pathlib.Path) -> list[pathlib.Path]:
    """The largest member, cut up."""
    member = max(files_of(bundle), key=lambda path: path.stat().st_size)
    folder = space.folder / "parts"
    remove(folder)
    folder.mkdir()
    subprocess.run(["split", "-b", str(PART_BYTES), "-a", "4", member, folder / "p"], check=True)
    return sorted(folder.iterdir())


def md5(path: pathlib.Path) -> bytes:
    return hashlib.md5(path.read_bytes()).digest()


def content_md5(path: pathlib.Path) -> str:
    return "Content-MD5: " + base64.b64encode(md5(path)).decode()


@dataclasses.dataclass(frozen=True)
class Request:
    verb: str
    url: str
    begin: float
    end: float

    @property
    def is_proof(self) -> bool:
        """Who asks what is there now, and reads it back."""
        return self.verb in ("HEAD", "GET") and "/bundle/" in self.url


REQUEST = re.compile(r"^debug: \w+: (\w+) (\S+) -> \d+.*, (\d+) ms$")


def requests_of(run: Run) -> list[Request]:
    """All that were answered. Their times are whole milliseconds."""
    found = [(REQUEST.match(text), at) for at, text in run.said]
    return [Request(match[1], match[2], at - int(match[3]) / 1000, at) for match, at in found if match]


def proof_row(what: str, runs: list[Run]) -> Row:
    """How much of the time that requests took was for proof."""

    def taken(run: Run, proof_alone: bool) -> float:
        return sum(each.end - each.begin for each in requests_of(run) if each.is_proof or not proof_alone)

    proving = tuple(taken(run, True) for run in runs)
    all_of_it = tuple(taken(run, False) for run in runs)
    return Row(f"of {what}: requests of the proof", "all requests", "s", statistics.median(proving), None,
               statistics.median(all_of_it), all_ours=proving, all_stock=all_of_it)
