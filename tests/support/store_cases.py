"""What holds for each store: one list of cases. What differs is asked of the class.

A class takes them beside ArchiveCase, and says how a stranger puts, hides, looks and counts there:
    put_foreign(key, bytes), hide(keys), versions(), look(key, version) -> mode, until, is_held
"""

import datetime

from archive_case import predicate


def time_of(text):
    return datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)


class StoreCases:
    # The mode of a lock where nothing is said of it.
    mode = "compliance"
    # How it tells that a key is taken by somebody else's few bytes.
    conflict = "other bytes"
    # What a run tells of what another one has put at the same moment.
    may_be_doubled = set()
    # Why nothing can be put above what is there, if so: then that is not asked.
    hides_nothing = ""

    def test_the_stranger_sees_what_the_receipt_says(self):
        receipt = self.archive()
        promised = time_of(predicate(receipt)["lock"]["retain_until"])
        for key, each in self.objects(receipt):
            mode, until, is_held = self.look(key, each["version"])
            self.assertEqual(mode, self.mode)
            self.assertEqual(until, time_of(each["lock"]["retain_until"]))
            self.assertGreaterEqual(until, promised)
            self.assertFalse(is_held)
        self.restore(receipt)
        self.done("status", receipt)
        self.assertIn("1 archive, 0 incomplete", self.done("evidence", "list", "--store", self.store).stdout)

    def test_again_writes_nothing(self):
        receipt = self.archive()
        before = self.versions()
        self.assertIn("already archived", self.done(*self.ARCHIVE).stdout)
        self.assertEqual(self.versions(), before)
        self.assertEqual(self.receipts(), [receipt])

    def test_names_of_all_scripts_that_sort_beside_each_other(self):
        self.make_bundle({name: name.encode() for name in ("Ä.txt", "é.txt", "é 1.txt", "ö", "日本語.txt")})
        receipt = self.archive()
        self.restore(receipt)
        self.assertIn("already archived", self.done(*self.ARCHIVE).stdout)

    def test_what_hides_objects_changes_nothing_that_is_proven(self):
        if self.hides_nothing:
            self.skipTest("cannot be asked: " + self.hides_nothing)
        receipt = self.archive()
        self.hide([key for key, _ in self.objects(receipt)])
        self.ends(1, "status", receipt)
        self.assertEqual(self.findings(receipt), {"store.hidden"})
        self.restore(receipt)
        before = self.versions()
        self.done(*self.ARCHIVE)
        self.assertEqual(self.versions(), before)

    def test_other_bytes_under_a_key_are_a_conflict(self):
        key = next(self.objects(self.archive()))[0]
        first, self.prefix = self.prefix, self.prefix + "-other"
        self.configure()
        self.put_foreign(key.replace(first, self.prefix, 1), b"evil")
        self.assertIn(self.conflict, self.ends(4, *self.ARCHIVE).stderr)
        self.assertEqual(len(self.receipts()), 1)

    def test_later_acts(self):
        receipt = self.archive()
        key, each = next(self.objects(receipt))
        until = "2044-01-01T00:00:00Z"
        self.done("retain", receipt, "--until", until, "--yes")
        self.assertEqual(self.look(key, each["version"])[1], time_of(until))
        for act, is_held in (("set", True), ("clear", False)):
            self.done("hold", act, self.receipts()[-1], "--reason", "case 17", "--yes")
            self.assertEqual(self.look(key, each["version"])[2], is_held)
        self.assertEqual(len(self.receipts()), 4)
        self.done("status", "--all")

    def test_two_runs_at_once_sign_one_receipt(self):
        for run in [self.start(*self.ARCHIVE) for _ in range(2)]:
            out, err = run.communicate()
            self.assertEqual(run.returncode, 0, out + err)
        self.assertEqual(len(self.receipts()), 1)
        self.assertLessEqual(self.findings(self.receipts()[0]), self.may_be_doubled)
        self.restore(self.receipts()[0])

    def test_probe(self):
        told = self.done("store", "probe", self.store, "--destructive-test", "--yes").stdout
        for act in ("delete", "overwrite", "shorten", "clear"):
            self.assertIn(f"held       {act}", told)
