"""Policies and holds: the headers that carry them, and the three verbs."""

from . import conditions
from .blobs import Policy
from .call import Answer
from .clock import DAY, parse_rfc1123, rfc1123
from .refused import Refused
from .table import ask, parse_cell, DATA

UNTIL, MODE, HOLD = DATA["header groups"]["policy"]
_VLW = DATA["cells"]["V"]


def _refuse(row):
    status, code, _ = parse_cell(_VLW[row]["*"])
    raise Refused(status, code, row)


def read_policy(headers, now_s):
    """The Policy that the headers ask for, or None without any."""
    if UNTIL not in headers and MODE not in headers:
        return None
    if UNTIL not in headers:
        _refuse("policy, no date")
    until_s, mode = parse_rfc1123(headers[UNTIL]), headers.get(MODE, "unlocked").lower()
    if until_s is None or mode not in ("unlocked", "locked"):
        _refuse("policy, bad mode or date")
    if until_s <= now_s:
        _refuse("policy, date not in the future")
    return Policy(mode, until_s)


def read_hold(headers):
    """Whether the headers set (True) or clear (False) a hold; None without any."""
    value = headers.get(HOLD)
    if value not in (None, "true", "false"):
        _refuse("hold, bad value")
    return None if value is None else value == "true"


def bend(call, policy):
    """The policy that is kept where `policy` was asked for: another one if the model is told to lie."""
    if policy and call.lies("drop-policy"):
        return None
    if policy and policy.mode == "locked" and call.lies("unlocked-for-locked"):
        policy = Policy("unlocked", policy.until_s)
    if policy and call.lies("earlier-date"):
        policy = Policy(policy.mode, policy.until_s - DAY)
    return policy


def shown(version):
    """A version's policy and hold as headers."""
    headers = []
    if version.policy:
        headers += [(UNTIL, rfc1123(version.policy.until_s)), (MODE, version.policy.mode)]
    return headers + ([(HOLD, "true")] if version.is_held else [])


def _addressed(call):
    container = call.container()
    if container.kind != "V":
        ask(container.kind, "policy or hold, not version-level", "n")
    return call.version()


def _change(present, wanted):
    """Which row of the table it is to replace the policy `present` by `wanted`."""
    if present and present.mode == "locked" and wanted.mode == "unlocked":
        return "policy, unlock"
    if wanted.mode == "locked" and not (present and present.mode == "locked"):
        return "policy, lock"
    if present and wanted.until_s < present.until_s:
        return "policy, earlier date"
    return "policy, later date"


def set_policy(call):
    with call.account.lock:
        container, _, version = _addressed(call)
        if UNTIL not in call.headers:
            _refuse("policy, no date")
        wanted = read_policy(call.headers, call.now_s)
        conditions.check(call.headers, version)
        status = ask(container.kind, _change(version.policy, wanted), call.state(container, version))
        kept = bend(call, wanted)
        if kept:
            version.policy = kept
    return Answer(status, [(UNTIL, rfc1123(wanted.until_s)), (MODE, wanted.mode)])


def delete_policy(call):
    with call.account.lock:
        container, _, version = _addressed(call)
        status = ask(container.kind, "delete policy", call.state(container, version))
        version.policy = None
    return Answer(status)


def set_hold(call):
    with call.account.lock:
        container, _, version = _addressed(call)
        wanted = read_hold(call.headers)
        conditions.check(call.headers, version)
        row = "set hold" if wanted else "clear hold"
        status = ask(container.kind, row, call.state(container, version))
        if not (wanted and call.lies("drop-policy")):
            version.is_held = wanted
    return Answer(status, [(HOLD, "true" if wanted else "false")])
