"""`cavra archive` into a bucket with Object Lock against rclone, aws and curl, all with as many
connections. Those put, and neither lock nor prove; curl does not even hash."""

import hashlib
import itertools
import json
import os
import pathlib
import re
import subprocess
import urllib.request

from material import Workspace
from measure import MIB, Run, Task, in_turns, run, shell
from place import remove
from presigned import presigned
from result import Row, memory_row, time_row

CONNECTIONS = 8
PART_BYTES = 8 * MIB

count = itertools.count()


def prefix(who: str) -> str:
    """A new one for each run: nothing is there yet."""
    return f"{who}{next(count)}"


def archive(space: Workspace, bundle: pathlib.Path, *more: str) -> Task:
    config = space.folder / ".cavra/config.json"

    def prepare() -> None:
        document = json.loads(config.read_text())
        settings = {"bucket": os.environ["CAVRA_S3_BUCKET_LOCK"], "prefix": prefix("cavra"),
                    "sessions": CONNECTIONS, "part_bytes": PART_BYTES}
        document["stores"]["s3"] = {"plugin": "s3-object-lock", "settings": settings}
        config.write_text(json.dumps(document))

    def clear() -> None:
        for name in ("receipts", "state"):
            remove(space.folder / ".cavra" / name)

    command = [space.cavra, "archive", bundle.name, "--store", "s3", "--yes", "--quiet", *more]
    return Task(command, space.folder, prepare, clear)


def with_prefix(space: Workspace, who: str, script: str) -> Task:
    """`script` finds the bucket, a new prefix and the address in its variables."""
    os.environ.update(BUCKET=os.environ["CAVRA_S3_BUCKET_LOCK"], PART=str(PART_BYTES),
                      CONNECTIONS=str(CONNECTIONS), ENDPOINT=os.environ["AWS_ENDPOINT_URL_S3"])
    return Task(shell(script), space.folder, lambda: os.environ.update(PREFIX=prefix(who)))


def rclone(space: Workspace, bundle: pathlib.Path) -> Task:
    os.environ.update(RCLONE_CONFIG_B_TYPE="s3", RCLONE_CONFIG_B_PROVIDER="Ceph",
                      RCLONE_CONFIG_B_ENV_AUTH="true", RCLONE_CONFIG_B_REGION=os.environ["AWS_REGION"],
                      RCLONE_CONFIG_B_ENDPOINT=os.environ["AWS_ENDPOINT_URL_S3"])
    return with_prefix(space, "rclone", (
        "exec rclone --config /dev/null --s3-no-check-bucket --transfers $CONNECTIONS "
        "--s3-upload-concurrency $CONNECTIONS --s3-chunk-size ${PART}B "
        f"copy {bundle.name} B:$BUCKET/$PREFIX"))


def aws(space: Workspace, bundle: pathlib.Path) -> Task:
    settings = space.folder / "aws.config"
    settings.write_text(f"[default]\ns3 =\n  max_concurrent_requests = {CONNECTIONS}\n"
                        f"  multipart_chunksize = {PART_BYTES}\n")
    return with_prefix(space, "aws", (
        f"AWS_CONFIG_FILE={settings} exec /usr/bin/aws --endpoint-url $ENDPOINT s3 cp --recursive "
        f"--only-show-errors {bundle.name} s3://$BUCKET/$PREFIX"))


CURL = f"curl --silent --fail --show-error -H Expect: --parallel --parallel-immediate --parallel-max {CONNECTIONS}"


def puts(space: Workspace, pairs: list[tuple[pathlib.Path, str]]) -> None:
    """What curl is to put, and where."""
    lines = [f'upload-file = "{path}"\nurl = "{url}"\n' for path, url in pairs]
    (space.folder / "curl.config").write_text("".join(lines))


def curl_files(space: Workspace, bundle: pathlib.Path) -> Task:
    """Each file by a put of its own, all by one process."""
    files = [path for path in bundle.rglob("*") if path.is_file()]

    def prepare() -> None:
        at = prefix("curl")
        puts(space, [(path, presigned("PUT", f"{at}/{path.relative_to(bundle)}")) for path in files])

    return Task(shell(f"exec {CURL} --config curl.config"), space.folder, prepare)


def curl_parts(space: Workspace, bundle: pathlib.Path) -> Task:
    """The largest member, cut up beforehand, its upload begun: its parts by one process."""
    member = max(bundle.rglob("*"), key=lambda path: path.stat().st_size)
    folder = space.folder / "parts"
    remove(folder)
    folder.mkdir()
    subprocess.run(["split", "-b", str(PART_BYTES), "-a", "4", member, folder / "p"], check=True)
    parts = list(enumerate(sorted(folder.iterdir()), 1))
    etags = [f'"{hashlib.md5(path.read_bytes()).hexdigest()}"' for _, path in parts]
    listed = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
                     for (number, _), etag in zip(parts, etags))
    (space.folder / "curl.xml").write_text(f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>")

    def prepare() -> None:
        key = prefix("curl") + "/big"
        with urllib.request.urlopen(presigned("POST", key, uploads=""), data=b"") as answer:
            upload = re.search(r"<UploadId>(.*)</UploadId>", answer.read().decode())[1]
        puts(space, [(path, presigned("PUT", key, partNumber=str(number), uploadId=upload)) for number, path in parts])
        os.environ["COMPLETE"] = presigned("POST", key, uploadId=upload)

    script = f'{CURL} --config curl.config; {CURL} --data-binary @curl.xml "$COMPLETE" | grep -q ETag'
    return Task(shell(script), space.folder, prepare)


REQUEST = re.compile(r"^debug: s3: (\w+) (\S+) -> \d+.*, (\d+) ms$")
PROOF = re.compile(r"^(HEAD|GET) \S+/bundle/")


def proof_row(space: Workspace, bundle: pathlib.Path, what: str) -> Row:
    """How much of the time that requests took was for proof: who asks what is there now, and reads
    it back."""
    told = space.folder / "requests.txt"
    task = archive(space, bundle, "--debug")
    run(Task(shell(f"{' '.join(map(str, task.command))} 2>{told}"), task.folder, task.prepare, task.clear))
    requests = [found.groups() for found in map(REQUEST.match, told.read_text().splitlines()) if found]
    taken = sum(int(ms) for _, _, ms in requests)
    proving = sum(int(ms) for verb, target, ms in requests if PROOF.match(f"{verb} {target}"))
    return Row(f"of {what}: requests of the proof", "all requests", "s", proving / 1000, None, taken / 1000)


def rows(space: Workspace, bundle: pathlib.Path, what: str, times: int, curl: Task) -> list[Row]:
    tasks = [archive(space, bundle), rclone(space, bundle), aws(space, bundle), curl]
    runs = in_turns(tasks, times)

    def against(who: str, limit: float | None, theirs: list[Run]) -> Row:
        return time_row(f"S3, {what}, to {who}", who, limit, [runs[0], theirs])

    return [
        against("rclone", 1, runs[1]),
        # aws reads nothing back, which a large object here takes a quarter of the time for.
        against("aws", 1.2, runs[2]),
        against("curl", None, runs[3]),
        memory_row(f"memory: S3, {what}", 96, runs[0]),
        proof_row(space, bundle, f"S3, {what}"),
    ]
