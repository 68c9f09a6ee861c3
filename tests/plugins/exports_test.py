"""Checks with nm that each plugin exports cavra_plugin_get and nothing else.

usage: exports_test.py FOLDER_OR_FILE…
"""

import pathlib
import subprocess
import sys


def exported(file: pathlib.Path) -> list[str]:
    listing = subprocess.run(
        ["nm", "-D", "--defined-only", file], check=True, capture_output=True, text=True
    ).stdout
    return [line.split()[-1] for line in listing.splitlines()]


def main() -> int:
    files = []
    for argument in map(pathlib.Path, sys.argv[1:]):
        files += sorted(argument.glob("*.so")) if argument.is_dir() else [argument]
    wrong = {file: exported(file) for file in files}
    wrong = {file: names for file, names in wrong.items() if names != ["cavra_plugin_get"]}
    for file, names in wrong.items():
        print(f"{file} exports {names}")
    print(f"{len(files)} plugins, {len(wrong)} wrong")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
