"""Several programs on one store at once: all succeed, each object is written once, and there is one
receipt for each bundle."""

import json
import unittest

from image import Image
from workspace import IS_LONG, CrashTest, Workspace, end_of

ROUNDS = 200 if IS_LONG else 20


class ConcurrencyTest(CrashTest):
    def setUp(self):
        super().setUp()
        self.work = Workspace(Image(self, "ext4").point / "work")
        self.other = self.work.make_bundle("other", {"folder/note.txt": b"another note\n"})
        self.expected = self.undisturbed(self.work)

    def start_archive(self, bundle=None):
        return self.work.start(*self.work.archive_words("--json", bundle=bundle))

    def results_of(self, runs):
        ended = [end_of(run) for run in runs]
        for run in ended:
            self.require_exit(run, 0)
        return [json.loads(run.stdout)["result"]["stores"][0] for run in ended]

    def each_round(self):
        for number in range(ROUNDS):
            with self.subTest(round=number):
                yield
            self.work.forget()

    def test_two_runs_on_one_bundle(self):
        for _ in self.each_round():
            results = self.results_of([self.start_archive() for _ in range(2)])
            # The members, the manifest and the receipt: each written once, by one of the two.
            created = sum(result["created"] for result in results)
            self.assertEqual(created, results[0]["objects"] + 1)
            self.assertEqual(results[0]["receipt_sha256"], results[1]["receipt_sha256"])
            self.require_state(self.work, self.expected)
        print(f"{ROUNDS} rounds of two runs on one bundle")

    def test_two_bundles_of_one_session(self):
        for _ in self.each_round():
            results = self.results_of([self.start_archive(), self.start_archive(self.other)])
            for result in results:
                self.assertEqual(result["created"], result["objects"] + 1)
                self.require_exit(self.work.run("status", result["receipt_file"]), 0)
            self.assertEqual(len(self.work.receipts()), 2)
            self.assertEqual(self.work.debris(), set())
        print(f"{ROUNDS} rounds of two bundles of one session")

    def test_archive_beside_status(self):
        asked = 0
        for _ in self.each_round():
            self.require_exit(self.work.archive(), 0)
            receipt = self.work.receipts()[0]
            runs = [self.start_archive(), self.start_archive(self.other)]
            while any(run.poll() is None for run in runs):
                self.require_exit(self.work.run("status", receipt), 0)
                asked += 1
            again, _ = self.results_of(runs)
            self.assertEqual(again["created"], 0)
            self.assertEqual(len(self.work.receipts()), 2)
        print(f"{ROUNDS} rounds of archive beside status, which was asked {asked} times")
        self.assertGreater(asked, ROUNDS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
