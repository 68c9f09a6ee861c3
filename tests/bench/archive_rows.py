"""`cavra archive` into the local store against stock tools that copy and hash."""

import pathlib

from material import Workspace
from measure import Task, in_turns, run, shell
from place import remove
from result import Row, memory_row, time_row
from verify_rows import dgst, dgst_one


def archive(space: Workspace, bundle: pathlib.Path) -> Task:
    """Into a new store each time; what it locked is unlocked and removed afterwards."""

    def clear() -> None:
        for name in ("worm", "receipts", "state"):  # the last knows the store
            remove(space.folder / ".cavra" / name)

    command = [space.cavra, "archive", bundle.name, "--store", "local", "--yes", "--quiet"]
    return Task(command, space.folder, clear=clear)


def copy_and_hash(bundle: pathlib.Path, is_one: bool) -> str:
    """Hash the source, copy, wait for the disk, and hash the copy from the disk: its page cache is
    dropped by the same call that the local store makes (posix_fadvise, by dd's nocache)."""
    hash_it = dgst_one(bundle) if is_one else dgst(bundle)
    return (
        f"({hash_it}); cp -r --reflink=never {bundle.name} copy; sync -f copy; "
        "find copy -type f -exec dd if={} iflag=nocache count=0 status=none ';'; "
        f"({hash_it.replace(f'cd {bundle.name} ', 'cd copy ', 1)})"
    )


def stock_task(space: Workspace, script: str) -> Task:
    return Task(shell(script), space.folder, clear=lambda: remove(space.folder / "copy"))


def big_rows(space: Workspace, bundle: pathlib.Path, what: str, times: int) -> list[Row]:
    stock = stock_task(space, copy_and_hash(bundle, what.endswith(" in one")))
    runs = in_turns([archive(space, bundle), stock], times)
    return [
        time_row(f"archive {what}", "dgst, cp, sync, dgst of the copy", 1.2, runs),
        memory_row(f"memory: archive {what}", 64, runs[0]),
    ]


def many_rows(space: Workspace, bundle: pathlib.Path, what: str, times: int) -> list[Row]:
    stock = stock_task(space, f"cp -r {bundle.name} copy; sync -f copy")
    runs = in_turns([archive(space, bundle), stock], times)
    return [time_row(f"archive {what}", "cp -r, sync", 3, runs)]


def memory_only(space: Workspace, bundle: pathlib.Path, what: str) -> list[Row]:
    return [memory_row(f"memory: archive {what}", 200, [run(archive(space, bundle))])]
