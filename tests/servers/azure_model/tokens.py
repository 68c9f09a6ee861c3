"""Bearer tokens: who gets them, and what they let one do. Signed by the model for itself."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import uuid

from .access import Access
from .refused import Refused
from .table import ROLES

TENANT = str(uuid.uuid5(uuid.NAMESPACE_DNS, "cavra.example"))
STORAGE, MANAGEMENT = "https://storage.azure.com", "https://management.azure.com"


class Client:
    """One identity a role: an application, or a managed identity of the same id."""

    def __init__(self, role):
        self.role = role
        self.id = str(uuid.uuid5(uuid.NAMESPACE_DNS, role + ".cavra.example"))
        self.object_id = str(uuid.uuid5(uuid.NAMESPACE_DNS, role + ".object.cavra.example"))
        self.secret = secrets.token_urlsafe(30)


def _part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def seal(secret, claims):
    """A JWT of `claims`."""
    text = ".".join(_part(json.dumps(d).encode()) for d in ({"alg": "HS256", "typ": "JWT"}, claims))
    return text + "." + _part(hmac.digest(secret, text.encode(), hashlib.sha256))


def unseal(secret, token):
    """The claims of a JWT that seal() made with `secret`, or None."""
    text, _, signature = token.rpartition(".")
    good = _part(hmac.digest(secret, text.encode("utf-8", "surrogateescape"), hashlib.sha256))
    if not hmac.compare_digest(good.encode(), signature.encode("utf-8", "surrogateescape")):
        return None
    part = text.split(".")[1]
    try:
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return None


class Tokens:
    def __init__(self, model):
        self._model, self.secret = model, secrets.token_bytes(32)
        self.clients = {role: Client(role) for role in ROLES}
        self.lifetime_s = 3600

    def client(self, **known):
        """The client whose `id`, or other field, is as given."""
        [(field, value)] = known.items()
        return next((c for c in self.clients.values() if getattr(c, field) == value), None)

    def issue(self, client, audience, lifetime_s=None):
        """(token, the claims)."""
        now_s = int(self._model.clock.now())
        claims = {"aud": audience, "iss": f"https://sts.windows.net/{TENANT}/", "iat": now_s, "nbf": now_s,
                  "exp": now_s + (self.lifetime_s if lifetime_s is None else lifetime_s), "appid": client.id,
                  "oid": client.object_id, "sub": client.object_id, "tid": TENANT, "uti": str(uuid.uuid4())}
        return seal(self.secret, claims), claims

    def check(self, request, is_tls):
        """The Access of a request to the blob service that has a bearer token."""
        if self._model.has_tls and not is_tls:
            raise Refused(403, "AuthenticationFailed", "A bearer token is taken over HTTPS alone.")
        return Access(ROLES[self.bearer(request).role])

    def bearer(self, request):
        """The Client who asks the blob service."""
        if not request.headers.get("authorization", "").startswith("Bearer "):
            raise Refused(403, "AuthorizationFailure", "Only a bearer may do that.")
        return self.check_for(request, (STORAGE, self._model.address.rpartition("/")[0]))

    def check_for(self, request, audiences):
        """The Client of a request's token, if that is ours, current and for one of `audiences`."""
        claims = unseal(self.secret, request.headers["authorization"].partition(" ")[2])
        if claims is None:
            raise self._invalid("The token is malformed or not signed by the issuer.")
        if claims["aud"].rstrip("/") not in audiences:
            raise self._invalid("Audience validation failed. Audience did not match.")
        if not claims["nbf"] - 300 <= self._model.clock.now() < claims["exp"]:
            raise self._invalid("Lifetime validation failed. The token is expired.")
        return self.client(id=claims["appid"])

    def _invalid(self, why):
        return Refused(401, "InvalidAuthenticationInfo", why, [self._model.challenge()])
