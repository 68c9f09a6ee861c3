"""`cavra version` against a program that only links the same libraries."""

import pathlib
import re
import subprocess

from measure import Task, in_turns, shell
from result import Row, time_row

SOURCE = """// Links what cavra links, and does nothing.
#include <iostream>
int main() { std::cout << "nothing\\n"; }
"""


def libraries_of(program: pathlib.Path) -> list[str]:
    listing = subprocess.run(
        ["readelf", "-d", program], check=True, capture_output=True, text=True
    ).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", listing)


def build(cavra: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    source, program = folder / "only_links.cpp", folder / "only_links"
    source.write_text(SOURCE)
    libraries = [f"-l:{name}" for name in libraries_of(cavra)]
    flags = ["-O2", "-Wl,-z,relro,-z,now", "-Wl,--no-as-needed"]  # as CMake links cavra
    subprocess.run(["g++", *flags, source, "-o", program, *libraries], check=True)
    return program


def start_row(cavra: pathlib.Path, folder: pathlib.Path, starts: int, times: int) -> list[Row]:
    def often(command: str) -> Task:
        return Task(shell(f"for ((i = 0; i < {starts}; ++i)); do {command}; done"), folder)

    runs = in_turns([often(f"{cavra} version"), often(str(build(cavra, folder)))], times)
    return [time_row(f"{starts} starts: version", "only links the same", 2, runs)]
