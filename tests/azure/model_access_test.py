"""Who may do what to the model server: Shared Key, SAS, and bearers with roles."""

import shutil
import unittest

import curl
import signing
from access import AccessTest
from curl import Ask
from model_server import TABLE
from service import DAY, iso, rfc1123

UNTIL = "x-ms-immutability-policy-until-date"
# The emulators' well-known key, which the worked examples are signed with.
EXAMPLE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
EXAMPLE_DATE = "Mon, 23 Nov 2026 20:00:00 GMT"


class SignatureTest(unittest.TestCase):
    """The test's own code signs as the emulator was seen to take it."""

    ACCOUNT = "devstoreaccount1"

    def test_a_put(self):
        headers = {
            "Content-MD5": "XUFAKrxLKna5cZ2REBfFkg==", "Content-Type": "application/octet-stream", "If-None-Match": "*",
            "x-ms-blob-type": "BlockBlob", "x-ms-date": EXAMPLE_DATE, "x-ms-immutability-policy-mode": "unlocked",
            UNTIL: "Tue, 24 Nov 2026 20:00:00 GMT", "x-ms-version": "2025-11-05"}
        path = signing.path_of(self.ACCOUNT, "evidence", "a/b.bin")
        told = signing.shared_key(self.ACCOUNT, EXAMPLE_KEY, "PUT", path, {}, headers, 5)
        self.assertEqual(told, "SharedKey devstoreaccount1:V3wx8fzCB2CKrDx3prmJVPKOF+0njdsyXg1Q0EFttyA=")

    def test_a_list(self):
        query = {"restype": "container", "comp": "list", "include": "versions,immutabilitypolicy,legalhold",
                 "prefix": "a/"}
        headers = {"x-ms-date": EXAMPLE_DATE, "x-ms-version": "2025-11-05"}
        path = signing.path_of(self.ACCOUNT, "evidence")
        told = signing.shared_key(self.ACCOUNT, EXAMPLE_KEY, "GET", path, query, headers, 0)
        self.assertEqual(told, "SharedKey devstoreaccount1:3HpcAwJgSDeKYtw2sUmOY3w00X8G1hzlgeX28DUmpkQ=")


class SharedKeyTest(AccessTest):
    def fails(self, ask, status=403, code="AuthenticationFailed"):
        self.refused(self.run_one(ask), status, code)

    def test_a_wrong_key(self):
        self.fails(self.model.signed(self.at("GET"), EXAMPLE_KEY))

    def test_a_clock_that_is_off(self):
        for off_s, is_taken in ((-14 * 60, True), (14 * 60, True), (-16 * 60, False), (16 * 60, False)):
            ask = self.at("GET", headers={"x-ms-date": rfc1123(self.model.now() + off_s)})
            self.assertEqual(self.run_one(self.model.signed(ask)).status, 200 if is_taken else 403)
        self.model.control("POST", "clock", {"step": 3600, "skew": False})
        self.done(self.run_one(self.model.signed(self.at("GET"))))

    def test_no_date(self):
        ask = self.at("GET")
        ask.headers["Authorization"] = signing.shared_key(
            self.model.account, self.model.key, "GET", ask.path, {}, ask.headers, 0)
        self.fails(ask)

    def test_what_was_changed_after_signing(self):
        for change in ("header", "query", "path", "method", "body"):
            ask = self.model.signed(self.at("PUT", {"comp": "metadata"}, {"x-ms-meta-a": "1"}))
            if change == "header":
                ask.headers["x-ms-meta-a"] = "2"
            elif change == "query":
                ask.query["timeout"] = "5"
            elif change == "path":
                ask.path += "x"
            elif change == "method":
                ask.method = "DELETE"
            else:
                ask.body = b"more"
            self.fails(ask)

    def test_no_credentials(self):
        reply = self.run_one(self.at("GET"))
        self.refused(reply, 401, "NoAuthenticationInformation")
        self.assertIn("resource_id=https://storage.azure.com", reply.headers["www-authenticate"])

    def test_another_scheme(self):
        self.fails(self.at("GET", headers={"Authorization": "Basic YTpi"}), 401, "InvalidAuthenticationInfo")

    def test_odd_names_are_signed_as_they_go_over_the_wire(self):
        for name in ("ä ö+%&?#'()*!", "a//b", "\U0001f600"):
            ask = self.put(self.prefix + name)
            self.done(self.run_one(self.model.signed(ask)), 201)


class RoleTest(AccessTest):
    """Which role may do what, of the documentation's data actions."""

    def bearer(self, ask, role, **wish):
        token = self.model.control("POST", "token", {"role": role, **wish})["token"]
        return Ask(ask.method, ask.path, ask.query, {**ask.headers, "Authorization": "Bearer " + token}, ask.body)

    def test_what_each_role_may(self):
        until = {UNTIL: rfc1123(self.model.now() + DAY)}
        policy = {"comp": "immutabilityPolicies"}
        asks = {
            "read": self.at("GET"),
            "list": self.at("GET", {"restype": "container", "comp": "list"}, name=""),
            "container read": self.at("HEAD", {"restype": "container"}, name=""),
            "create": None,
            "overwrite": self.put(),
            "stage": self.at("PUT", {"comp": "block", "blockid": "YQ=="}, body=b"x"),
            "create with policy": None,
            "set policy": self.at("PUT", policy, until), "delete policy": self.at("DELETE", policy),
            "hold": self.at("PUT", {"comp": "legalhold"}, {"x-ms-legal-hold": "false"}),
            "tags": self.at("GET", {"comp": "tags"}),
        }
        all_of = set(asks)
        may = {
            "reader": {"read", "list"},
            "auditor": {"read", "list", "container read"},
            "uploader": {"read", "list", "container read", "create"},
            "block-uploader": {"read", "list", "container read", "create", "overwrite", "stage"},
            "contributor": {"read", "list", "container read", "create", "overwrite", "stage"},
            "retention": {"read", "list", "container read", "set policy", "delete policy", "hold"},
            "container-archivist": {"read", "list", "container read", "create", "overwrite", "stage"},
            "archivist": all_of - {"tags"}, "owner": all_of,
        }
        self.assertEqual(set(may), set(TABLE["rights"]["roles"]))
        for role, allowed in may.items():
            asks["create"] = self.put(f"{self.name}-{role}")
            asks["create with policy"] = self.put(f"{self.name}-{role}-2", **{UNTIL.replace("-", "_"): until[UNTIL]})
            replies = self.model.run([self.bearer(ask, role) for ask in asks.values()])
            for what, reply in zip(asks, replies):
                with self.subTest(role=role, what=what):
                    if what in allowed:
                        self.assertIn(reply.status, (200, 201), reply.body[:300])
                    else:
                        code = "UnauthorizedBlobOverwrite" if (role, what) == ("uploader", "overwrite") else \
                            "AuthorizationPermissionMismatch"
                        self.refused(reply, 403, code)

    def test_deleting(self):
        with_id = {"versionid": self.version}
        for role, ask, status in (("archivist", self.at("DELETE"), 403), ("contributor", self.at("DELETE"), 202),
                                  ("archivist", self.at("DELETE", with_id), 403),
                                  ("contributor", self.at("DELETE", with_id), 202)):
            self.assertEqual(self.run_one(self.bearer(ask, role)).status, status)

    def test_tokens_that_are_not_taken(self):
        for wish in ({"lifetime": 0}, {"audience": "https://management.azure.com/"}):
            reply = self.run_one(self.bearer(self.at("GET"), "reader", **wish))
            self.refused(reply, 401, "InvalidAuthenticationInfo")
            self.assertIn("www-authenticate", reply.headers)
        ask = self.bearer(self.at("GET"), "reader")
        ask.headers["Authorization"] = ask.headers["Authorization"][:-3] + "abc"
        self.refused(self.run_one(ask), 401, "InvalidAuthenticationInfo")

    def test_a_token_ends(self):
        ask = self.bearer(self.at("GET"), "reader", lifetime=60)
        self.done(self.run_one(ask))
        self.model.step(61)
        self.refused(self.run_one(ask), 401, "InvalidAuthenticationInfo")


class SasTest(AccessTest):
    def window(self, **fields):
        now_s = self.model.now()
        return {"st": iso(now_s - 900), "se": iso(now_s + 900), "spr": "https,http", "sv": "2022-11-02", **fields}

    def with_sas(self, ask, sas):
        headers = {name: value for name, value in ask.headers.items() if name != "Authorization"}
        return Ask(ask.method, ask.path, {**ask.query, **sas}, headers, ask.body)

    def service(self, ask, letters, key=None, blob=True, **fields):
        sas = signing.service_sas(self.model.account, key or self.model.key, self.v,
                                  self.name if blob is True else blob, self.window(sp=letters, **fields))
        return self.run_one(self.with_sas(ask, sas))

    def test_service(self):
        self.done(self.service(self.at("GET"), "r"))
        self.done(self.service(self.at("GET"), "r", blob=""))
        self.done(self.service(self.at("GET", {"restype": "container", "comp": "list"}, name=""), "rl", blob=""))
        self.done(self.service(self.put(), "w"), 201)

    def test_letters(self):
        until = rfc1123(self.model.now() + DAY)
        with_policy = self.put(self.name, **{UNTIL.replace("-", "_"): until})
        hold = self.at("PUT", {"comp": "legalhold"}, {"x-ms-legal-hold": "true"})
        no_right = "AuthorizationPermissionMismatch"
        cases = [("w", self.at("GET"), no_right), ("c", self.put(), "UnauthorizedBlobOverwrite"),
                 ("rw", with_policy, no_right), ("rd", self.at("DELETE", {"versionid": self.version}), no_right),
                 ("rw", hold, no_right)]
        for letters, ask, code in cases:
            self.refused(self.service(ask, letters), 403, code)
        self.done(self.service(with_policy, "wi"), 201)

    def test_what_is_not_taken(self):
        failed = "AuthenticationFailed"
        past = self.model.now() - 10
        for fields, code in (({"se": iso(past)}, failed), ({"st": iso(past + 100)}, failed),
                             ({"key": EXAMPLE_KEY}, failed), ({"letters": "wr"}, failed), ({"sv": "2017-01-01"}, failed), ({"blob": "another"}, failed),
                             ({"spr": "https"}, "AuthorizationProtocolMismatch"),
                             ({"sip": "10.0.0.1"}, "AuthorizationSourceIPMismatch")):
            with self.subTest(fields=fields):
                fields = dict(fields)
                self.refused(self.service(self.at("GET"), fields.pop("letters", "r"), **fields), 403, code)

    def test_account(self):
        def ask(what, **fields):
            fields = self.window(ss="b", srt="sco", sp="rl", **fields) if "sp" not in fields else self.window(**fields)
            return self.run_one(self.with_sas(what, signing.account_sas(self.model.account, self.model.key, fields)))
        container = self.at("HEAD", {"restype": "container"}, name="")
        self.done(ask(self.at("GET")))
        self.done(ask(container))
        self.done(ask(self.model.ask("GET", query={"comp": "list"}), sp="rl", ss="b", srt="sc"), 200)
        self.refused(ask(self.at("GET"), sp="r", ss="q", srt="o"), 403, "AuthorizationServiceMismatch")
        self.refused(ask(container, sp="r", ss="b", srt="o"), 403, "AuthorizationResourceTypeMismatch")

    def delegation_key(self, role, days=1):
        now_s = self.model.now()
        body = f"<KeyInfo><Start>{iso(now_s - 60)}</Start><Expiry>{iso(now_s + days * DAY)}</Expiry></KeyInfo>".encode()
        token = self.model.control("POST", "token", {"role": role})["token"]
        ask = self.model.ask("POST", query={"restype": "service", "comp": "userdelegationkey"},
                             headers={"Authorization": "Bearer " + token}, body=body)
        return self.run_one(ask)

    def test_user_delegation(self):
        self.refused(self.delegation_key("archivist"), 403, "AuthorizationPermissionMismatch")
        self.assertEqual(self.delegation_key("contributor", days=8).status, 400)
        root = self.done(self.delegation_key("contributor")).xml()
        key = {e.tag: e.text for e in root}
        fields = {"skoid": key["SignedOid"], "sktid": key["SignedTid"], "skt": key["SignedStart"],
                  "ske": key["SignedExpiry"], "sks": key["SignedService"], "skv": key["SignedVersion"]}
        self.done(self.service(self.at("GET"), "r", key=key["Value"], **fields))
        self.refused(self.service(self.at("GET"), "r", **fields), 403, "AuthenticationFailed")
        hold = self.at("PUT", {"comp": "legalhold"}, {"x-ms-legal-hold": "true"})
        reply = self.service(hold, "i", key=key["Value"], **fields)  # what its issuer may not, it may not
        self.refused(reply, 403, "AuthorizationPermissionMismatch")
        container = self.at("HEAD", {"restype": "container"}, name="")
        reply = self.service(container, "r", key=key["Value"], blob="", **fields)
        self.refused(reply, 403, "AuthorizationPermissionMismatch")


@unittest.skipUnless(shutil.which("openssl"), "left out: no openssl here to make a certificate")
class TlsTest(AccessTest):
    options = ("--tls",)

    def test_https_and_what_needs_it(self):
        token = self.model.control("POST", "token", {"role": "reader"})["token"]
        ask = self.at("GET", headers={"Authorization": "Bearer " + token})
        self.done(self.run_one(ask))
        [plain] = curl.run(self.model.base.replace("https:", "http:"), [ask])
        self.refused(plain, 403, "AuthenticationFailed")
        env = self.model.env("--identity", "secret")
        self.assertTrue(env["AZURE_AUTHORITY_HOST"].startswith("https://"))
        self.assertTrue(self.model.env("--identity", "imds")["AZURE_POD_IDENTITY_AUTHORITY_HOST"].startswith("http://"))


if __name__ == "__main__":
    unittest.main()
