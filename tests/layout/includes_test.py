"""Checks the layout of the source: who includes whom, and that the core knows no vendor.

usage: includes_test.py REPOSITORY

  cli -> core -> sdk <- plugins       docs/architecture.md, "The rooms"
  public headers                      no third party
  core/ and cli/                      no word of a vendor, but for the v1 storage plan and the
                                      config that `init` writes
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1]).resolve()
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.MULTILINE)
SOURCES = (".h", ".hpp", ".c", ".cpp", ".in")

SDK_INCLUDE = [ROOT / "sdk/include", ROOT / "sdk/support/include"]
CORE_INCLUDE = [ROOT / "core/include"]
PUBLIC = SDK_INCLUDE + CORE_INCLUDE

# Where a part's includes in quotes may lie, beside the including file's own folder.
ALLOWED = {
    "sdk": SDK_INCLUDE,
    "plugins": SDK_INCLUDE + [ROOT / "plugins"],
    "core": SDK_INCLUDE + CORE_INCLUDE + [ROOT / "core/src"],
    "cli": SDK_INCLUDE + CORE_INCLUDE + [ROOT / "cli"],
}

# What a public header may include in angle brackets: the standard library, and the system.
THIRD_PARTY = re.compile(r"^(boost|cryptopp|rapidjson|curl|pugixml|openssl|utf8proc|doctest)\b")

VENDOR = re.compile(r"\b(s3|azure|local[-_]worm|localworm)\b|\b(s3|azure)[-_]", re.IGNORECASE)
MAY_NAME_VENDORS = re.compile(
    r"^(core/include/cavra/storage_plan\.hpp|core/src/v1/.*storage_plan.*"
    r"|cli/commands/(evidence_storage_plan|init)\.cpp)$"
)


def lies_in(folder: pathlib.Path, file: pathlib.Path) -> bool:
    return folder in file.parents


def find(included: str, folders: list[pathlib.Path]) -> pathlib.Path | None:
    for folder in folders:
        found = (folder / included).resolve()
        if found.is_file():
            return found
    return None


def check_includes(part: str, file: pathlib.Path, text: str) -> list[str]:
    wrong = []
    is_public = any(lies_in(folder, file) for folder in PUBLIC)
    for bracket, included in INCLUDE.findall(text):
        if bracket == "<":
            if is_public and THIRD_PARTY.match(included):
                wrong.append(f"a public header includes <{included}>")
            continue
        found = find(included, [file.parent] + ALLOWED[part])
        if found is None:
            wrong.append(f'"{included}" is nothing that {part}/ may include')
        elif not lies_in(ROOT / part, found) and not any(
            lies_in(folder, found) for folder in ALLOWED[part]
        ):
            wrong.append(f'"{included}" leads out of {part}/')
        elif part == "plugins" and lies_in(ROOT / "plugins", found):
            own = file.relative_to(ROOT / "plugins").parts[0]
            if found.relative_to(ROOT / "plugins").parts[0] not in (own, "http", "cloud"):
                wrong.append(f'"{included}" is of another plugin')
        if is_public and found is not None and not any(lies_in(f, found) for f in PUBLIC):
            wrong.append(f'a public header includes "{included}", which is not public')
    return wrong


def check_words(part: str, file: pathlib.Path, text: str) -> list[str]:
    name = str(file.relative_to(ROOT))
    if part not in ("core", "cli") or MAY_NAME_VENDORS.match(name):
        return []
    return [f"names a vendor: {line.strip()}" for line in text.splitlines() if VENDOR.search(line)]


def check_headers() -> list[str]:
    listed = (ROOT / "tests/layout/CMakeLists.txt").read_text(encoding="utf-8").split()
    return [
        f"{header.relative_to(ROOT)}: is not compiled alone; add it to tests/layout/CMakeLists.txt"
        for folder in PUBLIC
        for header in sorted(folder.rglob("*.hpp"))
        if str(header.relative_to(folder)) not in [word.rstrip(")") for word in listed]
    ]


def main() -> int:
    files = 0
    unlisted = check_headers()
    print("\n".join(unlisted), end="\n" if unlisted else "")
    wrong = len(unlisted)
    for part in ALLOWED:
        for file in sorted((ROOT / part).rglob("*")):
            if file.suffix not in SOURCES or not file.is_file():
                continue
            files += 1
            text = file.read_text(encoding="utf-8")
            for problem in check_includes(part, file, text) + check_words(part, file, text):
                print(f"{file.relative_to(ROOT)}: {problem}")
                wrong += 1
    print(f"{files} files, {wrong} wrong")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
