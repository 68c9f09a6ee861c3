"""The account and all that the model knows besides."""

import base64
import secrets

from .blobs import Account
from .clock import Clock
from .faults import Faults, Lies, Recorder
from .sas import Sas
from .tokens import STORAGE, TENANT, Tokens

ACCOUNT = "cavramodel"


class Model:
    def __init__(self, folder):
        self.clock = Clock()
        key = base64.b64encode(secrets.token_bytes(64)).decode()
        self.account = Account(ACCOUNT, key, folder, self.clock)
        self.lies, self.faults, self.recorder = Lies(), Faults(), Recorder()
        self.pages = {"most": None, "empty": False}
        self.checks_skew = True
        self.address, self.authority = "", ""  # http://127.0.0.1:PORT/ACCOUNT; where tokens come from
        self.has_tls = False
        self.tokens, self.sas = Tokens(self), Sas(self)
        self.more_routes = {}

    def challenge(self):
        uri = f"{self.authority}/{TENANT}/oauth2/authorize"
        return "WWW-Authenticate", f"Bearer authorization_uri={uri} resource_id={STORAGE}"

    def calm(self):
        self.lies.set(None)
        self.faults.clear()
        self.recorder.clear()
        self.clock.set_real()
        self.checks_skew = True
        self.tokens.lifetime_s = 3600
        self.pages.update(most=None, empty=False)
