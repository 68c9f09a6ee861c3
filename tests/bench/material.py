"""Makes what is measured: bundles with members of given sizes, and decisions."""

import json
import os
import pathlib
import shutil
import subprocess

from measure import MIB, Task, run, warm

A_FOLDER = 1000  # files in one folder
KEY = ".cavra/keys/evidence-private.pem"


class Workspace:
    """A folder with keys, configuration and a sample session; bundles and decisions lie in it."""

    def __init__(self, cavra: pathlib.Path, folder: pathlib.Path) -> None:
        self.cavra = str(cavra)
        self.folder = folder
        folder.mkdir()
        subprocess.run(
            [cavra, "init", "--sample", "--quiet"], cwd=folder, check=True, capture_output=True
        )

    def bundle(self, name: str, files: int, bytes_each: int) -> pathlib.Path:
        """A signed bundle, read once already: the page cache has all of it."""
        source = self.folder / "members"
        write_files(source, files, bytes_each)
        bundle = self.bundle_of(name, [source])
        shutil.rmtree(source)
        return bundle

    def bundle_of(self, name: str, attachments: list[pathlib.Path]) -> pathlib.Path:
        arguments = ["--private-key", KEY, "--output", name]
        for path in attachments:
            arguments += ["--attach", str(path)]
        run(Task([self.cavra, "evidence", "bundle", *arguments], self.folder))
        warm(self.folder / name)
        return self.folder / name

    def decisions(self, count: int) -> pathlib.Path:
        """JSON Lines: the sample's decisions again and again, each with an id of its own."""
        sample = (self.folder / ".cavra/decisions.jsonl").read_text().splitlines()
        halves = [text.split(json.loads(text)["decision_id"]) for text in sample]
        path = self.folder / "decisions.jsonl"
        with path.open("w") as file:
            for i in range(count):
                file.write(f"dec_{i:012x}".join(halves[i % len(halves)]) + "\n")
        return path


def write_files(folder: pathlib.Path, files: int, bytes_each: int) -> None:
    """Bytes that do not compress; no two files are the same."""
    noise = os.urandom(MIB)
    for i in range(files):
        if i % A_FOLDER == 0:
            part = folder / f"{i // A_FOLDER:04d}"
            part.mkdir(parents=True)
        with open(part / f"{i:07d}.bin", "wb", buffering=0) as file:
            first = i.to_bytes(8, "big")
            file.write((first + noise)[: min(bytes_each, MIB)])
            for at in range(MIB, bytes_each, MIB):
                file.write(noise[: bytes_each - at])


def list_names(bundle: pathlib.Path) -> tuple[pathlib.Path, int]:
    """A file beside the bundle with the names of all its files, each ended by a zero byte."""
    names = []
    for above, _, files in os.walk(bundle):
        names += [os.path.relpath(os.path.join(above, name), bundle) for name in files]
    path = bundle.with_suffix(".names")
    path.write_bytes(b"".join(name.encode() + b"\0" for name in sorted(names)))
    return path, len(names)
