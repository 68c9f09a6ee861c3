"""Each cell of the model's table as requests: the forms in which an operation can be asked for."""

import base64
import dataclasses
import hashlib

from curl import Ask
from model_server import TABLE
from service import DAY, rfc1123

SOON_S, FAR_S, CLW_S = 1000, 3650 * DAY, 2000
BLOCK_ID = "YmxvY2s="
BLOCK_LIST = f"<BlockList><Latest>{BLOCK_ID}</Latest></BlockList>".encode()
OLD, NEW = b"the first bytes", b"other bytes"
UNTIL, MODE, HOLD = "x-ms-immutability-policy-until-date", "x-ms-immutability-policy-mode", "x-ms-legal-hold"
POLICY_VERB, HOLD_VERB = {"comp": "immutabilityPolicies"}, {"comp": "legalhold"}


def md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


@dataclasses.dataclass
class Cell:
    """One way to do a row's operation in a state. `steps` come before it and are no part of it."""

    kind: str
    state: str
    row: str
    form: str
    expected: tuple  # status, code
    container: str
    name: str
    version: str = ""
    steps: list = dataclasses.field(default_factory=list)
    ask: Ask = None
    asked: dict = dataclasses.field(default_factory=dict)  # what the effect is to be


def method_name(words):
    return words.translate(str.maketrans(" -", "__", ","))


def expected(kind, row, state):
    """(status, code) of the table, or None for what cannot arise."""
    cells = TABLE["cells"][kind][row]
    text = next(cells[key] for key in (state, state[0], "*") if key in cells)
    words = text.split()
    return None if text == "-" else (int(words[0]), words[1] if len(words) == 3 else None)


class Forms:
    """The ways to ask for `cell`'s operation. Each is (name, requests before, the request, what it is to bring).
    A versionid of "?" stands for that of the version in the cell's state."""

    def __init__(self, model, start_s, cell):
        self.model, self.start_s, self.cell = model, start_s, cell
        self.far_s = start_s + FAR_S
        self.until_s = start_s + (SOON_S if "x" in cell.state else FAR_S)
        self.mode = "locked" if cell.state.endswith("l") else "unlocked"

    def all(self):
        return list(getattr(self, "of_" + method_name(self.cell.row))())

    def at(self, method, query=None, headers=None, body=b""):
        return self.model.ask(method, self.cell.container, self.cell.name, query, headers, body)

    def headers_of_state(self):
        """Headers that make a new version be in the state, once the clock has been stepped."""
        headers, state = {}, self.cell.state
        if self.cell.kind == "V" and state.strip("h") != "n":
            headers = {UNTIL: rfc1123(self.until_s), MODE: self.mode}
        if self.cell.kind == "V" and state.startswith("h"):
            headers[HOLD] = "true"
        return headers

    # What many rows have.

    def puts(self, headers=None, asked=None):
        headers, asked = headers or {}, {"md5": md5(NEW), **(asked or {})}
        yield "Put Blob", [], self.at("PUT", {}, {"x-ms-blob-type": "BlockBlob", **headers}, NEW), asked
        block = self.at("PUT", {"comp": "block", "blockid": BLOCK_ID}, {}, NEW)
        told = {"x-ms-blob-content-md5": md5(NEW), **headers}
        yield "Put Block List", [block], self.at("PUT", {"comp": "blocklist"}, told, BLOCK_LIST), asked

    def copies(self, headers=None, asked=None):
        source = "source/" + self.cell.name
        place = self.model.base + self.model.path(self.model.container("P0"), source)
        told = {"x-ms-copy-source": place, **(headers or {})}
        put = self.model.put(self.model.container("P0"), source, NEW)
        yield "Copy Blob", [put], self.at("PUT", {}, told), {"md5": md5(NEW), **(asked or {})}

    def writes(self, headers):
        yield from self.puts(headers)
        yield from self.copies(headers)

    def verb(self, method, query, headers=None, asked=None):
        """On the current version, and on the same by its id."""
        yield "current", [], self.at(method, query, headers), asked or {}
        if self.cell.kind == "V":
            yield "by id", [], self.at(method, {**query, "versionid": "?"}, headers), asked or {}

    def policy(self, until_s, mode):
        headers = {UNTIL: rfc1123(until_s), MODE: mode.title()}
        yield from self.verb("PUT", POLICY_VERB, headers, {"until": rfc1123(until_s), "mode": mode})

    # The rows.

    def of_put_new(self):
        return self.puts()

    of_put_over = of_put_new

    def of_copy_new(self):
        return self.copies()

    of_copy_over = of_copy_new

    def locks(self, ways):
        until = rfc1123(self.far_s)
        yield from ways({UNTIL: until, MODE: "LOCKED", HOLD: "true"},
                        {"until": until, "mode": "locked", "hold": "true"})
        yield from ways({UNTIL: until}, {"until": until, "mode": "unlocked", "hold": ""})
        yield from ways({HOLD: "true"}, {"until": "", "hold": "true"})

    def of_put_new_policy_or_hold(self):
        return self.locks(self.puts)

    def of_copy_new_policy_or_hold(self):
        return self.locks(self.copies)

    def of_put_over_create_only(self):
        return self.writes({"If-None-Match": "*"})

    def of_append_block(self):
        yield "", [], self.at("PUT", {"comp": "appendblock"}, {}, NEW), {}

    def of_put_page(self):
        told = {"x-ms-page-write": "update", "x-ms-range": "bytes=0-511"}
        yield "", [], self.at("PUT", {"comp": "page"}, told, bytes(512)), {}

    def of_snapshot(self):
        yield "", [], self.at("PUT", {"comp": "snapshot"}), {"md5": md5(OLD)}

    def of_undelete(self):
        yield "", [], self.at("PUT", {"comp": "undelete"}), {}

    def of_put_block(self):
        yield "", [], self.at("PUT", {"comp": "block", "blockid": BLOCK_ID}, {}, NEW), {}

    def of_delete(self):
        yield "", [], self.at("DELETE"), {}

    def of_delete_current_by_id(self):
        yield "", [], self.at("DELETE", {"versionid": "?"}), {}

    def of_delete_previous_by_id(self):
        over = self.at("PUT", {}, {"x-ms-blob-type": "BlockBlob"}, NEW)
        yield "", [over], self.at("DELETE", {"versionid": "?"}), {}

    def of_set_metadata(self):
        asked = {"metadata": {"reason": "none"}}
        yield "", [], self.at("PUT", {"comp": "metadata"}, {"x-ms-meta-reason": "none"}), asked

    def of_set_properties(self):
        told = {"x-ms-blob-content-type": "text/x-other"}
        yield "", [], self.at("PUT", {"comp": "properties"}, told), {"Content-Type": "text/x-other"}

    def of_set_tier(self):
        yield "", [], self.at("PUT", {"comp": "tier"}, {"x-ms-access-tier": "Cool"}), {"AccessTier": "Cool"}

    def of_set_tags(self):
        body = b"<Tags><TagSet><Tag><Key>case</Key><Value>1</Value></Tag></TagSet></Tags>"
        yield "", [], self.at("PUT", {"comp": "tags"}, {}, body), {"tags": {"case": "1"}}

    def of_policy_later_date(self):
        return self.policy(max(self.until_s, self.far_s) + DAY, self.mode)

    def of_policy_earlier_date(self):
        return self.policy(self.until_s - DAY, self.mode)

    def of_policy_lock(self):
        return self.policy(self.far_s, "locked")

    def of_policy_unlock(self):
        yield from self.policy(self.far_s + DAY, "unlocked")
        yield "no mode", [], self.at("PUT", POLICY_VERB, {UNTIL: rfc1123(self.far_s + DAY)}), {}

    def of_policy_date_not_in_the_future(self):
        yield from self.policy(self.start_s - 10, self.mode)
        yield from self.writes({UNTIL: rfc1123(self.start_s - 10), MODE: self.mode})

    def of_policy_no_date(self):
        yield "neither", [], self.at("PUT", POLICY_VERB), {}
        yield "mode alone", [], self.at("PUT", POLICY_VERB, {MODE: "Locked"}), {}
        yield from self.writes({MODE: "Locked"})

    def of_policy_bad_mode_or_date(self):
        good = rfc1123(self.far_s)
        for headers in ({UNTIL: good, MODE: "mutable"}, {UNTIL: "2036-11-23T20:00:00Z"},
                        {UNTIL: "Someday" + good[3:]}, {UNTIL: good[:-3] + "UTC"}):
            yield from self.verb("PUT", POLICY_VERB, headers)
            yield from self.writes(headers)

    def of_policy_or_hold_modified_since(self):
        since = {"If-Unmodified-Since": rfc1123(self.start_s - DAY)}
        yield from self.verb("PUT", POLICY_VERB, {UNTIL: rfc1123(self.far_s + DAY), MODE: self.mode, **since})
        yield from self.verb("PUT", HOLD_VERB, {HOLD: "true", **since})

    def of_delete_policy(self):
        return self.verb("DELETE", POLICY_VERB, {}, {"until": "", "mode": ""})

    def of_set_hold(self):
        return self.verb("PUT", HOLD_VERB, {HOLD: "true"}, {"hold": "true"})

    def of_clear_hold(self):
        return self.verb("PUT", HOLD_VERB, {HOLD: "false"}, {"hold": ""})

    def of_hold_bad_value(self):
        for word in ("TRUE", "yes", "1"):
            yield from self.verb("PUT", HOLD_VERB, {HOLD: word})
            yield from self.writes({HOLD: word})

    def of_policy_or_hold_no_blob(self):
        yield from self.policy(self.far_s, "unlocked")
        yield from self.of_delete_policy()
        yield from self.of_set_hold()

    of_policy_or_hold_not_version_level = of_policy_or_hold_no_blob

    def of_get(self):
        yield "GET", [], self.at("GET"), {}
        yield "HEAD", [], self.at("HEAD"), {}
        if self.cell.kind in ("V", "P1"):
            yield "HEAD by id", [], self.at("HEAD", {"versionid": "?"}), {}
