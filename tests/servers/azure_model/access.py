"""Who asks, and what they may do."""

from . import shared_key
from .refused import Refused
from .table import EVERYTHING


class Access:
    """`rights` are words of state_table.json. `parameters` are those that belong to the credentials."""

    def __init__(self, rights, parameters=()):
        self.rights, self.parameters = set(rights), parameters

    def allow(self, right):
        if right == "create" and "write" in self.rights:
            return
        if right not in self.rights:
            raise Refused(403, "AuthorizationPermissionMismatch",
                          f"This request is not authorized to perform this operation: no right to {right}.")

    def allow_overwrite(self):
        if "write" not in self.rights:
            raise Refused(403, "UnauthorizedBlobOverwrite",
                          "This request is not authorized to perform blob overwrites.")


def authenticate(model, request, is_tls):
    """The Access of a request, or why it has none."""
    scheme = request.headers.get("authorization", "").partition(" ")[0]
    if "sig" in request.query and not scheme:
        return model.sas.check(request, is_tls)
    if scheme == "SharedKey":
        shared_key.check(request, model.account, model.clock.now() if model.checks_skew else None)
        return Access(EVERYTHING)
    if scheme == "Bearer":
        return model.tokens.check(request, is_tls)
    if scheme:
        raise Refused(401, "InvalidAuthenticationInfo", "The authentication scheme is not supported.")
    raise Refused(401, "NoAuthenticationInformation",
                  "Server failed to authenticate the request. It has no credentials.", [model.challenge()])
