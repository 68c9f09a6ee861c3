"""Who may do what to the model server: Shared Key, SAS, bearers with roles, and who hands out tokens."""

import json
import pathlib
import shutil
import unittest
import urllib.parse

import curl
import signing
from curl import Ask
from model_server import DAY, TABLE, ModelTest, iso, rfc1123

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


class AccessTest(ModelTest):
    def setUp(self):
        super().setUp()
        self.v, self.name = self.model.container("V"), self.prefix + "blob"
        [reply] = self.model.sign_and_run([self.model.put(self.v, self.name)])
        self.version = self.done(reply, 201).headers["x-ms-version-id"]

    def at(self, method, query=None, headers=None, body=b"", name=None):
        return self.model.ask(method, self.v, self.name if name is None else name, query, headers, body)

    def put(self, name=None, **headers):
        return self.model.put(self.v, name or self.name, **headers)

    def run_one(self, ask):
        return self.model.run([ask])[0]


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
        cases = [("w", self.at("GET"), "AuthorizationPermissionMismatch"), ("c", self.put(), "UnauthorizedBlobOverwrite"),
                 ("rw", with_policy, "AuthorizationPermissionMismatch"),
                 ("rd", self.at("DELETE", {"versionid": self.version}), "AuthorizationPermissionMismatch"),
                 ("rw", self.at("PUT", {"comp": "legalhold"}, {"x-ms-legal-hold": "true"}), "AuthorizationPermissionMismatch")]
        for letters, ask, code in cases:
            self.refused(self.service(ask, letters), 403, code)
        self.done(self.service(with_policy, "wi"), 201)

    def test_what_is_not_taken(self):
        failed = "AuthenticationFailed"
        past = self.model.now() - 10
        for fields, code in (({"se": iso(past)}, failed), ({"st": iso(past + 100)}, failed), ({"key": EXAMPLE_KEY}, failed),
                             ({"letters": "wr"}, failed), ({"sv": "2017-01-01"}, failed), ({"blob": "another"}, failed),
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


class IdentityTest(AccessTest):
    STORAGE = "https://storage.azure.com"
    ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    def setUp(self):
        super().setUp()
        self.made = 0

    def environment(self, way, role="uploader"):
        return self.model.env("--identity", way, "--role", role)

    def ask(self, url, headers, form=None, method=None):
        parts = urllib.parse.urlsplit(url)
        body = urllib.parse.urlencode(form).encode() if form else b""
        if form:
            headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        ask = Ask(method or ("POST" if form else "GET"), parts.path, dict(urllib.parse.parse_qsl(parts.query)),
                  headers, body)
        return curl.run(f"{parts.scheme}://{parts.netloc}", [ask], *self.model.curl_options)[0]

    def entra(self, env, **changes):
        form = {"grant_type": "client_credentials", "client_id": env["AZURE_CLIENT_ID"],
                "scope": self.STORAGE + "/.default"}
        if "AZURE_CLIENT_SECRET" in env:
            form["client_secret"] = env["AZURE_CLIENT_SECRET"]
        else:
            form["client_assertion_type"] = self.ASSERTION
            form["client_assertion"] = pathlib.Path(env["AZURE_FEDERATED_TOKEN_FILE"]).read_text().strip()
        form = {k: v for k, v in {**form, **changes}.items() if v is not None}
        return self.ask(env["AZURE_AUTHORITY_HOST"] + env["AZURE_TENANT_ID"] + "/oauth2/v2.0/token", {}, form)

    def require_good_for(self, reply, may_create=True):
        token = json.loads(self.done(reply).body)["access_token"]
        self.made += 1
        ask = self.put(f"{self.name}-{self.made}")
        ask.headers["Authorization"] = "Bearer " + token
        self.assertEqual(self.run_one(ask).status, 201 if may_create else 403)

    def no(self, reply, status, error):
        self.assertEqual((reply.status, json.loads(reply.body)["error"]), (status, error))

    def test_no_keys_beside_an_identity(self):
        self.assertNotIn("AZURE_STORAGE_KEY", self.environment("secret"))
        self.assertNotIn("AZURE_STORAGE_CONNECTION_STRING", self.environment("secret"))

    def test_entra_by_assertion_and_by_secret(self):
        for way in ("federated", "secret"):
            reply = self.entra(self.environment(way))
            self.assertEqual(json.loads(reply.body)["expires_in"], 3600)
            self.require_good_for(reply)
        self.require_good_for(self.entra(self.environment("secret", "reader")), may_create=False)

    def test_entra_refuses(self):
        secret, federated = self.environment("secret"), self.environment("federated")
        for env, changes, status, error in (
                (secret, {"client_secret": "x"}, 401, "invalid_client"),
                (secret, {"client_id": "x"}, 400, "unauthorized_client"),
                (secret, {"scope": self.STORAGE}, 400, "invalid_scope"),
                (secret, {"grant_type": "password"}, 400, "unsupported_grant_type"),
                (secret, {"resource": self.STORAGE}, 400, "invalid_request"),
                (secret, {"client_secret": None}, 400, "invalid_request"),
                (federated, {"client_assertion": "a.b.c"}, 401, "invalid_client"),
                (federated, {"client_assertion_type": "jwt-bearer"}, 400, "invalid_request")):
            with self.subTest(changes=changes):
                self.no(self.entra(env, **changes), status, error)

    def test_a_federated_token_is_rotated(self):
        env = self.environment("federated")
        before = pathlib.Path(env["AZURE_FEDERATED_TOKEN_FILE"]).read_text().strip()
        self.model.control("POST", "identity", {"rotate": 3600})
        self.no(self.entra(env, client_assertion=before), 401, "invalid_client")
        self.require_good_for(self.entra(env))

    def machine(self, url, header, **changes):
        query = {"resource": self.STORAGE + "/", **changes}
        query = {k: v for k, v in query.items() if v is not None}
        return self.ask(url + "?" + urllib.parse.urlencode(query), header)

    def test_a_virtual_machine(self):
        env = self.environment("imds")
        url = env["AZURE_POD_IDENTITY_AUTHORITY_HOST"] + "/metadata/identity/oauth2/token"
        version, header = {"api-version": "2018-02-01"}, {"Metadata": "true"}
        reply = self.done(self.machine(url, header, **version, client_id=env["AZURE_CLIENT_ID"]))
        told = json.loads(reply.body)
        self.assertTrue(all(isinstance(value, str) for value in told.values()), told)
        self.assertEqual(told["expires_in"], "3600")
        self.require_good_for(reply)
        for headers, changes in (({}, version), (header, {"api-version": "2019-08-01"}), (header, {}),
                                 (header, {**version, "resource": "https://vault.azure.net"}),
                                 (header, {**version, "client_id": "x"}), (header, {**version, "more": "x"}),
                                 ({**header, "X-Forwarded-For": "10.0.0.1"}, version)):
            with self.subTest(headers=headers, changes=changes):
                self.assertEqual(self.machine(url, headers, **changes).status, 400)

    def test_app_service(self):
        env = self.environment("app-service")
        version = {"api-version": "2019-08-01"}
        reply = self.machine(env["IDENTITY_ENDPOINT"], {"X-IDENTITY-HEADER": env["IDENTITY_HEADER"]}, **version)
        self.assertRegex(json.loads(reply.body)["expires_on"], r"^\d{10,}$")
        self.require_good_for(reply)
        self.assertEqual(self.machine(env["IDENTITY_ENDPOINT"], {"X-IDENTITY-HEADER": "x"}, **version).status, 401)
        self.assertEqual(self.machine(env["IDENTITY_ENDPOINT"], {}, **version).status, 401)

    def test_lifetime_role_and_faults(self):
        self.model.control("POST", "identity", {"lifetime": 120, "role": "reader"})
        self.addCleanup(self.model.control, "POST", "identity", {"role": "archivist"})
        self.model.control("POST", "fault", {"match": "GET /metadata", "act": "answer", "status": 429, "code": "busy"})
        url = self.environment("imds")["AZURE_POD_IDENTITY_AUTHORITY_HOST"] + "/metadata/identity/oauth2/token"
        wish = {"api-version": "2018-02-01"}
        self.no(self.machine(url, {"Metadata": "true"}, **wish), 429, "busy")
        reply = self.machine(url, {"Metadata": "true"}, **wish)
        self.assertEqual(json.loads(reply.body)["expires_in"], "120")
        self.require_good_for(reply, may_create=False)
        self.assertEqual(self.model.control("GET", "faults")[0]["delivered"], 1)


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
