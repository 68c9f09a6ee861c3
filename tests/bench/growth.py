"""How time and memory grow with decisions (`evidence bundle`) and members (`evidence verify`)."""

import dataclasses
import shutil

from material import A_FOLDER, KEY, Workspace, write_files
from measure import Run, Task, run
from verify_rows import verify

BYTES_EACH = 256


@dataclasses.dataclass(frozen=True)
class Point:
    count: int
    seconds: float
    peak_mib: float


def point(count: int, done: Run) -> Point:
    return Point(count, done.seconds, done.peak_mib)


def of_decisions(space: Workspace, counts: list[int]) -> list[Point]:
    points = []
    for count in counts:
        path = space.decisions(count)
        arguments = ["--private-key", KEY, "--decisions", path.name, "--output", "grown"]
        done = run(Task([space.cavra, "evidence", "bundle", *arguments, "--quiet"], space.folder))
        points.append(point(count, done))
        shutil.rmtree(space.folder / "grown")
        path.unlink()
    return points


def of_members(space: Workspace, counts: list[int]) -> list[Point]:
    """The largest number is written once, and parts of it are attached."""
    source = space.folder / "members"
    write_files(source, counts[-1], BYTES_EACH)
    points = []
    for count in counts:
        bundle = space.bundle_of("grown", sorted(source.iterdir())[: -(-count // A_FOLDER)])
        points.append(point(count, run(verify(space, bundle))))
        shutil.rmtree(bundle)
    shutil.rmtree(source)
    return points


def table(what: str, points: list[Point]) -> str:
    lines = [f"{what:>12}  {'time':>9}  {'memory':>9}"]
    lines += [f"{p.count:>12,}  {p.seconds:>7.3g} s  {p.peak_mib:>5.0f} MiB" for p in points]
    return "\n".join(lines)
