"""A server that shows locks and does not hold to them.

As a fault of the proxy before a bucket without Object Lock that is open to everybody: what is put goes
on without its lock and its signature, and each version is shown with the lock that it was put with.
"""

import re
import urllib.parse

from fault_proxy import answer, error

LOCK = "x-amz-object-lock-"
SIGNATURE = {"authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"}
ENABLED = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"


class LockEcho:
    def __init__(self, refuses):
        self.refuses = refuses  # "shorten" or "delete": that much it does hold to
        self.locks = {}  # of each path and version: mode and date

    def __call__(self, request, ask):
        url = urllib.parse.urlsplit(request.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        at = url.path, query.get("versionId")
        if "object-lock" in query:
            return answer(200, ENABLED)(request, ask)
        if "retention" in query:
            act = self._change if request.command == "PUT" else self._show
            return act(at, request.body.decode())(request, ask)
        if "legal-hold" in query:
            return answer(404, error("NoSuchObjectLockConfiguration"))(request, ask)
        if self.refuses == request.command.lower() and at in self.locks:
            return answer(403, error("AccessDenied"))(request, ask)
        return self._pass_on(at, request, ask)

    def _show(self, at, _):
        if at not in self.locks:
            return answer(404, error("NoSuchObjectLockConfiguration"))
        mode, date = self.locks[at]
        return answer(200, f"<Retention><Mode>{mode}</Mode><RetainUntilDate>{date}</RetainUntilDate></Retention>")

    def _change(self, at, body):
        asked = re.findall(r"<(?:Mode|RetainUntilDate)>([^<]*)<", body)
        if self.refuses == "shorten" and (not asked or asked[1] < self.locks[at][1]):
            return answer(403, error("AccessDenied"))
        self.locks.pop(at, None)
        if asked:
            self.locks[at] = tuple(asked)
        return answer(200)

    def _pass_on(self, at, request, ask):
        sent = {name.lower(): value for name, value in request.headers.items()}
        kept = {name: value for name, value in sent.items() if name not in SIGNATURE and not name.startswith(LOCK)}
        status, headers, body = ask(headers=kept)
        if request.command == "PUT" and LOCK + "mode" in sent:
            version = dict((name.lower(), value) for name, value in headers)["x-amz-version-id"]
            self.locks[at[0], version] = sent[LOCK + "mode"], sent[LOCK + "retain-until-date"]
        if at in self.locks and status == 200:
            mode, date = self.locks[at]
            headers = [*headers, (LOCK + "mode", mode), (LOCK + "retain-until-date", date)]
        return status, headers, body
