"""Who hands out tokens beside the model server: Entra, a virtual machine's endpoint, App Service's."""

import json
import pathlib
import unittest
import urllib.parse

import curl
from access import AccessTest
from curl import Ask


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


if __name__ == "__main__":
    unittest.main()
