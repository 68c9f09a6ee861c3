"""Shared access signatures: service, account and user delegation."""

import base64
import hashlib
import hmac
import json
import xml.etree.ElementTree as xml

from . import shared_key
from .access import Access
from .call import Answer
from .clock import DAY, parse_iso
from .refused import Refused
from .table import LETTERS, ROLES, VERSIONS
from .tokens import TENANT
from .xml_answers import delegation_key

_ORDER = "racwdxyltmeopi"
_SERVICE = ("sp", "st", "se", None, "si", "sip", "spr", "sv", "sr", "time")
_DELEGATION = ("sp", "st", "se", None, "skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid",
               "sip", "spr", "sv", "sr", "time")
_OVERRIDES = ("rscc", "rscd", "rsce", "rscl", "rsct")
_ACCOUNT = ("sp", "ss", "srt", "st", "se", "sip", "spr", "sv")
_KEY_FIELDS = ("skoid", "sktid", "skt", "ske", "sks", "skv")
_LEVELS = {"account": "s", "container": "c", "blob": "o"}
_ENCRYPTION_SCOPE_SINCE, _LAST_DELEGATION_FORM = "2020-12-06", "2024-11-04"


def _failed(why):
    return shared_key.failed("Signature did not match or is not valid: " + why)


class Sas:
    def __init__(self, model):
        self._model, self._account = model, model.account

    def check(self, request, is_tls):
        """The Access of a request whose query has a signature."""
        q = request.query
        version = q.get("sv", "")
        if version not in VERSIONS or "sp" not in q and "si" not in q:
            raise _failed("sv or sp.")
        if "si" in q or any(name in q for name in _OVERRIDES):
            raise Refused(400, "InvalidQueryParameterValue", "Stored policies, rscc and the like are not modelled.")
        account_wide = "ss" in q
        delegated = "skoid" in q
        if delegated and version > _LAST_DELEGATION_FORM:
            raise _failed("newer versions of sv sign fields that are not modelled.")
        fields = _ACCOUNT if account_wide else _DELEGATION if delegated else _SERVICE
        key = self.delegation_value([q.get(f, "") for f in _KEY_FIELDS]) if delegated else self._account.key
        text = self._text(request, fields, version >= _ENCRYPTION_SCOPE_SINCE)
        if not hmac.compare_digest(shared_key.sign(key, text).encode(), q["sig"].encode("utf-8", "replace")):
            raise _failed(f"string to sign was {text!r}.")
        self._check_window(q, delegated)
        if is_tls is False and q.get("spr", "https,http") == "https":
            raise Refused(403, "AuthorizationProtocolMismatch")
        if q.get("sip", "127.0.0.1") != "127.0.0.1":
            raise Refused(403, "AuthorizationSourceIPMismatch")
        letters = q["sp"]
        if letters != "".join(c for c in _ORDER if c in letters) or not letters:
            raise _failed("sp is not in order.")
        rights = {right for letter in letters for right in LETTERS[letter]}
        if account_wide:
            self._check_scope(request, q)
            if "c" in q["srt"]:
                named = {"r": "container read", "w": "container write", "d": "container delete"}
                rights |= {right for letter, right in named.items() if letter in letters}
        if delegated:
            rights &= set(self._issuer_rights(q["skoid"]))
        parameters = {"sig", "sr", "ses", *_ACCOUNT, *_KEY_FIELDS, "saoid", "suoid", "scid"}
        return Access(rights, parameters)

    def _text(self, request, fields, has_scope):
        q, lines = request.query, []
        for name in fields:
            if name is None:
                resource = f"/blob/{self._account.name}/{request.container}"
                lines.append(resource + ("" if q.get("sr") == "c" else "/" + request.blob))
            elif name == "time":
                lines.append(q.get("versionid", "") if q.get("sr") == "bv" else "")
            else:
                lines.append(q.get(name, ""))
        if has_scope:
            lines.append(q.get("ses", ""))
        if fields is _ACCOUNT:
            return "\n".join([self._account.name, *lines, ""])
        return "\n".join(lines + [q.get(name, "") for name in _OVERRIDES])

    def _check_window(self, q, delegated):
        now_s = self._model.clock.now()
        windows = [("st", "se")] + ([("skt", "ske")] if delegated else [])
        for first, last in windows:
            start_s = parse_iso(q[first]) if first in q else 0
            end_s = parse_iso(q.get(last, ""))
            if start_s is None or end_s is None or not start_s <= now_s < end_s:
                raise _failed(f"{first} to {last} is not now.")

    @staticmethod
    def _check_scope(request, q):
        if "b" not in q["ss"]:
            raise Refused(403, "AuthorizationServiceMismatch")
        # A list is of the container, or of the account.
        if _LEVELS[request.level] not in q.get("srt", ""):
            raise Refused(403, "AuthorizationResourceTypeMismatch")

    # User delegation keys. A key's value follows from its fields: none is kept.

    def delegation_value(self, fields):
        mac = hmac.digest(self._model.tokens.secret, json.dumps(fields).encode(), hashlib.sha256)
        return base64.b64encode(mac).decode()

    def _issuer_rights(self, object_id):
        client = self._model.tokens.client(object_id=object_id)
        return ROLES[client.role] if client else []

    def delegate(self, call):
        """Get User Delegation Key."""
        client = self._model.tokens.bearer(call.request)
        try:
            root = xml.fromstring(call.connection.read_all(1 << 16))
        except xml.ParseError:
            raise Refused(400, "InvalidXmlDocument") from None
        start, end = (root.findtext(name) or "" for name in ("Start", "Expiry"))
        start_s, end_s, now_s = parse_iso(start), parse_iso(end), call.now_s
        if root.tag != "KeyInfo" or start_s is None or end_s is None:
            raise Refused(400, "InvalidXmlNodeValue")
        if not now_s < end_s <= now_s + 7 * DAY or start_s >= end_s:
            raise Refused(400, "InvalidXmlNodeValue", "A key lives at most seven days.")
        fields = [client.object_id, TENANT, start, end, "b", call.headers["x-ms-version"]]
        names = ("SignedOid", "SignedTid", "SignedStart", "SignedExpiry", "SignedService", "SignedVersion")
        told = dict(zip(names, fields))
        told["Value"] = self.delegation_value(fields)
        return Answer(200, [("Content-Type", "application/xml")], delegation_key(told))
