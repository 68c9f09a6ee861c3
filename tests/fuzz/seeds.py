#!/usr/bin/env python3
"""seeds.py TARGET FOLDER: fills FOLDER with inputs for a fuzz target to begin with.

They come from the public test data where it is ($CAVRA_SHARED, else `shared` beside the checkout),
and from what the repository has anyway. Beside FOLDER goes FOLDER.dict: the member names and short
texts of all JSON among them, which libFuzzer puts into its inputs.
"""
import base64
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("CAVRA_SHARED", ROOT / ".." / "shared"))
MAX_BYTES = 65536


def files(*patterns):
    for base in (SHARED, ROOT):
        for pattern in patterns:
            for path in sorted(base.glob(pattern)):
                if path.is_file():
                    yield path.read_bytes()


def vectors(pattern):
    for path in sorted((SHARED / "vectors").glob(pattern)):
        for line in path.read_text(encoding="ascii").splitlines():
            yield json.loads(line)


def column(pattern, *names):
    for row in vectors(pattern):
        for name in names:
            if name + "_b64" in row:
                yield base64.b64decode(row[name + "_b64"])
            elif isinstance(row.get(name), str):
                yield row[name].encode("utf-8", "surrogatepass")


def keys():
    yield from column("keys/*.jsonl", "data")
    yield from files("fixtures/v1/keys/*.pem")
    for row in vectors("ed25519/*.jsonl"):
        if all(isinstance(row.get(name), str) for name in ("key", "sig", "msg")):
            yield bytes.fromhex(row["key"] + row["sig"] + row["msg"])


def schemas():
    documents = [b"{}", b'{"a": [1, "b", null], "c": {"d": 1.5}}']
    documents += list(files("fixtures/v1/trust/root-a.json"))[:1]
    for schema in files("docs/schemas/**/*.json"):
        for document in documents:
            yield schema + b"\0" + document
    for schema in (
        {"type": "object", "required": ["a"], "additionalProperties": False,
         "properties": {"a": {"type": "string", "pattern": "^[a-z]+(-[0-9]{1,3})*$", "minLength": 1},
                        "b": {"enum": [1, "x", None]}}},
        {"definitions": {"x": {"type": "array", "items": {"$ref": "#/definitions/x"},
                               "uniqueItems": True, "maxItems": 4}}, "$ref": "#/definitions/x"},
        {"oneOf": [{"type": "integer", "minimum": 1, "exclusiveMinimum": True, "multipleOf": 3},
                   {"not": {"type": "string"}}], "dependencies": {"a": ["b"]},
         "patternProperties": {"^x": {"type": "boolean"}}, "minProperties": 1},
    ):
        yield json.dumps(schema).encode() + b"\0" + documents[1]


def libraries():
    """Small shared libraries, fit and unfit, as the system's compiler makes them."""
    source = "const void *cavra_plugin_get(unsigned major) { (void)major; return 0; }\n"
    for options in ([], ["-Wl,--hash-style=sysv"], ["-Wl,-rpath,/nowhere"], ["-Wl,-soname,a.so"],
                    ["-nostdlib"], ["-nostdlib", "-Wl,--hash-style=gnu", "-Wl,-z,noseparate-code"]):
        with tempfile.TemporaryDirectory() as folder:
            library = pathlib.Path(folder) / "a.so"
            made = subprocess.run(["cc", "-x", "c", "-", "-shared", "-fPIC", "-Os", "-s", *options,
                                   "-o", library], input=source.encode(), check=False)
            if made.returncode == 0:
                yield library.read_bytes()


def times():
    yield from column("time/rfc3339.jsonl", "text")
    yield from column("time/durations.jsonl", "text")
    for period in (b"2555d", b"7y", b"P1Y6M", b"P52W"):
        yield b"2024-02-29T12:00:00.5+02:00 " + period


def local_worm():
    yield from column("paths/*.jsonl", "path", "first", "second")
    yield b"prefix/s-17/" + b"a" * 64 + b"/bundle/evidence.json"
    yield (b"v1 retain_until=2033-05-19T12:00:00Z size=4096 sha256=" + b"0f" * 32)
    yield b'{"schema":"cavra.local-worm.store.v1","id":"0f8fad5b-d9cb-469f-a165-70867728950e"}\n'
    for act, date in (("extend", '"2033-05-19T12:00:00Z"'), ("hold", "null"), ("release", "null")):
        yield (f'{{"schema":"cavra.local-worm.record.v1","key":"s/a","sequence":1,"act":"{act}",'
               f'"retain_until":{date}}}\n').encode()


def azure_answers():
    yield from column("xml/*.jsonl", "data")
    yield from column("time/http_date.jsonl", "text")
    yield (
        b"\xef\xbb\xbf<EnumerationResults><Blobs><Blob><Name Encoded=\"true\">a%01</Name><VersionId>v"
        b"</VersionId><IsCurrentVersion>true</IsCurrentVersion><Properties><Etag>e</Etag><Content-Length>7"
        b"</Content-Length><ImmutabilityPolicyUntilDate>Wed, 11 Aug 2032 19:47:27 GMT"
        b"</ImmutabilityPolicyUntilDate><ImmutabilityPolicyMode>locked</ImmutabilityPolicyMode><LegalHold>true"
        b"</LegalHold></Properties><Metadata><cavrasha256>00</cavrasha256></Metadata></Blob></Blobs>"
        b"<NextMarker>m</NextMarker></EnumerationResults>"
    )
    yield b"<BlockList><UncommittedBlocks><Block><Name>eA==</Name><Size>7</Size></Block></UncommittedBlocks></BlockList>"
    yield b"<Error><Code>BlobNotFound</Code><Message>none\nRequestId:r</Message></Error>"
    yield b'{"accessToken": "a", "expiresOn": "2027-01-15 09:30:00.000000", "tokenType": "Bearer"}'
    yield b'{"error": "invalid_client", "error_codes": [7000215]}'
    for label in "PRIVATE KEY", "RSA PRIVATE KEY", "CERTIFICATE":
        yield f"-----BEGIN {label}-----\nMAoCAQACAQMCAQE=\n-----END {label}-----\n".encode()
    yield b'{"access_token": "eyJ", "expires_on": "1800003600", "expires_in": 3599, "error": "invalid_client"}'
    yield (b'{"etag": "\\"8da4\\"", "properties": {"immutabilityPeriodSinceCreationInDays": 7, "state": "Locked", '
           b'"allowProtectedAppendWrites": false, "allowProtectedAppendWritesAll": false}}')
    yield b'{"error": {"code": "AuthorizationFailed", "message": "The client has no right.\\nMore."}}'
    yield b"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=eA==;EndpointSuffix=core.windows.net"


def s3_answers():
    yield from column("xml/*.jsonl", "data")
    yield from column("time/http_date.jsonl", "text")
    namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
    for body in (
        "<Retention {}><Mode>COMPLIANCE</Mode><RetainUntilDate>2033-05-19T12:00:00.000Z"
        "</RetainUntilDate></Retention>",
        "<LegalHold {}><Status>ON</Status></LegalHold>",
        "<ListVersionsResult {}><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
        "<NextKeyMarker>a%2Fb</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker><Version>"
        "<Key>a%2Fb+c</Key><VersionId>v</VersionId><IsLatest>true</IsLatest><Size>7</Size></Version>"
        "<DeleteMarker><Key>a</Key><VersionId>w</VersionId></DeleteMarker></ListVersionsResult>",
        "<ListPartsResult {}><Part><PartNumber>1</PartNumber><Size>5</Size><ETag>e</ETag></Part>"
        "</ListPartsResult>",
        "<ObjectLockConfiguration {}><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
        "<DefaultRetention><Mode>GOVERNANCE</Mode><Years>2</Years></DefaultRetention></Rule>"
        "</ObjectLockConfiguration>",
        "<CompleteMultipartUploadResult {}/>",
        "<Error {}><Code>AccessDenied</Code><Message>m</Message></Error>",
    ):
        yield body.replace("{}", namespace).encode()
    yield from (b"v3:a/bv1", b"https://a.example:9000/b?c=d", b"2033-05-19T12:00:00.000Z")
    yield (b'{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"t",'
           b'"Expiration":"2033-05-19T12:00:00Z","Token":"t","Code":"Success"}')
    yield (b'{"Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:Delete*"],'
           b'"Resource":"arn:aws:s3:::bucket/*"}]}')


BUNDLES = "fixtures/v1/bundles/*/"
CONFIG = {"schema_version": "cavra.config.v1", "trust_roots": "keys/roots.json",
          "minimum_retention": "7y", "minimum_mode": "governance", "accept_hmac": True,
          "stores": {"a": {"plugin": "local-worm", "settings": {"root": "worm"}},
                     "b": {"plugin": {"path": "/opt/b.so", "sha256": "0" * 64}, "settings": {}}}}

SEEDS = {
    "azure_answers": azure_answers,
    "aws_files": lambda: column("awsconfig/*.jsonl", "data"),
    "bundle_manifest": lambda: files(BUNDLES + "manifest.json"),
    "config": lambda: [json.dumps(CONFIG).encode()],
    "decisions": lambda: files(BUNDLES + "evidence.json"),
    "elf": libraries,
    "evidence": lambda: files(BUNDLES + "evidence.json"),
    "json": lambda: [*column("json/*.jsonl", "data"), *column("canonical/*.jsonl", "input")],
    "json_schema": schemas,
    "keys": keys,
    "local_worm": local_worm,
    "plan": lambda: files("fixtures/v1/plans/*/*.json"),
    "retention_policy": lambda: files(BUNDLES + "retention-policy.json"),
    "s3_answers": s3_answers,
    "texts": lambda: column("paths/*.jsonl", "path", "first", "second"),
    "times": times,
    "trust_roots": lambda: files("fixtures/v1/trust/*.json", "fixtures/v1/exports/trust-bundle.json"),
}


def words(value):
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from words(member)
    elif isinstance(value, list):
        for element in value:
            yield from words(element)
    elif isinstance(value, str):
        yield value


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    found = set()
    for seed in SEEDS.get(target, list)():
        if len(seed) > MAX_BYTES:
            continue
        (folder / hashlib.sha256(seed).hexdigest()).write_bytes(seed)
        for text in seed.split(b"\0"):
            try:
                found.update(word for word in words(json.loads(text)) if 0 < len(word) <= 40)
            except (ValueError, RecursionError):
                pass
    with open(f"{folder}.dict", "w", encoding="ascii") as dictionary:
        for word in sorted(found)[:500]:
            text = json.dumps(word)[1:-1].encode("ascii")
            dictionary.write('"' + "".join(f"\\x{byte:02x}" for byte in text) + '"\n')


main()
