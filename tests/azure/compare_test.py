"""The model server beside the emulator, request by request: what both have must be answered alike.

Where they may differ stands in azurite_differences.json, each with its reason; a difference that is
not there fails, and so does an entry that no request needed. Only in the long check: CAVRA_TEST_LONG=1.
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from model_server import SERVERS, Model
from service import DAY, Service, rfc1123

DIFFERENCES = json.loads((pathlib.Path(__file__).parent / "azurite_differences.json").read_text())
MUST_RUN = os.environ.get("CAVRA_TEST_MUST_RUN", "").split(",")
CONTAINER, BLOB = "compare", "folder/a blob+ä.bin"
# Headers of the connection, not of the service.
ASIDE = {"connection", "keep-alive", "transfer-encoding", "server", "date", "vary"}
# Headers and elements whose value is each server's own; that they are there is compared.
OWN = {"etag", "last-modified", "x-ms-request-id", "x-ms-creation-time", "www-authenticate", "creation-time",
       "x-ms-version-id", "content-length of xml", "nextmarker", "marker"}


def md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


class Azurite(Service):
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="cavra-azurite-")
        self.up = self._script("up", "--port", "0")
        if not self.up.returncode:
            super().__init__(dict(re.findall(r"export (\w+)='(.*)'", self._script("env").stdout)))

    def _script(self, *words):
        return subprocess.run([SERVERS / "azurite", *words, "--dir", self.folder], capture_output=True, text=True,
                              check=False)

    def stop(self):
        self._script("down")
        shutil.rmtree(self.folder, ignore_errors=True)


def shown(reply, service):
    """What is compared of a reply, by field."""
    fields = {"status": reply.status, "code": reply.code or "none"}
    for name, value in reply.headers.items():
        if name not in ASIDE and name != "x-ms-error-code":
            fields["header " + name] = "own" if name in OWN else value
    if not reply.headers.get("content-type", "").startswith("application/xml") or not reply.body:
        fields["body"] = reply.body.decode("latin-1")
        return fields
    fields["header content-type"] = fields["header content-type"].partition(";")[0]
    fields.pop("header content-length", None)
    fields["mark"] = "yes" if reply.body.startswith(b"\xef\xbb\xbf") else "no"
    root = reply.xml()
    if root.tag == "Error":
        fields["code in the body"] = "the same" if root.findtext("Code") == reply.code else root.findtext("Code")
    else:
        fields.update(elements(root, "", service))
    return fields


def elements(node, path, service):
    """Text and attributes of each element, by its path; those that repeat are numbered."""
    found, counts = {}, {}
    for name, value in node.attrib.items():
        found[f"xml {path}{node.tag}@{name}"] = value.replace(service.base + "/" + service.account, "service")
    for child in node:
        counts[child.tag] = counts.get(child.tag, 0) + 1
        number = f"{counts[child.tag]}." if child.tag in ("Blob", "Block", "BlobPrefix") else ""
        found.update(elements(child, path + node.tag + "/" + number, service))
    if not len(node):
        value = node.text or ""
        found[f"xml {path}{node.tag}"] = "own" if value and node.tag.lower() in OWN else value
    return found


def requests(service):
    """[(name, request)], the same for each service; they are done in this order."""
    def at(method, query=None, headers=None, body=b"", blob=BLOB):
        return service.ask(method, CONTAINER, blob, query, headers, body)

    def put(body=b"some bytes", blob=BLOB, **headers):
        return service.put(CONTAINER, blob, body, **headers)

    def put_list(body, **headers):
        return at("PUT", {"comp": "blocklist"}, headers, body, "blocks")

    def put_aside(blob, **headers):  # what one of them refuses, so that the lists stay alike
        return service.put(CONTAINER + "-aside", blob, b"x", **headers)

    def listed(**query):
        return at("GET", {"restype": "container", "comp": "list", **query}, blob="")

    one, two, block = "b25l", "dHdv", {"comp": "block"}
    until = rfc1123(service.now() + DAY)
    policy = {"x-ms-immutability-policy-until-date": until, "x-ms-immutability-policy-mode": "unlocked",
              "x-ms-legal-hold": "true"}
    wrong = "AAAAAAAAAAAAAAAAAAAAAA=="
    missing = b"<BlockList><Latest>eHh4</Latest></BlockList>"
    commit = f"<BlockList><Latest>{two}</Latest><Latest>{one}</Latest></BlockList>".encode()
    return [
        ("create container", at("PUT", {"restype": "container"}, blob="")),
        ("create container again", at("PUT", {"restype": "container"}, blob="")),
        ("create container, bad name", service.ask("PUT", "A-b", query={"restype": "container"})),
        ("container properties", at("HEAD", {"restype": "container"}, blob="")),
        ("container missing", service.ask("HEAD", "missing", query={"restype": "container"})),
        ("list empty", listed()),
        ("head missing", at("HEAD")), ("get missing", at("GET")), ("delete missing", at("DELETE")),
        ("put", put(If_None_Match="*", Content_MD5=md5(b"some bytes"), Content_Type="text/plain", x_ms_meta_cavra="1",
                    x_ms_client_request_id="ours")),
        ("put again, create only", put(If_None_Match="*")),
        ("head", at("HEAD")), ("get", at("GET")),
        ("get range", at("GET", {}, {"x-ms-range": "bytes=2-5"})),
        ("get range to the end", at("GET", {}, {"Range": "bytes=5-"})),
        ("get range past the end", at("GET", {}, {"Range": "bytes=50-60"})),
        ("get range with md5", at("GET", {}, {"x-ms-range": "bytes=0-3", "x-ms-range-get-content-md5": "true"})),
        ("get if none match any", at("GET", {}, {"If-None-Match": "*"})),
        ("get if match other", at("GET", {}, {"If-Match": '"0x1"'})),
        ("put if match other", put(If_Match='"0x1"')),
        ("put, wrong md5", put(Content_MD5=wrong)), ("put, malformed md5", put(Content_MD5="abc")),
        ("put, no type", at("PUT", body=b"x")),
        ("create another container", service.ask("PUT", CONTAINER + "-aside", query={"restype": "container"})),
        ("put, policy", put_aside("policy", **{k.replace("-", "_"): v for k, v in policy.items()})),
        ("put, policy of another mode", put_aside("policy2", x_ms_immutability_policy_mode="sealed",
                                                  x_ms_immutability_policy_until_date=until)),
        ("set policy", at("PUT", {"comp": "immutabilityPolicies"}, {"x-ms-immutability-policy-until-date": until})),
        ("delete policy", at("DELETE", {"comp": "immutabilityPolicies"})),
        ("set hold", at("PUT", {"comp": "legalhold"}, {"x-ms-legal-hold": "true"})),
        ("unknown comp", at("PUT", {"comp": "nonsense"})),
        ("unknown include", listed(include="nonsense")),
        ("put empty", put(b"", "empty")), ("get empty", at("GET", blob="empty")),
        ("get range of empty", at("GET", {}, {"Range": "bytes=0-"}, blob="empty")),
        ("put block", at("PUT", {**block, "blockid": one}, {}, b"one", "blocks")),
        ("put block with md5", at("PUT", {**block, "blockid": two}, {"Content-MD5": md5(b"two")}, b"two", "blocks")),
        ("put block, wrong md5", at("PUT", {**block, "blockid": two}, {"Content-MD5": wrong}, b"two", "blocks")),
        ("put block, first of its length", at("PUT", {**block, "blockid": "dGhyZWU="}, {}, b"three", "blocks2")),
        ("put block, other length of id", at("PUT", {**block, "blockid": one}, {}, b"one", "blocks2")),
        ("put block, other length but in base64", at("PUT", {**block, "blockid": "Zm91cg=="}, {}, b"four", "blocks2")),
        ("put block, bad id", at("PUT", {**block, "blockid": "?"}, {}, b"x", "blocks2")),
        ("put block, empty", at("PUT", {**block, "blockid": "ZW1wdHk="}, {}, b"", "blocks2")),
        ("blocks before the list", at("GET", {"comp": "blocklist", "blocklisttype": "all"}, blob="blocks")),
        ("get before the list", at("GET", blob="blocks")),
        ("put block list, missing block", put_list(missing)),
        ("put block list", put_list(commit, **{"If-None-Match": "*", "x-ms-meta-cavra": "2"})),
        ("put block list again, create only", put_list(commit, **{"If-None-Match": "*"})),
        ("get blocks", at("GET", blob="blocks")),
        ("blocks after the list", at("GET", {"comp": "blocklist", "blocklisttype": "all"}, blob="blocks")),
        ("put block, other length than the committed", at("PUT", {**block, "blockid": "dGhyZWU="}, {}, b"x", "blocks")),
        ("put block list with md5", put_list(commit, **{"x-ms-blob-content-md5": md5(b"twoone")})),
        ("head blocks", at("HEAD", blob="blocks")),
        ("set metadata", at("PUT", {"comp": "metadata"}, {"x-ms-meta-cavra": "3"})),
        ("set properties", at("PUT", {"comp": "properties"}, {"x-ms-blob-content-type": "text/html"})),
        ("head changed", at("HEAD")),
        ("list", listed(include="metadata")),
        ("list by two", listed(maxresults="2")), ("list prefix", listed(prefix="folder/")),
        ("list delimiter", listed(delimiter="/")), ("list nothing", listed(prefix="none")),
        ("list, maxresults 0", listed(maxresults="0")),
        ("unknown version", at("GET", {}, {"x-ms-version": "2031-01-01"})),
        ("name too long", put_aside("x" * 1025)),
        ("delete", at("DELETE")), ("delete again", at("DELETE")),
        ("delete container", at("DELETE", {"restype": "container"}, blob="")),
        ("list deleted container", listed()),
    ]


@unittest.skipUnless(os.environ.get("CAVRA_TEST_LONG"), "left out: CAVRA_TEST_LONG is not set")
class CompareTest(unittest.TestCase):
    def setUp(self):
        self.azurite = Azurite()
        self.addCleanup(self.azurite.stop)
        if self.azurite.up.returncode:
            if "azurite" in MUST_RUN:
                self.fail(self.azurite.up.stderr)
            self.skipTest("left out: no Azurite here: " + self.azurite.up.stderr.strip())
        self.model = Model()
        self.used = set()

    def allowed(self, name, field, theirs, ours):
        for number, entry in enumerate(DIFFERENCES):
            told = (entry["request"], entry["field"], entry["azurite"], entry["model"])
            if all(re.fullmatch(t, str(v), re.DOTALL) for t, v in zip(told, (name, field, theirs, ours))):
                self.used.add(number)
                return True
        return False

    def compare(self, name, theirs, ours):
        """Each field in which they differ though they may not, as a line. Where one succeeds and one does not,
        the status says all."""
        fields = sorted({*theirs, *ours})
        if (theirs["status"] < 300) != (ours["status"] < 300):
            fields = ["status"]
        for field in fields:
            pair = theirs.get(field, "absent"), ours.get(field, "absent")
            if pair[0] != pair[1] and not self.allowed(name, field, *pair):
                yield f"{name}: {field}: Azurite {pair[0]!r}, model {pair[1]!r}"

    def test_both_answer_alike(self):
        replies = []
        for service in (self.azurite, self.model):
            asked = requests(service)
            got = service.sign_and_run([ask for _, ask in asked]) + service.run([self.unsigned(service)]) + [
                service.run([service.signed(self.unsigned(service), base64.b64encode(b"x" * 64).decode())])[0]]
            names = [name for name, _ in asked] + ["no credentials", "wrong key"]
            replies.append([(name, shown(reply, service)) for name, reply in zip(names, got, strict=True)])
        lines = [line for (name, theirs), (_, ours) in zip(*replies) for line in self.compare(name, theirs, ours)]
        self.assertEqual("\n".join(lines), "")
        idle = [entry for number, entry in enumerate(DIFFERENCES) if number not in self.used]
        self.assertEqual(idle, [], "differences that no request showed")

    @staticmethod
    def unsigned(service):
        return service.ask("GET", CONTAINER, query={"restype": "container", "comp": "list"})


if __name__ == "__main__":
    unittest.main()
