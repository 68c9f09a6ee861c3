"""Runs a command and tells its time, processor time and peak memory; ours and stock in turns."""

import contextlib
import dataclasses
import os
import pathlib
import resource
import signal
import statistics
import time
from collections.abc import Callable

MIB = 1 << 20


@dataclasses.dataclass(frozen=True)
class Task:
    """A command, what is prepared before each run of it, and what is cleared away after."""

    command: list[str]
    folder: pathlib.Path
    prepare: Callable[[], None] = lambda: None
    clear: Callable[[], None] = lambda: None


@dataclasses.dataclass(frozen=True)
class Run:
    seconds: float
    cpu_seconds: float
    # Not below floor_mib(): a process begins as a copy of its parent, and that counts.
    peak_mib: float


class Failed(Exception):
    """A command ended badly: a bench of what does not work tells nothing."""


def start(command: list[str], folder: pathlib.Path, errors: pathlib.Path) -> int:
    """Starts a program, and gives its process id. By fork: after vfork, which subprocess takes, the
    peak memory of this whole process would count as the program's. In a process group of its own,
    so that all of it can be ended."""
    child = os.fork()
    if child:
        with contextlib.suppress(OSError):  # it did so itself
            os.setpgid(child, child)
        return child
    try:
        os.setpgid(0, 0)
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        os.execvp(command[0], command)
    finally:
        os._exit(127)


def wait(child: int) -> tuple[int, resource.struct_rusage]:
    """Its exit code and what it used. Whatever ends the waiting ends the program first: it must not
    write any more to what is cleared away."""
    try:
        _, status, usage = os.wait4(child, 0)
    except BaseException:
        os.killpg(child, signal.SIGTERM)
        os.waitpid(child, 0)
        raise
    return os.waitstatus_to_exitcode(status), usage


def shell(script: str) -> list[str]:
    return ["bash", "-euo", "pipefail", "-c", script]


def run(task: Task) -> Run:
    task.prepare()
    # What was written before is written back now, not in the time of this run.
    os.sync()
    errors = task.folder / "errors.txt"
    try:
        begin = time.monotonic()
        code, usage = wait(start(task.command, task.folder, errors))
        seconds = time.monotonic() - begin
        if code != 0:
            command = " ".join(task.command)[:300]
            raise Failed(f"{command}: exit {code}: {errors.read_text()[-2000:]}")
    finally:
        task.clear()
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / MIB)


def floor_mib(folder: pathlib.Path) -> float:
    """The least that peak_mib can be: what it is of a program that does nothing."""
    return run(Task(["true"], folder)).peak_mib


def in_turns(tasks: list[Task], times: int) -> list[list[Run]]:
    """Ours, stock, ours, stock…: what disturbs the machine for a while disturbs all."""
    runs: list[list[Run]] = [[] for _ in tasks]
    for _ in range(times):
        for task, of_task in zip(tasks, runs):
            of_task.append(run(task))
    return runs


def median_seconds(runs: list[Run]) -> float:
    return statistics.median(each.seconds for each in runs)


def median_cpu_seconds(runs: list[Run]) -> float:
    return statistics.median(each.cpu_seconds for each in runs)


def warm(folder: pathlib.Path) -> None:
    """Reads every file once, so that both sides find the page cache full."""
    buffer = bytearray(MIB)
    for above, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(above, name), "rb", buffering=0) as file:
                while file.readinto(buffer):
                    pass
