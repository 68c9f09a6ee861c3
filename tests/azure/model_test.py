"""The model of Azure Blob Storage answers as its table says, cell by cell, and does what it answers.

For each cell: a blob is brought into the state, the operation is done in each of its forms, the status
and the code are compared, and so is what a list of all versions shows before and after.
"""

import dataclasses
import unittest

from cells import CLW_S, FAR_S, OLD, Cell, Forms, expected, method_name
from model_server import TABLE, ModelTest

EVERYTHING = "versions,immutabilitypolicy,legalhold,metadata,tags,deletedwithversions"


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
        for state, mode in (("xu", "unlocked"), ("xl", "locked")):
            wish = {"name": f"cavra-{state}-{self.count}", "kind": "C", "policy": [mode, CLW_S]}
            self.model.control("POST", "container", wish)

    def container_of(self, kind, state):
        if kind != "C":
            return self.model.container(kind)
        labels = {"n": "C_NONE", "u": "C_UNLOCKED", "l": "C_LOCKED", "h": "C_HELD"}
        return self.model.container(labels[state]) if state in labels else f"cavra-{state}-{self.count}"

    def forms(self, cell):
        return Forms(self.model, self.start_s, cell)

    def collect(self, kind):
        for row in TABLE["cells"][kind]:
            if row in ("delete container", "delete snapshot"):  # below, and in model_service_test.py
                continue
            for state in TABLE["states"][kind]:
                answer = expected(kind, row, state)
                if not answer:
                    continue
                basis = Cell(kind, state, row, "", answer, self.container_of(kind, state), "")
                for n in range(len(self.forms(basis).all())):  # each on a blob of its own
                    cell = dataclasses.replace(basis, name=f"{self.prefix}{len(self.cells):05}")
                    cell.form, cell.steps, cell.ask, cell.asked = self.forms(cell).all()[n]
                    self.cells.append(cell)

    def prepare(self):
        """Brings every blob into its state, and fills in the version ids."""
        absent = ("put new", "copy new", "policy or hold, no blob")
        there = [c for c in self.cells if not c.row.startswith(absent)]
        puts = [self.model.put(c.container, c.name, OLD, **self.forms(c).headers_of_state()) for c in there]
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
            old = self.forms(cell).at("GET", {"versionid": cell.version} if cell.version else {})
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
        effect = "effect_" + method_name(TABLE["effects"][cell.row])
        getattr(self, effect)(cell, before, answer, after, old)

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
            wanted = self.forms(cell).headers_of_state()
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

    def effect_the_same_bytes_once_more(self, cell, before, answer, after, old):
        """As a version where they are kept, and as a snapshot, which no list shows unasked."""
        self.assertIn("x-ms-snapshot", answer.headers)
        self.assertEqual((old.status, old.body), (200, OLD))
        if not self.keeps_versions(cell):
            self.assertEqual(after, before)
            return
        self.require_same_but(before, after[:-1], 0, "current", "LeaseStatus", "LeaseState")
        self.require_asked(cell, after[-1])

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

    def effect_no_policy(self, cell, before, _answer, after, _old):
        self.require_same_but(before, after, 0, "ImmutabilityPolicyUntilDate", "ImmutabilityPolicyMode", "LegalHold")
        self.require_asked(cell, after[0])

    effect_hold = effect_no_hold = effect_no_policy

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
