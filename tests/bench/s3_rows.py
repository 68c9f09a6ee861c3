"""`cavra archive` into a bucket with Object Lock against rclone, aws and curl, all with as many
connections. Those put, and neither lock nor prove; curl does not even hash."""

import os
import pathlib
import re
import urllib.request

import cloud_rows
from cloud_rows import CONNECTIONS, CURL, PART_BYTES, PUT_ALL, Put, prefix
from material import Workspace
from measure import Run, Task, in_turns, shell
from presigned import presigned
from result import Row, memory_row, time_row


def archive(space: Workspace, bundle: pathlib.Path) -> Task:
    settings = {"bucket": os.environ["CAVRA_S3_BUCKET_LOCK"], "part_bytes": PART_BYTES}
    return cloud_rows.archive(space, bundle, "s3", "s3-object-lock", settings)


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


def curl_files(space: Workspace, bundle: pathlib.Path) -> Task:
    """Each file by a put of its own, all by one process."""
    files = cloud_rows.files_of(bundle)

    def prepare() -> None:
        at = prefix("curl")
        cloud_rows.write_puts(
            space, [Put(path, presigned("PUT", f"{at}/{path.relative_to(bundle)}")) for path in files])

    return Task(shell(f"exec {PUT_ALL}"), space.folder, prepare)


def curl_parts(space: Workspace, bundle: pathlib.Path) -> Task:
    """The largest member, cut up beforehand, its upload begun: its parts by one process."""
    parts = list(enumerate(cloud_rows.parts_of_largest(space, bundle), 1))
    etags = [f'"{cloud_rows.md5(path).hex()}"' for _, path in parts]
    listed = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
                     for (number, _), etag in zip(parts, etags))
    (space.folder / "curl.xml").write_text(f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>")

    def prepare() -> None:
        key = prefix("curl") + "/big"
        with urllib.request.urlopen(presigned("POST", key, uploads=""), data=b"") as answer:
            upload = re.search(r"<UploadId>(.*)</UploadId>", answer.read().decode())[1]
        cloud_rows.write_puts(space, [
            Put(path, presigned("PUT", key, partNumber=str(number), uploadId=upload))
            for number, path in parts])
        os.environ["COMPLETE"] = presigned("POST", key, uploadId=upload)

    script = f'{PUT_ALL}; {CURL} --data-binary @curl.xml "$COMPLETE" | grep -q ETag'
    return Task(shell(script), space.folder, prepare)


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
        cloud_rows.proof_row(f"S3, {what}", runs[0]),
    ]
