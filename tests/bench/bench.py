"""Measures cavra against stock tools, and fails where a limit is exceeded.

usage: bench.py CAVRA FOLDER [--quick|--long] [GROUP…]

Text goes to standard output; results.json and plot.svg to FOLDER, which must lie on the file system
that is to be measured. How it measures: docs/benchmarks.md.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import platform
import signal
import sys
from collections.abc import Iterator

import archive_rows
import azure_rows
import growth
import plot
import result
import s3_rows
from material import Workspace
from measure import MIB, Failed, floor_mib
from place import NoPlace, place, remove
from server import azure_model, gateway
from start_row import start_row
from verify_rows import verify_rows


@dataclasses.dataclass(frozen=True)
class Sizes:
    times: int
    big_mib: int
    small_files: int
    remote_files: int
    many_files: int
    most_decisions: int
    most_members: int


SIZES = {
    "quick": Sizes(3, 128, 1_000, 200, 5_000, 10_000, 10_000),
    "normal": Sizes(5, 1024, 20_000, 2_000, 200_000, 1_000_000, 200_000),
    # A bundle has at most 1,000,000 members, its own six among them.
    "long": Sizes(5, 1024, 20_000, 2_000, 200_000, 1_000_000, 999_000),
}


def steps(most: int) -> list[int]:
    """1,000, 10,000 … and at last the most."""
    counts = [1000]
    while counts[-1] < most:
        counts.append(min(counts[-1] * 10, most))
    return counts


@contextlib.contextmanager
def bundle_of(space: Workspace, name: str, files: int, file_bytes: int) -> Iterator[pathlib.Path]:
    """A bundle that goes with the block, or with the whole place where it fails."""
    bundle = space.bundle(name, files, file_bytes)
    yield bundle
    remove(bundle)


def big(space: Workspace, sizes: Sizes, files: int, how: str) -> list[result.Row]:
    what = f"{sizes.big_mib} MiB {how}"
    with bundle_of(space, "big", files, sizes.big_mib * MIB // files) as bundle:
        return (verify_rows(space, bundle, what, sizes.times, 64)
                + archive_rows.big_rows(space, bundle, what, sizes.times))


def small(space: Workspace, sizes: Sizes) -> list[result.Row]:
    what = f"{sizes.small_files:,} × 4 KiB"
    with bundle_of(space, "small", sizes.small_files, 4096) as bundle:
        return (verify_rows(space, bundle, what, sizes.times, None)
                + archive_rows.many_rows(space, bundle, what, sizes.times))


def many(space: Workspace, sizes: Sizes) -> list[result.Row]:
    what = f"{sizes.many_files:,} × 256 B"
    with bundle_of(space, "many", sizes.many_files, 256) as bundle:
        return (verify_rows(space, bundle, what, sizes.times, 200)
                + archive_rows.memory_only(space, bundle, what))


def s3(space: Workspace, sizes: Sizes) -> list[result.Row]:
    times = 3  # objects stay until their gateway goes
    with bundle_of(space, "small", sizes.remote_files, 4096) as bundle, gateway():
        what = f"{sizes.remote_files:,} × 4 KiB"
        rows = s3_rows.rows(space, bundle, what, times, s3_rows.curl_files(space, bundle))
    with bundle_of(space, "big", 1, sizes.big_mib * MIB) as bundle, gateway():
        what = f"{sizes.big_mib} MiB"
        return rows + s3_rows.rows(space, bundle, what, times, s3_rows.curl_parts(space, bundle))


def azure(space: Workspace, sizes: Sizes) -> list[result.Row]:
    with bundle_of(space, "small", sizes.remote_files, 4096) as bundle, azure_model():
        rows = azure_rows.small_rows(space, bundle, f"{sizes.remote_files:,} × 4 KiB", sizes.times)
    with bundle_of(space, "big", 1, sizes.big_mib * MIB) as bundle, azure_model():
        return rows + azure_rows.big_rows(space, bundle, f"{sizes.big_mib} MiB", sizes.times)


def start(space: Workspace, sizes: Sizes) -> list[result.Row]:
    return start_row(pathlib.Path(space.cavra), space.folder, 100, sizes.times)


# Each with a bundle of its own, or none. Growth comes last, and has no limits.
GROUPS = {
    "one": lambda space, sizes: big(space, sizes, 1, "in one"),
    "eight": lambda space, sizes: big(space, sizes, 8, "in eight"),
    "small": small,
    "many": many,
    "start": start,
    "s3": s3,
    "azure": azure,
}
GROWTH = "growth"
ALL = "all"


def grow(space: Workspace, sizes: Sizes) -> dict[str, list[growth.Point]]:
    return {
        "decisions": growth.of_decisions(space, steps(sizes.most_decisions)),
        "members": growth.of_members(space, steps(sizes.most_members)),
    }


def measure(space: Workspace, sizes: Sizes, wanted: list[str]) -> tuple[list[result.Row], dict]:
    measured = []
    for name, group in GROUPS.items():
        if ALL in wanted or name in wanted:
            for row in group(space, sizes):
                print("  " + "  ".join(filter(None, result.cells(row))), file=sys.stderr, flush=True)
                measured.append(row)
    return measured, grow(space, sizes) if ALL in wanted or GROWTH in wanted else {}


def machine(where: str, folder: pathlib.Path) -> dict:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / (1 << 30), 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        "place": where,
        "load_before": os.getloadavg()[0],
        "memory_floor_mib": round(floor_mib(folder), 1),
    }


def words(about: dict) -> str:
    return (
        f"{about['cores']} cores, {about['memory_gib']} GiB, {about['system']}, in {about['place']}; "
        f"load before {about['load_before']:.1f}; no memory below {about['memory_floor_mib']} MiB can be told"
    )


def give_to_caller(paths: list[pathlib.Path]) -> None:
    """What root measured for somebody belongs to whoever asked."""
    if "SUDO_UID" in os.environ:
        for path in paths:
            os.chown(path, int(os.environ["SUDO_UID"]), int(os.environ["SUDO_GID"]))


def write_results(folder: pathlib.Path, about: dict, measured: list[result.Row], grown: dict) -> None:
    points = {what: [dataclasses.asdict(p) for p in each] for what, each in grown.items()}
    document = {"machine": about, "rows": [row.to_json() for row in measured], "growth": points}
    results, picture = folder / "results.json", folder / "plot.svg"
    results.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    picture.write_text(plot.svg([row for row in measured if row.has_limit], grown))
    give_to_caller([folder, folder / "lock", results, picture])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cavra", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="size", action="store_const", const="quick", default="normal")
    size.add_argument("--long", dest="size", action="store_const", const="long")
    parser.add_argument("groups", nargs="*", default=ALL, choices=[ALL, *GROUPS, GROWTH])
    arguments = parser.parse_intermixed_args()
    os.environ.pop("CAVRA_CONFIG", None)
    os.environ["LC_ALL"] = "C"
    # So that what was locked is unlocked and removed then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    folder = arguments.folder.resolve()
    with place(folder) as (work, where):
        about = machine(where, work)
        print(words(about))
        space = Workspace(arguments.cavra.resolve(), work / "space")
        measured, grown = measure(space, SIZES[arguments.size], arguments.groups)
    write_results(folder, about, measured, grown)
    print(result.table(measured))
    for what, points in grown.items():
        print()
        print(growth.table(what, points))
    over = [row.name for row in measured if row.is_over]
    limits = sum(row.has_limit for row in measured)
    print(f"\n{limits} limits, {len(over)} over" + "".join(f"\n  over: {name}" for name in over))
    return 1 if over else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (NoPlace, Failed) as problem:
        sys.exit(f"bench: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
