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
from typing import TextIO

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
    # The lines that came on standard error, each after so many seconds.
    said: tuple[tuple[float, str], ...] = ()


class Failed(Exception):
    """A command ended badly: a bench of what does not work tells nothing."""


def start(command: list[str], folder: pathlib.Path, errors: int) -> int:
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
        os.dup2(errors, 2)
        os.execvp(command[0], command)
    finally:
        os._exit(127)


def follow(child: int, errors: TextIO) -> tuple[int, resource.struct_rusage, list[tuple[float, str]]]:
    """Its exit code, what it used, and what it said when (time.monotonic()). Whatever ends the
    waiting ends the program first: it must not write any more to what is cleared away."""
    try:
        said = [(time.monotonic(), line.rstrip("\n")) for line in errors]
        _, status, usage = os.wait4(child, 0)
    except BaseException:
        os.killpg(child, signal.SIGTERM)
        os.waitpid(child, 0)
        raise
    return os.waitstatus_to_exitcode(status), usage, said


def shell(script: str) -> list[str]:
    return ["bash", "-euo", "pipefail", "-c", script]


def run(task: Task) -> Run:
    task.prepare()
    # What was written before is written back now, not in the time of this run.
    os.sync()
    reading, writing = os.pipe()
    try:
        with open(reading, errors="replace") as errors:
            begin = time.monotonic()
            child = start(task.command, task.folder, writing)
            os.close(writing)
            code, usage, said = follow(child, errors)
        seconds = time.monotonic() - begin
        if code != 0:
            command = " ".join(task.command)[:300]
            told = "\n".join(text for _, text in said)[-2000:]
            raise Failed(f"{command}: exit {code}: {told}")
    finally:
        task.clear()
    after = tuple((at - begin, text) for at, text in said)
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / MIB, after)


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
