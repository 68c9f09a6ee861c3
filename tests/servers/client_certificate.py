"""An application's certificate, and who has its key: what Entra checks of a client assertion.

https://learn.microsoft.com/entra/identity-platform/certificate-credentials; the numbers are AADSTS
ones of https://learn.microsoft.com/entra/identity-platform/reference-error-codes. `openssl` checks the
signature.
"""

import base64
import binascii
import hashlib
import json
import os
import re
import subprocess
import tempfile

LONGEST_LIFE_S = 600
PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha256")


def decoded(part):
    """Of base64url without padding (RFC 7515); ValueError for any other text."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", part):
        raise ValueError("no base64url")
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise ValueError("no base64url") from None


def is_signed_by_certificate(assertion):
    try:
        return "x5t#S256" in json.loads(decoded(assertion.partition(".")[0]))
    except (ValueError, TypeError):
        return False


class ClientCertificate:
    """Key and certificate, made by openssl, in one file of PEM."""

    def __init__(self, folder):
        self.file, self._public = folder / "client.pem", folder / "client.pub"
        key, certificate = folder / "client.key", folder / "client.crt"
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=cavra-archiver",
                      "-keyout", key, "-out", certificate)
        self._openssl("x509", "-in", certificate, "-noout", "-pubkey", "-out", self._public)
        der = self._openssl("x509", "-in", certificate, "-outform", "DER")
        self.thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(key.read_bytes() + certificate.read_bytes())
        key.unlink()

    @staticmethod
    def _openssl(*words):
        return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout

    def problem(self, assertion, client_id, audience, now_s):
        """(number, why) of what is wrong with an assertion; None if it is the client's, and is for now."""
        try:
            head, body, signature = assertion.split(".")
            header, claims, signature = json.loads(decoded(head)), json.loads(decoded(body)), decoded(signature)
            life = [int(claims[name]) for name in ("nbf", "iat", "exp")]
        except (ValueError, KeyError, TypeError):
            return 50027, "The JWT is malformed."
        if header != {"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint}:
            return 700027, "The certificate is not registered on the application, or the header is wrong."
        if not self._verifies((head + "." + body).encode(), signature):
            return 700027, "The client assertion failed signature validation."
        if (claims.get("iss"), claims.get("sub")) != (client_id, client_id):
            return 700021, "The client assertion's application is not 'client_id'."
        if claims.get("aud") != audience:
            return 700023, "The client assertion's audience is not this endpoint."
        if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(claims.get("jti"))):
            return 50027, "The client assertion has no GUID of its own."
        begins, issued, ends = life
        if not begins - 300 <= now_s < ends or ends - begins > LONGEST_LIFE_S or issued != begins:
            return 700024, "The client assertion is not within its valid time range."
        return None

    def _verifies(self, text, signature):
        with tempfile.NamedTemporaryFile() as file:
            file.write(signature)
            file.flush()
            words = ["openssl", "dgst", "-sha256", *PSS, "-verify", self._public, "-signature", file.name]
            return subprocess.run(words, input=text, capture_output=True, check=False).returncode == 0
