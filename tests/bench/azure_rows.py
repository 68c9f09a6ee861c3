"""`cavra archive` into a container with version-level immutability against curl, with as many
connections. curl puts the same requests, signed beforehand, and proves nothing."""

import base64
import os
import pathlib
import statistics
import urllib.parse

import cloud_rows
from cloud_rows import CURL, PART_BYTES, PUT_ALL, Put, content_md5, prefix
from material import Workspace
from measure import Run, Task, in_turns, shell
from result import Row, memory_row, time_row

VERSION = "x-ms-version: 2023-11-03"


def container() -> str:
    """Its locked default policy is what a put inherits."""
    return os.environ["CAVRA_AZURE_CONTAINER_V_LOCKED"]


def archive(space: Workspace, bundle: pathlib.Path) -> Task:
    settings = {"container": container(), "block_bytes": PART_BYTES}
    return cloud_rows.archive(space, bundle, "azure", "azure-immutable", settings)


def address(key: str, **query: str) -> str:
    at = f"{os.environ['AZURE_STORAGE_BLOB_ENDPOINT']}/{container()}/{urllib.parse.quote(key)}"
    signature = os.environ["AZURE_STORAGE_SAS_TOKEN"]
    return at + "?" + "&".join(filter(None, [urllib.parse.urlencode(query), signature]))


def curl_files(space: Workspace, bundle: pathlib.Path) -> Task:
    """Each file by a Put Blob, all by one process; hashed beforehand."""
    files = [(path, (VERSION, "x-ms-blob-type: BlockBlob", content_md5(path)))
             for path in cloud_rows.files_of(bundle)]

    def prepare() -> None:
        at = prefix("curl")
        cloud_rows.write_puts(space, [
            Put(path, address(f"{at}/{path.relative_to(bundle)}"), headers) for path, headers in files])

    return Task(shell(f"exec {PUT_ALL}"), space.folder, prepare)


HASHED = "all blocks are hashed"


def curl_blocks(space: Workspace, bundle: pathlib.Path) -> Task:
    """The largest member, cut up beforehand: its blocks by one process, then their list. With each
    goes its MD5, as with ours: stock makes them first, one process a core, and says when it has."""
    blocks = [(base64.b64encode(f"{number:05}".encode()).decode(), path, (VERSION, content_md5(path)))
              for number, path in enumerate(cloud_rows.parts_of_largest(space, bundle))]
    listed = "".join(f"<Latest>{block_id}</Latest>" for block_id, _, _ in blocks)
    (space.folder / "curl.xml").write_text(f"<BlockList>{listed}</BlockList>")

    def prepare() -> None:
        key = prefix("curl") + "/big"
        cloud_rows.write_puts(space, [Put(path, address(key, comp="block", blockid=block_id), headers)
                                      for block_id, path, headers in blocks])
        os.environ["COMPLETE"] = address(key, comp="blocklist")

    hash_all = f"ls parts/* | xargs -P {os.cpu_count()} -n 16 openssl dgst -md5"
    script = (f'{hash_all}; echo {HASHED} >&2; '
              f'{PUT_ALL}; {CURL} -H "{VERSION}" --upload-file curl.xml "$COMPLETE"')
    return Task(shell(script), space.folder, prepare)


def sending_seconds(run: Run) -> float:
    """From the first block's beginning until the service has taken their list: what stock does."""
    puts = [each for each in cloud_rows.requests_of(run) if each.verb == "PUT" and "comp=block" in each.url]
    return max(each.end for each in puts) - min(each.begin for each in puts)


def curl_seconds(run: Run) -> float:
    """Without hashing."""
    return run.seconds - next(at for at, text in run.said if text == HASHED)


def sending_row(what: str, against: str, limit: float | None, ours: list[Run], stock: list[float]) -> Row:
    sending = [sending_seconds(run) for run in ours]
    return Row(f"of {what}: sending, to {against}", against, "s", statistics.median(sending), limit,
               statistics.median(stock), all_ours=tuple(sending), all_stock=tuple(stock))


def common_rows(what: str, against: str, ours: list[Run], stock: list[Run]) -> list[Row]:
    return [
        time_row(f"{what}, to {against}", against, None, [ours, stock]),
        memory_row(f"memory: {what}", 96, ours),
        cloud_rows.proof_row(what, ours),
    ]


def big_rows(space: Workspace, bundle: pathlib.Path, what: str, times: int) -> list[Row]:
    ours, stock = in_turns([archive(space, bundle), curl_blocks(space, bundle)], times)
    what = f"Azure, {what}"
    return [
        *common_rows(what, "md5 and curl", ours, stock),
        sending_row(what, "md5 and curl", 1.3, ours, [run.seconds for run in stock]),
        sending_row(what, "curl", None, ours, [curl_seconds(run) for run in stock]),
    ]


def small_rows(space: Workspace, bundle: pathlib.Path, what: str, times: int) -> list[Row]:
    """Puts and proofs run beside each other: only the sums of their requests tell them apart."""
    ours, curl = in_turns([archive(space, bundle), curl_files(space, bundle)], times)
    return common_rows(f"Azure, {what}", "curl", ours, curl)
