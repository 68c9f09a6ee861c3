"""The model of Azure Blob Storage answers as its table says, cell by cell, and does what it answers.

For each cell: a blob is brought into the state, the operation is done in each of its forms, the status
and the code are compared, and so is what a list of all versions shows before and after.
"""

import dataclasses
import hashlib
import base64
import unittest

from curl import Ask
from model_server import TABLE, ModelTest
from service import DAY, rfc1123

SOON_S, FAR_S, CLW_S = 1000, 3650 * DAY, 2000
BLOCK_ID = "YmxvY2s="
BLOCK_LIST = f"<BlockList><Latest>{BLOCK_ID}</Latest></BlockList>".encode()
OLD, NEW = b"the first bytes", b"other bytes"
EVERYTHING = "versions,immutabilitypolicy,legalhold,metadata,tags,deletedwithversions"


def md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


@dataclasses.dataclass
class Cell:
    """One way to do a row's operation in a state. `steps` come before it and are no part of it."""

    kind: str
    state: str
    row: str
    form: str
    expected: tuple  # status, code
    container: str
    name: str
    version: str = ""
    steps: list = dataclasses.field(default_factory=list)
    ask: Ask = None
    asked: dict = dataclasses.field(default_factory=dict)  # what the effect is to be


def expected(kind, row, state):
    """(status, code) of the table, or None for what cannot arise."""
    cells = TABLE["cells"][kind][row]
    text = next(cells[key] for key in (state, state[0], "*") if key in cells)
    words = text.split()
    return None if text == "-" else (int(words[0]), words[1] if len(words) == 3 else None)


class Entries(list):
    """What List Blobs shows of one blob: a dict a version, oldest first."""

    def __init__(self, reply):
        super().__init__()
        for blob in reply.xml().iter("Blob"):
            shown = {e.tag: e.text or "" for e in blob.find("Properties")}
            shown["id"], shown["current"] = blob.findtext("VersionId", ""), blob.findtext("IsCurrentVersion", "")
            shown["metadata"] = {e.tag: e.text for e in blob.find("Metadata")}
            shown["tags"] = {t.findtext("Key"): t.findtext("Value") for t in blob.iter("Tag")}
            self.append(shown)


class CellTest(ModelTest):
    def setUp(self):
        super().setUp()
        self.cells, self.start_s = [], int(self.model.now())
        for kind in ("C",):
            for state in ("xu", "xl"):
                mode = "locked" if state == "xl" else "unlocked"
                self.model.control("POST", "container", {
                    "name": f"cavra-{state}-{self.count}", "kind": kind, "policy": [mode, CLW_S]})

    def container_of(self, kind, state):
        if kind != "C":
            return self.model.container(kind)
        labels = {"n": "C_NONE", "u": "C_UNLOCKED", "l": "C_LOCKED", "h": "C_HELD"}
        return self.model.container(labels[state]) if state in labels else f"cavra-{state}-{self.count}"

    def until(self, state):
        return self.start_s + (SOON_S if "x" in state else FAR_S)

    def headers_of(self, kind, state):
        """Headers that make a new version be in `state`, once the clock has been stepped."""
        headers = {}
        if kind == "V" and state.strip("h") != "n":
            headers["x-ms-immutability-policy-until-date"] = rfc1123(self.until(state))
            headers["x-ms-immutability-policy-mode"] = "locked" if state.endswith("l") else "unlocked"
        if kind == "V" and state.startswith("h"):
            headers["x-ms-legal-hold"] = "true"
        return headers

    # The forms of each row: (name of the form, requests before, the request, what it asks for).

    def at(self, cell, method, query=None, headers=None, body=b""):
        return self.model.ask(method, cell.container, cell.name, query, headers, body)

    def put_forms(self, cell, headers=None, asked=None):
        asked = {"md5": md5(NEW), **(asked or {})}
        put = self.at(cell, "PUT", {}, {"x-ms-blob-type": "BlockBlob", **(headers or {})}, NEW)
        yield "Put Blob", [], put, asked
        block = self.at(cell, "PUT", {"comp": "block", "blockid": BLOCK_ID}, {}, NEW)
        commit = self.at(cell, "PUT", {"comp": "blocklist"}, {"x-ms-blob-content-md5": md5(NEW), **(headers or {})},
                         BLOCK_LIST)
        yield "Put Block List", [block], commit, asked

    def policy_forms(self, cell, until_s, mode, verb_only=True):
        asked = {"until": rfc1123(until_s), "mode": mode}
        headers = {"x-ms-immutability-policy-until-date": asked["until"], "x-ms-immutability-policy-mode": mode.title()}
        comp = {"comp": "immutabilityPolicies"}
        yield "current", [], self.at(cell, "PUT", comp, headers), asked
        if cell.kind == "V":
            yield "by id", [], self.at(cell, "PUT", {**comp, "versionid": "?"}, headers), asked
        if not verb_only:
            yield from self.put_forms(cell, headers)

    def verb_forms(self, cell):
        yield from self.policy_forms(cell, self.start_s + FAR_S, "unlocked")
        yield "delete", [], self.at(cell, "DELETE", {"comp": "immutabilityPolicies"}), {}
        yield "hold", [], self.at(cell, "PUT", {"comp": "legalhold"}, {"x-ms-legal-hold": "true"}), {}

    def forms(self, cell):
        row, state, until = cell.row, cell.state, self.until(cell.state)
        far, mode = self.start_s + FAR_S, "locked" if cell.state.endswith("l") else "unlocked"
        date, kind_of_policy = "x-ms-immutability-policy-until-date", "x-ms-immutability-policy-mode"
        policy, hold = {"comp": "immutabilityPolicies"}, {"comp": "legalhold"}
        if row in ("put new", "put over"):
            yield from self.put_forms(cell)
        elif row == "put new, policy or hold":
            both = {date: rfc1123(far), kind_of_policy: "LOCKED", "x-ms-legal-hold": "true"}
            yield from self.put_forms(cell, both, {"until": rfc1123(far), "mode": "locked", "hold": "true"})
            yield from self.put_forms(cell, {date: rfc1123(far)}, {"until": rfc1123(far), "mode": "unlocked", "hold": ""})
            yield from self.put_forms(cell, {"x-ms-legal-hold": "true"}, {"hold": "true"})
        elif row == "put over, create only":
            yield from self.put_forms(cell, {"If-None-Match": "*"})
        elif row == "put block":
            yield "", [], self.at(cell, "PUT", {"comp": "block", "blockid": BLOCK_ID}, {}, NEW), {}
        elif row == "delete":
            yield "", [], self.at(cell, "DELETE"), {}
        elif row == "delete current by id":
            yield "", [], self.at(cell, "DELETE", {"versionid": "?"}), {}
        elif row == "delete previous by id":
            over = self.at(cell, "PUT", {}, {"x-ms-blob-type": "BlockBlob"}, NEW)
            yield "", [over], self.at(cell, "DELETE", {"versionid": "?"}), {}
        elif row == "set metadata":
            asked = {"metadata": {"reason": "none"}}
            yield "", [], self.at(cell, "PUT", {"comp": "metadata"}, {"x-ms-meta-reason": "none"}), asked
        elif row == "set properties":
            headers = {"x-ms-blob-content-type": "text/x-other"}
            yield "", [], self.at(cell, "PUT", {"comp": "properties"}, headers), {"Content-Type": "text/x-other"}
        elif row == "set tier":
            yield "", [], self.at(cell, "PUT", {"comp": "tier"}, {"x-ms-access-tier": "Cool"}), {"AccessTier": "Cool"}
        elif row == "set tags":
            body = b"<Tags><TagSet><Tag><Key>case</Key><Value>1</Value></Tag></TagSet></Tags>"
            yield "", [], self.at(cell, "PUT", {"comp": "tags"}, {}, body), {"tags": {"case": "1"}}
        elif row == "policy, later date":
            yield from self.policy_forms(cell, max(until, far) + DAY, mode)
        elif row == "policy, earlier date":
            yield from self.policy_forms(cell, until - DAY, mode)
        elif row == "policy, lock":
            yield from self.policy_forms(cell, far, "locked")
        elif row == "policy, unlock":
            yield from self.policy_forms(cell, far + DAY, "unlocked")
            yield "no mode", [], self.at(cell, "PUT", policy, {date: rfc1123(far + DAY)}), {}
        elif row == "policy, date not in the future":
            yield from self.policy_forms(cell, self.start_s - 10, mode, verb_only=False)
        elif row == "policy, no date":
            yield "verb", [], self.at(cell, "PUT", policy), {}
            yield "mode", [], self.at(cell, "PUT", policy, {kind_of_policy: "Locked"}), {}
            yield from self.put_forms(cell, {kind_of_policy: "Locked"})
        elif row == "policy, bad mode or date":
            far_iso = "2036-11-23T20:00:00Z"
            for headers in ({date: rfc1123(far), kind_of_policy: "mutable"}, {date: far_iso},
                            {date: "Someday, 23 Nov 2036 20:00:00 GMT"}, {date: rfc1123(far)[:-3] + "UTC"}):
                yield "verb", [], self.at(cell, "PUT", policy, headers), {}
                yield from self.put_forms(cell, headers)
        elif row == "policy or hold, modified since":
            since = {"If-Unmodified-Since": rfc1123(self.start_s - DAY)}
            wanted = {date: rfc1123(far + DAY), kind_of_policy: mode, **since}
            yield "policy", [], self.at(cell, "PUT", policy, wanted), {}
            yield "hold", [], self.at(cell, "PUT", hold, {"x-ms-legal-hold": "true", **since}), {}
        elif row == "delete policy":
            yield "current", [], self.at(cell, "DELETE", policy), {"until": "", "mode": ""}
            yield "by id", [], self.at(cell, "DELETE", {**policy, "versionid": "?"}), {"until": "", "mode": ""}
        elif row in ("set hold", "clear hold"):
            word = "true" if row == "set hold" else "false"
            asked = {"hold": "true" if row == "set hold" else ""}
            yield "current", [], self.at(cell, "PUT", hold, {"x-ms-legal-hold": word}), asked
            yield "by id", [], self.at(cell, "PUT", {**hold, "versionid": "?"}, {"x-ms-legal-hold": word}), asked
        elif row == "hold, bad value":
            for word in ("TRUE", "yes", "1"):
                yield "verb", [], self.at(cell, "PUT", hold, {"x-ms-legal-hold": word}), {}
                yield from self.put_forms(cell, {"x-ms-legal-hold": word})
        elif row in ("policy or hold, no blob", "policy or hold, not version-level"):
            yield from self.verb_forms(cell)
        elif row == "get":
            yield "GET", [], self.at(cell, "GET"), {}
            yield "HEAD", [], self.at(cell, "HEAD"), {}
            if cell.kind in ("V", "P1"):
                yield "HEAD by id", [], self.at(cell, "HEAD", {"versionid": "?"}), {}
        else:
            raise AssertionError(f"{row}: a row of the table without a test")

    # The walk.

    def collect(self, kind):
        for row in TABLE["cells"][kind]:
            if row == "delete container":
                continue
            for state in TABLE["states"][kind]:
                answer = expected(kind, row, state)
                if not answer:
                    continue
                basis = Cell(kind, state, row, "", answer, self.container_of(kind, state), "")
                count = len(list(self.forms(basis)))
                for n in range(count):
                    cell = dataclasses.replace(basis, name=f"{self.prefix}{len(self.cells):05}")
                    cell.form, cell.steps, cell.ask, cell.asked = list(self.forms(cell))[n]
                    self.cells.append(cell)

    def prepare(self):
        """Brings every blob into its state, and fills in the version ids."""
        there = [c for c in self.cells if not c.row.startswith("put new") and c.row != "policy or hold, no blob"]
        puts = [self.model.put(c.container, c.name, OLD, **self.headers_of(c.kind, c.state)) for c in there]
        for cell, reply in zip(there, self.model.sign_and_run(puts), strict=True):
            self.done(reply, 201)
            cell.version = reply.headers.get("x-ms-version-id", "")
        for cell in self.cells:
            if "versionid" in cell.ask.query:
                cell.ask.query["versionid"] = cell.version or "2020-01-01T00:00:00.0000000Z"

    def walk(self, kind):
        self.collect(kind)
        self.prepare()
        self.model.step(2 * CLW_S)
        groups = []
        for cell in self.cells:
            show = self.model.ask("GET", cell.container, query={
                "restype": "container", "comp": "list", "prefix": cell.name, "include": EVERYTHING})
            old = self.at(cell, "GET", {"versionid": cell.version} if cell.version else {})
            groups.append([*cell.steps, show, cell.ask, show, old])
        replies = iter(self.model.sign_and_run([ask for group in groups for ask in group]))
        for cell, group in zip(self.cells, groups):
            steps = [next(replies) for _ in group[:-4]]
            before, answer, after, old = (next(replies) for _ in range(4))
            with self.subTest(kind=kind, row=cell.row, state=cell.state, form=cell.form):
                for step in steps:
                    self.done(step, 201)
                self.assertEqual((answer.status, answer.code), cell.expected, answer.body[:500])
                self.judge(cell, Entries(before), answer, Entries(after), old)

    def judge(self, cell, before, answer, after, old):
        if cell.expected[0] >= 300:
            self.assertEqual(after, before)
            self.require_error(cell, answer)
            return
        check = "effect_" + TABLE["effects"][cell.row].translate(str.maketrans(" ", "_", ","))
        getattr(self, check)(cell, before, answer, after, old)

    def require_error(self, cell, answer):
        if cell.ask.method == "HEAD":
            self.assertEqual(answer.body, b"")
            return
        self.assertTrue(answer.body.startswith(b"\xef\xbb\xbf<?xml"), answer.body[:20])
        self.assertEqual(answer.xml().findtext("Code"), answer.code)

    def keeps_versions(self, cell):
        return cell.kind in ("V", "P1")

    def require_same_but(self, before, after, number, *fields):
        """Nothing differs but these fields of version `number`."""
        self.assertEqual(len(after), len(before))
        for n, (old, new) in enumerate(zip(before, after)):
            differ = {f for f in {*old, *new} if old.get(f) != new.get(f)}
            self.assertLessEqual(differ, set(fields) if n == number else set())

    def require_asked(self, cell, entry):
        fields = {"until": "ImmutabilityPolicyUntilDate", "mode": "ImmutabilityPolicyMode", "hold": "LegalHold",
                  "md5": "Content-MD5"}
        for what, value in cell.asked.items():
            self.assertEqual(entry.get(fields.get(what, what), ""), value, what)

    # Effects, by the table's words.

    def effect_none(self, cell, before, answer, after, _old):
        self.assertEqual(after, before)
        if cell.row == "get":
            self.assertEqual(answer.body, OLD if cell.form == "GET" else b"")
            wanted = self.headers_of(cell.kind, cell.state)
            shown = {n: v for n, v in answer.headers.items() if "immutab" in n or "legal-hold" in n}
            self.assertEqual(shown, wanted)
            self.assertEqual(answer.headers["content-length"], str(len(OLD)))

    def effect_first_version(self, cell, before, answer, after, _old):
        self.assertEqual(before, [])
        self.assertEqual(len(after), 1)
        self.require_asked(cell, after[0])
        self.assertEqual("x-ms-version-id" in answer.headers, self.keeps_versions(cell))
        self.assertEqual(answer.headers.get("x-ms-version-id", ""), after[0]["id"])
        self.assertEqual([n for n in answer.headers if "immutab" in n or "legal" in n], [], "not echoed")

    effect_first_version_with_policy_and_hold = effect_first_version

    def effect_new_version_or_replaced(self, cell, before, answer, after, old):
        if self.keeps_versions(cell):
            self.require_same_but(before, after[:-1], 0, "current", "LeaseStatus", "LeaseState")
            self.assertEqual((old.status, old.body), (200, OLD))
        else:
            self.assertEqual(len(after), 1)
        self.require_asked(cell, after[-1])
        self.assertEqual(after[-1].get("ImmutabilityPolicyMode"), None)
        self.assertEqual(after[-1]["id"], answer.headers.get("x-ms-version-id", ""))

    def effect_no_current_version(self, cell, before, answer, after, old):
        permanent = "false" if self.keeps_versions(cell) else "true"
        self.assertEqual(answer.headers["x-ms-delete-type-permanent"], permanent)
        if not self.keeps_versions(cell):
            self.assertEqual((after, old.status), ([], 404))
            return
        self.require_same_but(before, after, 0, "current", "LeaseStatus", "LeaseState")
        self.assertEqual(after[0]["current"], "")
        self.assertEqual((old.status, old.body), (200, OLD))

    def effect_that_version_is_gone(self, cell, before, _answer, after, old):
        self.assertEqual(list(after), [e for e in before if e["id"] != cell.version])
        self.assertEqual(len(after), len(before) - 1)
        self.refused(old, 404, "BlobNotFound")

    def effect_metadata(self, cell, before, _answer, after, _old):
        self.require_asked(cell, after[-1])
        self.assertEqual(len(after), len(before) + self.keeps_versions(cell))

    def effect_properties(self, cell, before, _answer, after, _old):
        self.require_same_but(before, after, 0, "Content-Type", "Content-MD5", "Etag", "Last-Modified")
        self.require_asked(cell, after[0])

    def effect_tier(self, cell, before, _answer, after, _old):
        self.require_same_but(before, after, 0, "AccessTier", "AccessTierInferred")
        self.require_asked(cell, after[0])

    def effect_tags(self, cell, before, _answer, after, _old):
        self.require_same_but(before, after, 0, "tags")
        self.require_asked(cell, after[0])

    def effect_policy(self, cell, before, answer, after, _old):
        self.require_same_but(before, after, 0, "ImmutabilityPolicyUntilDate", "ImmutabilityPolicyMode")
        self.require_asked(cell, after[0])
        self.assertEqual(answer.headers["x-ms-immutability-policy-mode"], cell.asked["mode"])
        self.assertEqual(answer.headers["x-ms-immutability-policy-until-date"], cell.asked["until"])

    effect_no_policy = lambda self, cell, before, _answer, after, _old: self._verb(cell, before, after)
    effect_hold = effect_no_hold = effect_no_policy

    def _verb(self, cell, before, after):
        self.require_same_but(before, after, 0, "ImmutabilityPolicyUntilDate", "ImmutabilityPolicyMode", "LegalHold")
        self.require_asked(cell, after[0])

    def test_version_level_worm(self):
        self.walk("V")

    def test_container_level_worm(self):
        self.walk("C")

    def test_versions_without_worm(self):
        self.walk("P1")

    def test_neither(self):
        self.walk("P0")


class ContainerTest(ModelTest):
    SETTINGS = {"n": {}, "u": {"policy": ["unlocked", FAR_S]}, "l": {"policy": ["locked", FAR_S]},
                "xu": {"policy": ["unlocked", 10]}, "xl": {"policy": ["locked", 10]}, "h": {"hold_tags": ["case1"]}}

    def test_deleting_containers(self):
        names = {}
        for kind in ("P0", "P1", "V", "C"):
            for state in TABLE["states"][kind] if kind == "C" else ["n"]:
                names[kind, state] = f"delete-{kind.lower()}-{state}"
                settings = self.SETTINGS[state] if kind == "C" else {}
                self.model.control("POST", "container", {"name": names[kind, state], "kind": kind, **settings})
        for reply in self.model.sign_and_run([self.model.put(name, "a") for name in names.values()]):
            self.done(reply, 201)
        self.model.step(100)
        query = {"restype": "container"}
        for (kind, state), name in names.items():
            with self.subTest(kind=kind, state=state):
                gone, look = self.model.sign_and_run([self.model.ask(m, name, query=query) for m in ("DELETE", "HEAD")])
                self.assertEqual((gone.status, gone.code), expected(kind, "delete container", state))
                self.assertEqual(look.status, 404 if gone.status == 202 else 200)


class TableTest(unittest.TestCase):
    def test_each_row_has_an_effect_or_never_succeeds(self):
        for kind, rows in TABLE["cells"].items():
            for row in rows:
                answers = [expected(kind, row, state) for state in TABLE["states"][kind]]
                if any(a and a[0] < 300 for a in answers):
                    self.assertIn(row, TABLE["effects"])

    def test_evidence_is_told_for_each_cell(self):
        for rows in TABLE["cells"].values():
            for cells in rows.values():
                for text in cells.values():
                    self.assertRegex(text, r"^(-|\d{3}( \w+)? [RTDSAU])$")


if __name__ == "__main__":
    unittest.main()
