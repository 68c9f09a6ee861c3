"""What hands out tokens, as a model on loopback: Entra's token endpoint, a VM's and App Service's; and `az`.

Each checks its request strictly: what the documentation does not ask for is refused. Entra and the
machines' endpoints share a port; no real host has both, and none of their paths are alike. Tokens are
the model's own (azure_model/tokens.py) and end when they say.
"""

import json
import os
import pathlib
import secrets
import uuid
from urllib.parse import parse_qsl

from azure_model.call import Answer
from azure_model.exchange import Exchange
from azure_model.refused import Refused
from azure_model.tokens import MANAGEMENT, STORAGE, TENANT, seal, unseal
from client_certificate import ClientCertificate, is_signed_by_certificate

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE_AUDIENCE = "api://AzureADTokenExchange"
SUBJECT, ISSUER = "system:serviceaccount:cavra:archiver", "https://issuer.cavra.example/"
IMDS_PATH, APP_SERVICE_PATH = "/metadata/identity/oauth2/token", "/msi/token"
ENTRA_PATH = f"/{TENANT}/oauth2/v2.0/token"
AZ = pathlib.Path(__file__).parent / "az_login"


class Identities:
    """The federated token's file, the certificate of all applications and what else the endpoints know."""

    def __init__(self, model, folder):
        self.model, self.file = model, folder / "federated-token"
        self.header = secrets.token_hex(16)  # IDENTITY_HEADER
        self.role = "archivist"  # of the machine, when a request names no client
        self.issued = {"federated": 0, "secret": 0, "certificate": 0, "imds": 0, "app-service": 0, "az": 0}
        self.certificate = ClientCertificate(folder)
        self._secret, self._assertion_id = secrets.token_bytes(32), None
        self.rotate()

    def rotate(self, lifetime_s=3600):
        """A new federated token in the file; the one before is taken no more."""
        now_s = int(self.model.clock.now())
        self._assertion_id = str(uuid.uuid4())
        claims = {"iss": ISSUER, "sub": SUBJECT, "aud": [EXCHANGE_AUDIENCE], "iat": now_s, "nbf": now_s,
                  "exp": now_s + lifetime_s, "jti": self._assertion_id}
        scratch = self.file.with_suffix(".new")
        scratch.write_text(seal(self._secret, claims) + "\n")
        scratch.rename(self.file)

    def takes(self, assertion):
        claims = unseal(self._secret, assertion)
        return claims and claims["jti"] == self._assertion_id and self.model.clock.now() < claims["exp"]

    def control(self, _model, wish, _query):
        """POST identity of control.py: {"lifetime": s, "role": of the machine, "rotate": lifetime of the new
        federated token}. GET tells what there is."""
        tokens = self.model.tokens
        tokens.lifetime_s = wish.get("lifetime", tokens.lifetime_s)
        if wish.get("role", self.role) not in tokens.clients:
            raise ValueError("no such role")
        self.role = wish.get("role", self.role)
        if "rotate" in wish:
            self.rotate(wish["rotate"])
        clients = {role: {"id": c.id, "object_id": c.object_id, "secret": c.secret}
                   for role, c in tokens.clients.items()}
        return {"tenant": TENANT, "clients": clients, "federated_token_file": str(self.file),
                "certificate_file": str(self.certificate.file), "header": self.header, "role": self.role, "lifetime": tokens.lifetime_s, "issued": self.issued}

    def control_token(self, _model, wish, _query):
        """POST token: {"role", "audience", "lifetime"}: a token without asking anyone. "way": as what it counts."""
        client = self.model.tokens.clients[wish["role"]]
        token, claims = self.model.tokens.issue(client, wish.get("audience", STORAGE), wish.get("lifetime"))
        if "way" in wish:
            self.issued[wish["way"]] += 1
        return {"token": token, "ends": claims["exp"], "tenant": TENANT}


def _no(status, error, number, why, headers=()):
    refused = Refused(status, error, why, headers)
    refused.numbers = [number]
    return refused


class IdentityHandler(Exchange):
    def __init__(self, identities, sock, is_tls):
        super().__init__(identities.model, sock, is_tls)
        self.identities = identities

    def work(self, request):
        if request.path == IMDS_PATH:
            return self._imds(request)
        if request.path == APP_SERVICE_PATH:
            return self._app_service(request)
        return self._entra(request)

    def refuse(self, _request, refused):
        numbers = getattr(refused, "numbers", [])
        text = json.dumps({"error": refused.code, "error_codes": numbers,
                           "error_description": f"AADSTS{numbers[0] if numbers else 0}: {refused.message}"})
        return Answer(refused.status, [*refused.headers, ("Content-Type", "application/json; charset=utf-8")],
                      text.encode())

    def _give(self, way, client, audience, form):
        self.identities.issued[way] += 1
        token, claims = self.model.tokens.issue(client, audience)
        fields = form(token, claims)
        return Answer(200, [("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store")],
                      json.dumps(fields).encode())

    # Entra.

    def _entra(self, request):
        form = self._form(request)
        if form["grant_type"] != "client_credentials":
            raise _no(400, "unsupported_grant_type", 70003, "Only client_credentials is taken.")
        if form["scope"] not in (STORAGE + "/.default", MANAGEMENT + "/.default"):
            raise _no(400, "invalid_scope", 70011, "The scope is not known.")
        client = self.model.tokens.client(id=form["client_id"])
        if client is None:
            raise _no(400, "unauthorized_client", 700016, "The application was not found in the directory.")
        way = self._way(form)
        if way == "secret" and form["client_secret"] != client.secret:
            raise _no(401, "invalid_client", 7000215, "Invalid client secret provided.")
        if way != "secret" and form["client_assertion_type"] != ASSERTION_TYPE:
            raise _no(400, "invalid_request", 900144, "client_assertion_type is wrong.")
        if way == "federated" and not self.identities.takes(form["client_assertion"]):
            raise _no(401, "invalid_client", 700024, "The client assertion is not signed by its issuer or not current.")
        if way == "certificate" and (problem := self._certificate_problem(form)):
            raise _no(401, "invalid_client", *problem)
        return self._give(way, client, form["scope"].removesuffix("/.default"), self._entra_form)

    @staticmethod
    def _way(form):
        if "client_assertion" not in form:
            return "secret"
        return "certificate" if is_signed_by_certificate(form["client_assertion"]) else "federated"

    def _certificate_problem(self, form):
        return self.identities.certificate.problem(form["client_assertion"], form["client_id"],
                                                   self.model.authority + ENTRA_PATH, self.model.clock.now())

    def _form(self, request):
        if request.path != ENTRA_PATH or request.query:
            raise _no(400, "invalid_request", 90002, "There is no such tenant or endpoint.")
        if request.method != "POST":
            raise _no(400, "invalid_request", 900561, "The endpoint only accepts POST.")
        if self.model.has_tls and not self.is_tls:
            raise _no(400, "invalid_request", 900000, "Only by HTTPS.")
        if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
            raise _no(400, "invalid_request", 900144, "The body is no form.")
        pairs = parse_qsl(self.connection.read_all(1 << 16).decode("latin-1"), keep_blank_values=True)
        form = dict(pairs)
        common = {"grant_type", "client_id", "scope"}
        ways = (common | {"client_secret"}, common | {"client_assertion", "client_assertion_type"})
        if len(form) != len(pairs) or set(form) not in ways:
            raise _no(400, "invalid_request", 900144, "The form lacks a parameter or has one too many.")
        return form

    @staticmethod
    def _entra_form(token, claims):
        left = claims["exp"] - claims["iat"]
        return {"token_type": "Bearer", "expires_in": left, "ext_expires_in": left, "access_token": token}

    # Managed identities.

    def _machine(self, request, version, may):
        """(client, audience) that a request asks for."""
        query = request.query
        if request.method != "GET":
            raise _no(405, "invalid_request", 0, "GET only.")
        if query.get("api-version") != version:
            raise _no(400, "invalid_request", 0, f"The api-version is {version}.")
        if set(query) - {"api-version", "resource", *may}:
            raise _no(400, "invalid_request", 0, "A parameter is not known.")
        audience = query.get("resource", "")
        if audience.rstrip("/") not in (STORAGE, MANAGEMENT):
            raise _no(400, "invalid_resource", 500011, "The resource was not found.")
        named = [name for name in may if name in query]
        if len(named) > 1:
            raise _no(400, "invalid_request", 0, "One identity at a time.")
        tokens = self.model.tokens
        client = tokens.clients[self.identities.role]
        if named:
            field = {"client_id": "id", "object_id": "object_id"}.get(named[0])
            client = tokens.client(**{field: query[named[0]]}) if field else None
        if client is None:
            raise _no(400, "invalid_request", 0, "Identity not found")
        return client, audience

    def _machine_form(self, audience, client, with_more):
        def form(token, claims):
            fields = {"access_token": token, "client_id": client.id, "expires_on": str(claims["exp"]),
                      "resource": audience, "token_type": "Bearer"}
            if with_more:
                left = claims["exp"] - int(self.model.clock.now())
                fields.update(expires_in=str(left), ext_expires_in=str(left), not_before=str(claims["nbf"]))
            return fields
        return form

    def _imds(self, request):
        if request.headers.get("metadata", "").lower() != "true":
            raise _no(400, "invalid_request", 0, "Required metadata header not specified")
        if "x-forwarded-for" in request.headers or "via" in request.headers:
            raise _no(400, "invalid_request", 0, "Not by a proxy.")
        client, audience = self._machine(request, "2018-02-01", ("client_id", "object_id", "msi_res_id"))
        return self._give("imds", client, audience, self._machine_form(audience, client, True))

    def _app_service(self, request):
        if request.headers.get("x-identity-header") != self.identities.header:
            raise _no(401, "unauthorized", 0, "X-IDENTITY-HEADER is missing or wrong.")
        client, audience = self._machine(request, "2019-08-01", ("client_id", "principal_id", "mi_res_id"))
        return self._give("app-service", client, audience, self._machine_form(audience, client, False))


def environment(model, identities, address):
    """What a process of each way finds in its environment, for a role's client."""
    machine = "http://" + address.partition("://")[2]
    ways = {}
    for role, client in model.tokens.clients.items():
        common = {"AZURE_CLIENT_ID": client.id}
        entra = {**common, "AZURE_TENANT_ID": TENANT, "AZURE_AUTHORITY_HOST": address + "/"}
        ways[role] = {
            "federated": {**entra, "AZURE_FEDERATED_TOKEN_FILE": str(identities.file)},
            "secret": {**entra, "AZURE_CLIENT_SECRET": client.secret},
            "certificate": {**entra, "AZURE_CLIENT_CERTIFICATE_PATH": str(identities.certificate.file)},
            "imds": {**common, "AZURE_POD_IDENTITY_AUTHORITY_HOST": machine},
            "app-service": {**common, "IDENTITY_ENDPOINT": machine + APP_SERVICE_PATH,
                            "IDENTITY_HEADER": identities.header},
            "az": {"CAVRA_AZ_ROLE": role, "PATH": f"{AZ}:{os.environ['PATH']}"},
        }
    return ways
