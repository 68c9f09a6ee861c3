"""The control plane of the model server: a container's own policy and holds, cell by cell."""

import json
import unittest

import curl
from curl import Ask
from model_server import TABLE, ModelTest

API = {"api-version": "2023-05-01"}
POLICY = "/immutabilityPolicies/default"


def expected(row, state):
    cells = TABLE["management"][row]
    words = cells.get(state, cells.get("*", "-")).split()
    return None if words == ["-"] else (int(words[0]), words[1] if len(words) == 3 else None)


class ManagementTest(ModelTest):
    def setUp(self):
        super().setUp()
        self.address = self.model.environment["CAVRA_AZURE_MANAGEMENT"]
        self.tokens, self.containers = {}, 0

    def token(self, role, audience="https://management.azure.com/"):
        if (role, audience) not in self.tokens:
            wish = {"role": role, "audience": audience}
            self.tokens[role, audience] = self.model.control("POST", "token", wish)["token"]
        return self.tokens[role, audience]

    def ask(self, method, container, rest="", body=None, if_match=None, role="owner", query=None, token=None):
        path = (f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/{self.model.account}"
                f"/blobServices/default/containers/{container}{rest}")
        headers = {"Authorization": "Bearer " + (token or self.token(role)), "Content-Type": "application/json"}
        if if_match:
            headers["If-Match"] = if_match
        raw = json.dumps(body).encode() if body is not None else b""
        return curl.run(self.address, [Ask(method, path, query or API, headers, raw)])[0]

    def answers(self, reply, status, code=None):
        told = json.loads(reply.body)["error"]["code"] if reply.status >= 400 else None
        self.assertEqual((reply.status, told), (status, code), reply.body)
        return json.loads(reply.body) if reply.body else None

    @staticmethod
    def days(number, **more):
        return {"properties": {"immutabilityPeriodSinceCreationInDays": number, **more}}

    def container(self, state, kind="P0"):
        """(its name, the policy's etag) of a container whose policy is in that state, 10 days."""
        self.containers += 1
        name, etag = f"arm-{ModelTest.count}-{self.containers}", None
        self.model.control("POST", "container", {"name": name, "kind": kind})
        if state != "none":
            etag = self.answers(self.ask("PUT", name, POLICY, self.days(10)), 200)["etag"]
        if state == "locked":
            etag = self.answers(self.ask("POST", name, POLICY + "/lock", if_match=etag), 200)["etag"]
        return name, etag

    def policy(self, name):
        return self.answers(self.ask("GET", name, POLICY), 200)["properties"]

    def test_the_policy_cell_by_cell(self):
        extend, lock = POLICY + "/extend", POLICY + "/lock"
        operations = {
            "get policy": [("GET", POLICY, None, True, (0, 10))],
            "put policy": [("PUT", POLICY, 5, False, 5), ("PUT", POLICY, 15, True, 15)],
            "lock policy": [("POST", lock, None, True, 10)],
            "extend policy, more days": [("POST", extend, 11, True, 11)],
            "extend policy, fewer days": [("POST", extend, 9, True, None), ("POST", extend, 10, True, None)],
            "delete policy": [("DELETE", POLICY, None, True, 0)],
            "wrong or missing If-Match": [],
        }
        for kind in ("P0", "V"):
            for row, forms in operations.items():
                for state in ("none", "unlocked", "locked"):
                    for method, rest, days, with_etag, after in forms if expected(row, state) else []:
                        with self.subTest(kind=kind, row=row, state=state, days=days):
                            name, etag = self.container(state, kind)
                            before = self.policy(name)
                            reply = self.ask(method, name, rest, self.days(days) if days else None,
                                             etag if with_etag else None)
                            told = self.answers(reply, *expected(row, state))
                            now = self.policy(name)
                            if reply.status >= 400:
                                self.assertEqual(now, before)
                            elif row != "get policy":
                                self.assertEqual(now["immutabilityPeriodSinceCreationInDays"], after)
                                self.assertNotEqual(told["etag"], etag)

    def test_etags(self):
        status_and_code = expected("wrong or missing If-Match", "unlocked")
        for state, method, rest, days in (("unlocked", "POST", "/lock", None), ("unlocked", "DELETE", "", None),
                                          ("unlocked", "PUT", "", 5), ("locked", "POST", "/extend", 20)):
            for etag in ('"8da4aa06067ddc5"', None):
                if method == "PUT" and not etag:
                    continue  # there it need not be
                name, _ = self.container(state)
                before = self.policy(name)
                reply = self.ask(method, name, POLICY + rest, self.days(days) if days else None, etag)
                self.answers(reply, *status_and_code)
                self.assertEqual(self.policy(name), before)

    def test_five_extensions(self):
        for kind, last in (("P0", expected("extend policy, sixth time", "locked")), ("V", (200, None))):
            name, etag = self.container("locked", kind)
            for days in range(11, 16):
                etag = self.answers(self.ask("POST", name, POLICY + "/extend", self.days(days), etag), 200)["etag"]
            self.answers(self.ask("POST", name, POLICY + "/extend", self.days(16), etag), *last)

    def test_values_that_are_refused(self):
        name, _ = self.container("none")
        for body in (self.days(0), self.days(146_001), self.days("3"), {}, self.days(3, state="Locked"),
                     self.days(3, allowProtectedAppendWrites=True, allowProtectedAppendWritesAll=True)):
            self.assertEqual(self.ask("PUT", name, POLICY, body).status, 400)

    def test_it_protects_blobs(self):
        name, etag = self.container("unlocked")
        self.model.sign_and_run([self.model.put(name, "a")])
        self.refused(self.model.one("DELETE", name, "a"), 409, "BlobImmutableDueToPolicy")
        self.answers(self.ask("DELETE", name, POLICY, if_match=etag), 200)
        self.done(self.model.one("DELETE", name, "a"), 202)

    def test_a_default_is_inherited(self):
        name, _ = self.container("locked", "V")
        self.model.sign_and_run([self.model.put(name, "a")])
        shown = self.model.one("HEAD", name, "a").headers
        self.assertEqual(shown["x-ms-immutability-policy-mode"], "locked")

    def test_holds(self):
        name, _ = self.container("none")
        hold = lambda verb, tags: self.answers(self.ask("POST", name, verb, {"tags": tags}), 200)
        self.assertEqual(hold("/setLegalHold", ["Case1"]), {"hasLegalHold": True, "tags": ["case1"]})
        self.assertEqual(hold("/setLegalHold", ["case1", "case2"])["tags"], ["case1", "case2"])
        self.model.sign_and_run([self.model.put(name, "a")])
        self.refused(self.model.one("DELETE", name, "a"), 409, "BlobImmutableDueToLegalHold")
        self.answers(self.ask("DELETE", name), *expected("delete container, held", "none"))
        self.assertEqual(hold("/clearLegalHold", ["case1"])["tags"], ["case2"])
        self.assertEqual(hold("/clearLegalHold", ["case2"]), {"hasLegalHold": False, "tags": []})
        self.done(self.model.one("DELETE", name, "a"), 202)
        self.assertEqual(self.ask("POST", name, "/setLegalHold", {"tags": ["a b"]}).status, 400)
        name, _ = self.container("none", "V")
        reply = self.ask("POST", name, "/setLegalHold", {"tags": ["case1"]})
        self.answers(reply, *expected("set legal hold, version-level", "none"))

    def test_containers(self):
        body = {"properties": {"publicAccess": "None", "immutableStorageWithVersioning": {"enabled": True}}}
        told = self.answers(self.ask("PUT", "arm-made", body=body), 201)
        self.assertTrue(told["properties"]["immutableStorageWithVersioning"]["enabled"])
        for state in ("none", "unlocked", "locked"):
            name, _ = self.container(state)
            told = self.answers(self.ask("GET", name), *expected("get container", state))["properties"]
            self.assertEqual(told["hasImmutabilityPolicy"], state != "none")
            if state == "locked":
                history = told["immutabilityPolicy"]["updateHistory"]
                self.assertEqual([h["update"] for h in history], ["put", "lock"])
            self.model.sign_and_run([self.model.put(name, "a")])
            self.answers(self.ask("DELETE", name), *expected("delete container, not empty", state))
        for state in ("none", "unlocked", "locked"):
            name, _ = self.container(state)
            self.assertEqual((self.ask("DELETE", name).status, None), expected("delete container", state))
            self.answers(self.ask("GET", name), 404, "ContainerNotFound")

    def test_who_may(self):
        name, etag = self.container("unlocked")
        self.answers(self.ask("GET", name, POLICY, role="auditor"), 200)
        for reply in (self.ask("PUT", name, POLICY, self.days(3), role="retention"),
                      self.ask("POST", name, POLICY + "/lock", if_match=etag, role="archivist")):
            self.answers(reply, 403, "AuthorizationFailed")
        self.answers(self.ask("POST", name, POLICY + "/lock", if_match=etag, role="retention"), 200)
        storage = self.token("owner", "https://storage.azure.com/")
        self.answers(self.ask("GET", name, token=storage), 401, "InvalidAuthenticationInfo")
        self.answers(self.ask("GET", name, query={"api-version": "1999-01-01"}), 400, "InvalidApiVersionParameter")


if __name__ == "__main__":
    unittest.main()
