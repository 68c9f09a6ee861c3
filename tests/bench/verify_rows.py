"""`cavra evidence verify` against `openssl dgst -sha256` over the same files."""

import os
import pathlib

from material import Workspace, list_names
from measure import Task, in_turns, shell
from result import Row, memory_row, time_row

MOST_NAMES = 10_000  # so that xargs can hand them over


def dgst(bundle: pathlib.Path) -> str:
    """Hashes all files of a bundle from the folder above it, one process a core. Their names are
    for free."""
    names, count = list_names(bundle)
    cores = os.cpu_count() or 1
    share = min(-(-count // cores), MOST_NAMES)
    return (
        f"cd {bundle.name} && xargs -0 -a {names} -P {cores} -n {share} -s 1900000 "
        f"openssl dgst -sha256 >/dev/null"
    )


def dgst_one(bundle: pathlib.Path) -> str:
    """One process for all: of one big member nothing can be shared out."""
    names, _ = list_names(bundle)
    return f"cd {bundle.name} && xargs -0 -a {names} openssl dgst -sha256 >/dev/null"


def verify(space: Workspace, bundle: pathlib.Path) -> Task:
    return Task([space.cavra, "evidence", "verify", bundle.name, "--quiet"], space.folder)


def verify_rows(
    space: Workspace, bundle: pathlib.Path, what: str, times: int, limit_mib: int | None
) -> list[Row]:
    is_one = what.endswith(" in one")
    stock = Task(shell(dgst_one(bundle) if is_one else dgst(bundle)), space.folder)
    against = "openssl dgst, one process" + ("" if is_one else " a core")
    runs = in_turns([verify(space, bundle), stock], times)
    rows = [time_row(f"verify {what}", against, 1.1, runs)]
    if limit_mib is not None:
        rows.append(memory_row(f"memory: verify {what}", limit_mib, runs[0]))
    return rows
