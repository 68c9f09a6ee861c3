"""Who hands out tokens beside the model server: Entra, a virtual machine's endpoint, App Service's."""

import base64
import hashlib
import json
import os
import pathlib
import subprocess
import unittest
import urllib.parse
import uuid

import curl
from access import AccessTest
from curl import Ask

PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")


def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


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
        elif "AZURE_FEDERATED_TOKEN_FILE" in env:
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

    # A client assertion as openssl signs it, apart from how the plugin does.

    def assertion(self, env, changed_header=(), key=None, pss=PSS, **changed):
        file = pathlib.Path(env["AZURE_CLIENT_CERTIFICATE_PATH"])
        der = self.openssl("x509", "-in", file, "-outform", "DER")
        now_s = int(self.model.now())
        header = {"alg": "PS256", "typ": "JWT", "x5t#S256": part(hashlib.sha256(der).digest())} | dict(changed_header)
        claims = {"aud": env["AZURE_AUTHORITY_HOST"] + env["AZURE_TENANT_ID"] + "/oauth2/v2.0/token",
                  "iss": env["AZURE_CLIENT_ID"], "sub": env["AZURE_CLIENT_ID"], "jti": str(uuid.uuid4()),
                  "nbf": now_s, "iat": now_s, "exp": now_s + 600} | changed
        text = ".".join(part(json.dumps(each).encode()) for each in (header, claims))
        signature = self.openssl("dgst", "-sha256", *pss, "-sign", key or file, stdin=text.encode())
        return text + "." + part(signature)

    def openssl(self, *words, stdin=None):
        return subprocess.run(["openssl", *words], input=stdin, check=True, capture_output=True).stdout

    def by(self, assertion, env):
        return self.entra(env, client_assertion_type=self.ASSERTION, client_assertion=assertion)

    def test_a_certificate(self):
        env = self.environment("certificate")
        self.require_good_for(self.by(self.assertion(env), env))
        self.assertEqual(self.model.control("GET", "identity")["issued"]["certificate"], 1)

    def test_a_certificate_is_refused(self):
        env, now_s = self.environment("certificate"), int(self.model.now())
        other = pathlib.Path(self.model.folder) / "other.key"
        self.openssl("genpkey", "-algorithm", "RSA", "-out", other)
        self.addCleanup(other.unlink)
        for number, changes in (
                (700027, {"changed_header": {"x5t#S256": part(bytes(32))}}),
                (700027, {"changed_header": {"alg": "RS256"}}), (700027, {"key": other}), (700027, {"pss": ()}),
                (700023, {"aud": "https://login.microsoftonline.com/other/oauth2/v2.0/token"}),
                (700021, {"iss": "x"}), (700021, {"sub": "x"}), (50027, {"jti": "1"}),
                (700024, {"exp": now_s - 1}), (700024, {"exp": now_s + 700}),
                (700024, {"nbf": now_s + 400, "iat": now_s + 400, "exp": now_s + 900})):
            with self.subTest(changes=changes):
                reply = self.by(self.assertion(env, **changes), env)
                self.no(reply, 401, "invalid_client")
                self.assertEqual(json.loads(reply.body)["error_codes"], [number])
        good = self.assertion(env)
        self.no(self.by(good.rpartition(".")[0] + ".AAAA", env), 401, "invalid_client")
        self.no(self.by(good + "=", env), 401, "invalid_client")

    def az(self, *words, **changed):
        env = {**os.environ, **self.model.environment, **self.environment("az"), **changed}
        env = {name: value for name, value in env.items() if value is not None}
        return subprocess.run(["az", *words], env=env, capture_output=True, text=True, check=False)

    def test_az(self):
        words = ("account", "get-access-token", "--resource", self.STORAGE + "/", "--output", "json")
        told = self.az(*words)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertEqual(json.loads(told.stdout)["tokenType"], "Bearer")
        for wrong in (self.az(*words, CAVRA_AZ_ROLE=None), self.az("account", "show")):
            self.assertEqual((wrong.returncode, wrong.stdout), (1, ""))

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
