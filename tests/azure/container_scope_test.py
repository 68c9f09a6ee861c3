"""A container's own policy ("scope": "container") on the model: what is proven by it, what is refused."""

import email.utils
import hashlib
import json
import unittest
from datetime import timedelta

from container import ContainerTest  # first: it knows where the others are

import curl
from archive_case import predicate
from curl import Ask
from store_cases import StoreCases, time_of

DAY = 86400
POLICIES = "/immutabilityPolicies/default"
RIGHT = "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies/read"


class ContainerScopeTest(ContainerTest):
    """As who may put, and read the policy, and no more."""

    made = 0

    def setUp(self):
        super().setUp()
        self.control("POST", "lie", {"name": None})
        self.addCleanup(self.control, "POST", "reset", {})
        self.become("container-archivist")

    def become(self, role, way="secret"):
        told = self.server.told("env", "--identity", way, "--role", role)
        kept = {k: v for k, v in self.environment.items() if not k.startswith("AZURE_")}
        self.environment = {**kept, **told}

    @property
    def account_id(self):
        account = self.server.environment["AZURE_STORAGE_ACCOUNT"]
        return f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/{account}"

    def configure(self, kind="C_LOCKED", **settings):
        self.use(self.server.environment["CAVRA_AZURE_CONTAINER_" + kind], **settings)

    def use(self, container, **settings):
        self.container = container
        scope = {"scope": "container", "account_id": self.account_id,
                 "management_endpoint": self.server.environment["CAVRA_AZURE_MANAGEMENT"],
                 "management_audience": "https://management.azure.com"}
        self.set_store("azure-immutable",
                       {"container": container, "prefix": self.prefix, **scope, **settings})

    def make_container(self, state, days, **settings):
        ContainerScopeTest.made += 1
        name = f"scope-{ContainerScopeTest.made}"
        self.control("POST", "container", {"name": name, "kind": "C", "policy": [state, days * DAY]})
        self.use(name, **settings)
        return name

    def manage(self, method, rest=POLICIES, body=None, if_match=None):
        token = self.control("POST", "token", {"role": "owner", "audience": "https://management.azure.com"})["token"]
        path = f"{self.account_id}/blobServices/default/containers/{self.container}{rest}"
        headers = {"Authorization": "Bearer " + token, **({"If-Match": if_match} if if_match else {})}
        raw = json.dumps(body).encode() if body is not None else b""
        [reply] = curl.run(self.server.environment["CAVRA_AZURE_MANAGEMENT"],
                           [Ask(method, path, {"api-version": "2023-05-01"}, headers, raw)])
        return reply

    def policy(self):
        return json.loads(self.manage("GET").body)

    def nothing_is_put(self, exit_status):
        told = self.ends(exit_status, *self.ARCHIVE).stderr
        self.assertEqual(self.versions(), [])
        self.assertEqual(self.receipts(), [])
        return told


class LockedTest(StoreCases, ContainerScopeTest):
    """A locked policy of ten years."""

    # A key is all that names a blob: nothing lies above it, and no blob has a date or a hold of its own.
    test_what_hides_objects_changes_nothing_that_is_proven = None
    test_later_acts = None
    test_probe = None

    def put_foreign(self, key, content):
        self.assertEqual(self.ask("PUT", key, None, {"x-ms-blob-type": "BlockBlob"}, content).status, 201)

    def look(self, key, version):
        self.assertEqual(version, "")
        shown, policy = self.ask("HEAD", key).headers, self.policy()["properties"]
        created = email.utils.parsedate_to_datetime(shown["x-ms-creation-time"])
        mode = {"Locked": "compliance", "Unlocked": "governance"}[policy["state"]]
        return mode, created + timedelta(days=policy["immutabilityPeriodSinceCreationInDays"]), False

    def test_what_is_forbidden_is_refused_to_the_key_of_the_account(self):
        receipt = self.archive()
        for key, _ in self.objects(receipt):
            for method, query, headers in (("DELETE", None, None),
                                           ("PUT", None, {"x-ms-blob-type": "BlockBlob"}),
                                           ("PUT", {"comp": "metadata"}, {"x-ms-meta-a": "b"})):
                reply = self.ask(method, key, query, headers)
                self.assertEqual((reply.status, reply.code), (409, "BlobImmutableDueToPolicy"), reply.body)
        etag = self.policy()["etag"]
        fewer = {"properties": {"immutabilityPeriodSinceCreationInDays": 1}}
        for reply in (self.manage("DELETE", if_match=etag), self.manage("PUT", body=fewer, if_match=etag),
                      self.manage("POST", POLICIES + "/extend", fewer, etag), self.manage("DELETE", "")):
            self.assertEqual(reply.status, 409, reply.body)
        self.done("status", receipt)

    def test_by_each_identity(self):
        for way in ("federated", "certificate", "imds", "app-service", "az"):
            with self.subTest(way):
                self.become("container-archivist", way)
                self.prefix += way
                self.configure(**({"authentication": "az"} if way == "az" else {}))
                self.done("status", self.archive())

    def test_a_large_object_goes_in_blocks(self):
        self.configure(single_put_bytes=1 << 20, block_bytes=1 << 20)
        self.make_bundle({"big.bin": bytes(range(256)) * (3 << 12)})
        self.restore(self.archive())

    def test_the_policy_is_read_once_a_session(self):
        self.make_bundle({f"{n}.txt": b"%d" % n for n in range(100)})
        told = self.done(*self.ARCHIVE, "--workers", "2", "--debug").stderr
        readings = sum(POLICIES + "?api-version" in line and " -> 200" in line for line in told.splitlines())
        self.assertGreaterEqual(readings, 4)  # those who put, those who prove, the manifest, the receipt
        self.assertLess(readings, 20)
        for secret in ("Bearer ", self.environment["AZURE_CLIENT_SECRET"]):
            self.assertNotIn(secret, told)

    def test_retain_as_far_as_the_policy_reaches(self):
        receipt = self.archive()
        key, each = next(self.objects(receipt))
        within = time_of(each["lock"]["retain_until"]) - timedelta(days=10)
        self.done("retain", receipt, "--until", within.strftime("%Y-%m-%dT00:00:00Z"), "--yes")
        self.assertEqual(len(self.receipts()), 2)
        before = self.policy()
        told = self.ends(4, "retain", self.receipts()[-1], "--until", "2044-01-01T00:00:00Z", "--yes").stderr
        self.assertIn("az storage container immutability-policy extend", told)
        self.assertIn(before["etag"], told)
        self.assertEqual(self.policy(), before)
        self.assertEqual(len(self.receipts()), 2)

    def test_a_hold_is_the_containers(self):
        self.assertIn("legal hold no", self.done("store", "describe", self.store).stdout)
        self.make_container("locked", 3650)
        receipt = self.archive()
        self.ends(4, "hold", "set", receipt, "--reason", "case 17", "--yes")
        self.assertEqual(self.manage("POST", "/setLegalHold", {"tags": ["case17"]}).status, 200)
        self.assertIn("under a legal hold", self.done("store", "probe", self.store).stdout)
        self.done("status", receipt)
        self.make_bundle({"another.txt": b"x"})
        self.done("status", self.archive())
        self.done(*self.ARCHIVE)
        self.assertEqual(len(self.receipts()), 2)

    def test_probe_and_describe(self):
        told = self.done("store", "probe", self.store).stdout
        self.assertIn("locked, 3650 days from a blob's creation: what is put now is held until 20", told)
        self.assertIn(RIGHT, self.done("store", "describe", self.store).stdout)
        self.become("owner")  # who may delete is refused by the lock
        told = self.ends(5, "store", "probe", self.store, "--destructive-test", "--yes").stdout
        for act in ("delete", "overwrite"):
            self.assertIn(f"held       {act}", told)
        self.assertEqual(told.count("weaken all that lies there"), 2, told)
        self.assertEqual(self.policy()["properties"]["immutabilityPeriodSinceCreationInDays"], 3650)

    def test_an_expired_lock_is_due(self):
        self.make_container("locked", 2600)
        receipt = self.archive()
        later = (time_of(predicate(receipt)["lock"]["retain_until"]) + timedelta(days=100))
        told = self.run_it("status", receipt, "--at", later.strftime("%Y-%m-%dT00:00:00Z"), "--json")
        self.assertIn('"due": true', told.stdout)

    def test_what_was_there_before_has_the_age_that_it_has(self):
        """Put two years before the archive: then the container's days are over two years earlier."""
        self.make_container("locked", 2600)
        self.archive()
        first, self.prefix = self.prefix, self.prefix + "-old"
        self.use(self.container)
        key = next(k for k, e in self.objects(self.receipts()[0]) if e["member"].endswith("note.txt"))
        member = (self.folder / "attached/note.txt").read_bytes()
        old = {"x-ms-blob-type": "BlockBlob", "x-ms-meta-cavrasha256": hashlib.sha256(member).hexdigest()}
        reply = self.ask("PUT", key.replace(first, self.prefix, 1), None, old, member)
        self.assertEqual(reply.status, 201, reply.body)
        self.control("POST", "container", {"name": self.container, "age": 730 * DAY})
        self.assertIn("too short", self.ends(4, *self.ARCHIVE).stderr)
        self.assertEqual(len(self.receipts()), 1)


class RefusedTest(ContainerScopeTest):
    def test_too_short_is_refused_before_anything_is_put(self):
        self.make_container("locked", 100)
        told = self.nothing_is_put(4)
        self.assertIn("too short", told)
        self.assertIn("immutability-policy extend", told)

    def test_none(self):
        for kind in ("C_NONE", "P0", "P1", "C_HELD"):
            self.configure(kind)
            self.assertIn("has no immutability policy", self.nothing_is_put(4))

    def test_unlocked_is_governance_where_that_is_wanted(self):
        self.configure("C_UNLOCKED")
        told = self.nothing_is_put(4)
        self.assertIn("immutability-policy lock", told)
        self.configure("C_UNLOCKED", mode="unlocked")
        receipt = self.archive()
        self.assertEqual({e["lock"]["mode"] for _, e in self.objects(receipt)}, {"governance"})
        self.done("status", receipt)
        self.restore(receipt)

    def test_a_policy_that_goes_is_told(self):
        self.make_container("unlocked", 3650, mode="unlocked")
        receipt = self.archive()
        self.assertEqual(self.manage("DELETE", if_match=self.policy()["etag"]).status, 200)
        self.ends(1, "status", receipt)
        self.assertIn("store.lock", self.findings(receipt))
        self.restore(receipt)

    def test_unlocked_is_locked_later(self):
        self.make_container("unlocked", 3650, mode="unlocked")
        self.assertEqual(predicate(self.archive())["lock"]["mode"], "governance")
        self.assertEqual(self.manage("POST", POLICIES + "/lock", if_match=self.policy()["etag"]).status, 200)
        self.use(self.container)
        self.assertEqual(predicate(self.archive())["lock"]["mode"], "compliance")

    def test_appends(self):
        days = {"immutabilityPeriodSinceCreationInDays": 3650}
        self.make_container("unlocked", 3650, mode="unlocked")
        self.assertEqual(
            self.manage("PUT", body={"properties": {**days, "allowProtectedAppendWrites": True}}).status, 200)
        self.assertIn("append blobs grow", self.done("store", "probe", self.store).stdout)
        receipt = self.archive()
        self.assertEqual(
            self.manage("PUT", body={"properties": {**days, "allowProtectedAppendWritesAll": True}}).status, 200)
        self.assertIn("allowProtectedAppendWritesAll", self.ends(4, "store", "probe", self.store).stderr)
        self.assertIn("store.lock", self.findings(receipt))

    def test_the_other_scope(self):
        self.configure("V_LOCKED")
        self.assertIn('"scope": "version"', self.nothing_is_put(4))
        self.set_store("azure-immutable", {"container": self.server.environment["CAVRA_AZURE_CONTAINER_C_LOCKED"],
                                           "prefix": self.prefix})
        self.assertIn('"scope": "container"', self.ends(4, *self.ARCHIVE).stderr)

    def test_a_missing_right_is_named(self):
        for role in ("block-uploader", "archivist"):
            self.become(role)
            self.assertIn(RIGHT, self.nothing_is_put(4))

    def test_who_has_no_token_can_read_and_prove_nothing(self):
        receipt = self.archive()
        self.environment = {**{k: v for k, v in self.environment.items() if not k.startswith("AZURE_")},
                            **self.server.environment}
        self.assertIn("takes tokens alone", self.ends(2, "archive", "bundle", "--store", self.store, "--yes",
                                                      "--retention", "8y").stderr)
        self.assertIn("takes tokens alone", self.ends(2, "status", receipt).stderr)
        self.restore(receipt)

    def test_settings(self):
        account = self.account_id
        for wrong, word in (
            ({"account_id": account + "x"}, "not seen to be of that account"),
            ({"account_id": account, "policy": "explicit"}, "explicit"),
            ({"account_id": "/subscriptions/s"}, "account_id"),
            ({"account_id": account, "management_endpoint": "http://management.example"}, "https"),
            ({}, "account_id"),
            ({"account_id": account, "scope": "version"}, "account_id"),
        ):
            with self.subTest(wrong):
                settings = {"container": self.container, "prefix": self.prefix, "scope": "container", **wrong}
                self.set_store("azure-immutable", settings)
                self.assertIn(word, self.ends(2, *self.ARCHIVE).stderr)

    def test_another_container(self):
        self.use("no-such-container")
        self.assertIn("ContainerNotFound", self.ends(2, *self.ARCHIVE).stderr)

    def test_the_containers_properties_are_needed(self):
        refusal = {"act": "answer", "times": 1000, "status": 403, "code": "AuthorizationPermissionMismatch"}
        self.control("POST", "fault", {"match": "HEAD .*restype=container", **refusal})
        self.assertIn("containers/read", self.nothing_is_put(4))

    def test_a_management_that_does_not_answer(self):
        self.fault("answer", times=100, status=403, code="AuthorizationFailed")
        self.assertIn(RIGHT, self.nothing_is_put(4))
        self.control("POST", "reset", {})
        self.fault("page", times=100)
        self.nothing_is_put(3)
        self.control("POST", "reset", {})
        for act in ("cut-before", "answer", "truncate"):
            self.fault(act, times=1)
        self.done("status", self.archive())

    def fault(self, act, **more):
        self.control("POST", "fault", {"match": "immutabilityPolicies", "act": act, **more})


class LiarTest(ContainerScopeTest):
    def lie(self, *names):
        for name in names:
            self.control("POST", "lie", {"name": name})

    def test_the_management_alone_says_that_it_is_locked(self):
        self.configure("C_NONE")
        self.lie("claimed-policy")
        self.assertIn("has no immutability policy", self.nothing_is_put(4))

    def test_the_container_alone_says_so(self):
        self.configure("C_NONE")
        self.lie("claimed-flag")
        self.assertIn("has no immutability policy", self.nothing_is_put(4))

    def test_both_say_so_and_nothing_holds(self):
        """Only doing shows it."""
        self.configure("C_NONE")
        self.lie("claimed-policy", "claimed-flag")
        told = self.run_it("store", "probe", self.store, "--destructive-test", "--yes")
        self.assertNotEqual(told.returncode, 0)
        self.assertIn("DOES NOT HOLD against overwrite", told.stdout)

    def test_a_policy_that_is_gone_when_it_is_proven(self):
        """The probe and who puts are told of it, who proves is not."""
        self.make_container("locked", 3650)
        self.control("POST", "fault", {"match": "immutabilityPolicies", "act": "answer", "skip": 3, "times": 1000,
                                       "status": 404, "code": "ContainerImmutabilityPolicyNotFound"})
        self.ends(5, *self.ARCHIVE, "--workers", "1")
        self.assertEqual(self.receipts(), [])

    def test_the_two_say_different_things_of_what_is_archived(self):
        self.make_container("unlocked", 3650, mode="unlocked")
        receipt = self.archive()
        self.assertEqual(self.manage("DELETE", if_match=self.policy()["etag"]).status, 200)
        self.lie("claimed-policy")
        self.assertIn("the container itself says that it has none", self.ends(5, "status", receipt).stderr)
        self.restore(receipt)

    def test_a_container_that_does_not_say(self):
        self.lie("silent-flags")
        self.assertIn("does not say", self.nothing_is_put(5))

    def test_bytes_that_are_lost(self):
        self.lie("lose-blob")
        self.ends(5, *self.ARCHIVE)
        self.assertEqual(self.receipts(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
