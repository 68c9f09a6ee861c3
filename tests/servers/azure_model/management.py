"""The control plane (ARM) of containers: their policy, its lock, hold tags. Bearers for it alone."""

import json
import re

from .call import Answer
from .clock import DAY, TICKS, iso
from .containers import check_name
from .exchange import Exchange
from .refused import Refused
from .table import ROLES, ask_management
from .tokens import MANAGEMENT

API_VERSIONS = ("2023-05-01", "2024-01-01", "2025-06-01")
MOST_DAYS, MOST_EXTENSIONS = 146_000, 5
_TYPE = "Microsoft.Storage/storageAccounts/blobServices/containers"
_PATH = re.compile(
    r"(?P<base>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Storage/storageAccounts/"
    r"(?P<account>[^/]+)/blobServices/default/containers/(?P<container>[^/]+))(?P<rest>/.*)?")
_POLICY, _LOCK, _EXTEND = ("/immutabilityPolicies/default" + end for end in ("", "/lock", "/extend"))


def _bad(why):
    return Refused(400, "InvalidRequestPropertyValue", why)


class ManagementHandler(Exchange):
    ROUTES = {  # method and rest of the path -> (method here, right)
        ("GET", _POLICY): ("get_policy", "policy read"), ("PUT", _POLICY): ("put_policy", "policy write"),
        ("DELETE", _POLICY): ("delete_policy", "policy delete"), ("POST", _LOCK): ("lock", "policy lock"),
        ("POST", _EXTEND): ("extend", "policy extend"), ("POST", "/setLegalHold"): ("set_hold", "legal hold"),
        ("POST", "/clearLegalHold"): ("clear_hold", "legal hold"), ("GET", None): ("get", "container read"),
        ("PUT", None): ("put", "container write"), ("DELETE", None): ("delete", "container delete"),
    }

    def work(self, request):
        found = _PATH.fullmatch(request.path)
        if not found or found["account"] != self.model.account.name:
            raise Refused(404, "ResourceNotFound", "There is no such resource.")
        name, right = self.ROUTES.get((request.method, found["rest"]), (None, None))
        if name is None or set(request.query) != {"api-version"} or request.query["api-version"] not in API_VERSIONS:
            raise Refused(400, "InvalidApiVersionParameter", "That operation, parameter or api-version is not known.")
        client = self._client(request)
        if right not in ROLES[client.role]:
            raise Refused(403, "AuthorizationFailed", f"The client has no right: {right}.")
        body = self._body()
        with self.model.account.lock:
            self.client, self.base = client, found["base"]
            container = self.model.account.containers.get(found["container"])
            if name == "put":
                return self.put(container, found["container"], body)
            if container is None:
                raise Refused(404, "ContainerNotFound", "The specified container does not exist.")
            return getattr(self, name)(container, request.headers.get("if-match"), body)

    def refuse(self, _request, refused):
        text = json.dumps({"error": {"code": refused.code, "message": refused.message}})
        headers = [*refused.headers, ("Content-Type", "application/json; charset=utf-8")]
        return Answer(refused.status, headers, text.encode())

    def _client(self, request):
        if not request.headers.get("authorization", "").startswith("Bearer "):
            raise Refused(401, "AuthenticationFailed", "The 'Authorization' header is missing.")
        return self.model.tokens.check_for(request, (MANAGEMENT,))

    def _body(self):
        raw = self.connection.read_all(1 << 16)
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            raise Refused(400, "InvalidRequestContent", "The body is no JSON.") from None
        if not isinstance(body, dict):
            raise Refused(400, "InvalidRequestContent", "The body is no object.")
        return body

    # The policy.

    @staticmethod
    def _policy(container):
        return container.default if container.kind == "V" else container.policy

    def _state(self, container):
        policy = self._policy(container)
        return policy[0] if policy else "none"

    def _set(self, container, policy, update):
        """The new policy; its etag is another one, and the container tells who did it when."""
        if container.kind == "V":
            container.default = policy
        else:
            if policy and container.kind == "P0":
                container.kind = "C"
            container.policy = policy
        ticks = self.model.clock.unique_ticks()
        container.policy_etag = f"{ticks:x}"
        container.history.append({
            "update": update, "immutabilityPeriodSinceCreationInDays": policy[1] // DAY if policy else 0,
            "timestamp": iso(ticks), "objectIdentifier": self.client.object_id, "tenantId": "model"})

    def _match(self, container, if_match, is_needed=True):
        if if_match is None and not is_needed:
            return
        if if_match != f'"{container.policy_etag}"':
            ask_management("wrong or missing If-Match", self._state(container))

    def _told(self, container, status=200, claimed=None):
        policy, etag = claimed or self._policy(container), f'"{container.policy_etag}"'
        properties = {"immutabilityPeriodSinceCreationInDays": policy[1] // DAY if policy else 0,
                      "state": policy[0].title() if policy else "Unlocked", **container.append}
        body = {"id": self.base + _POLICY, "name": "default", "type": _TYPE + "/immutabilityPolicies", "etag": etag,
                "properties": properties}
        return self._json(status, body, [("ETag", etag)])

    @staticmethod
    def _json(status, body, headers=()):
        return Answer(status, [*headers, ("Content-Type", "application/json")], json.dumps(body).encode())

    @staticmethod
    def _days(body):
        days = body.get("properties", {}).get("immutabilityPeriodSinceCreationInDays")
        if type(days) is not int or not 1 <= days <= MOST_DAYS:
            raise _bad("immutabilityPeriodSinceCreationInDays is 1 to 146000.")
        return days

    def get_policy(self, container, _if_match, _body):
        status = ask_management("get policy", self._state(container))
        if self.model.lies.tell("claimed-policy"):
            return self._told(container, status, ("locked", 3650 * DAY))
        return self._told(container, status)

    def put_policy(self, container, if_match, body):
        properties, append = body.get("properties", {}), {}
        days = self._days(body)
        for name in ("allowProtectedAppendWrites", "allowProtectedAppendWritesAll"):
            if name in properties:
                append[name] = properties[name] is True
        if set(properties) - set(append) - {"immutabilityPeriodSinceCreationInDays"} or sum(append.values()) > 1:
            raise _bad("A property is not known, or the two of append writes are both set.")
        status = ask_management("put policy", self._state(container))
        self._match(container, if_match, is_needed=False)
        container.append = append
        self._set(container, ("unlocked", days * DAY), "put")
        return self._told(container, status)

    def lock(self, container, if_match, _body):
        status = ask_management("lock policy", self._state(container))
        self._match(container, if_match)
        self._set(container, ("locked", self._policy(container)[1]), "lock")
        return self._told(container, status)

    def extend(self, container, if_match, body):
        days, state = self._days(body), self._state(container)
        status = ask_management("extend policy, more days", state)
        self._match(container, if_match)
        if days * DAY <= self._policy(container)[1]:
            ask_management("extend policy, fewer days", state)
        if container.kind == "C" and container.extensions >= MOST_EXTENSIONS:
            ask_management("extend policy, sixth time", state)
        container.extensions += 1
        self._set(container, ("locked", days * DAY), "extend")
        return self._told(container, status)

    def delete_policy(self, container, if_match, _body):
        if self._state(container) == "none":
            raise Refused(404, "ContainerImmutabilityPolicyNotFound", "There is no policy.")
        status = ask_management("delete policy", self._state(container))
        self._match(container, if_match)
        self._set(container, None, "delete")
        return self._told(container, status)

    # Holds.

    @staticmethod
    def _tags(body):
        tags = body.get("tags")
        if not isinstance(tags, list) or not all(re.fullmatch("[A-Za-z0-9]{3,23}", str(tag)) for tag in tags):
            raise _bad("Tags have 3 to 23 letters and digits.")
        return [tag.lower() for tag in tags]

    def set_hold(self, container, _if_match, body):
        if container.kind == "V":
            ask_management("set legal hold, version-level", self._state(container))
        tags = list(dict.fromkeys(container.hold_tags + self._tags(body)))
        if len(tags) > 10:
            raise _bad("At most 10 tags.")
        if container.kind == "P0":
            container.kind = "C"
        container.hold_tags = tags
        status = ask_management("set legal hold", self._state(container))
        return self._json(status, {"hasLegalHold": bool(tags), "tags": tags})

    def clear_hold(self, container, _if_match, body):
        gone = self._tags(body)
        container.hold_tags = [tag for tag in container.hold_tags if tag not in gone]
        status = ask_management("clear legal hold", self._state(container))
        return self._json(status, {"hasLegalHold": bool(container.hold_tags), "tags": container.hold_tags})

    # The container.

    def get(self, container, _if_match, _body):
        policy = self._policy(container)
        properties = {
            "publicAccess": "None", "leaseStatus": "Unlocked", "leaseState": "Available",
            "hasImmutabilityPolicy": bool(policy), "hasLegalHold": bool(container.hold_tags),
            "legalHold": {"hasLegalHold": bool(container.hold_tags),
                          "tags": [{"tag": tag} for tag in container.hold_tags]},
        }
        if container.kind == "V":
            properties["immutableStorageWithVersioning"] = {
                "enabled": True, "timeStamp": iso(container.modified_s * TICKS)}
        if policy:
            properties["immutabilityPolicy"] = {
                "etag": f'"{container.policy_etag}"', "updateHistory": container.history,
                "properties": {"immutabilityPeriodSinceCreationInDays": policy[1] // DAY, "state": policy[0].title()}}
        return self._json(ask_management("get container", self._state(container)), {
            "id": self.base, "name": container.name, "type": _TYPE, "etag": f'"{container.etag}"',
            "properties": properties})

    def put(self, container, name, body):
        properties = body.get("properties", {})
        if set(properties) - {"publicAccess", "immutableStorageWithVersioning"}:
            raise _bad("A property is not known.")
        if container is not None:
            raise Refused(409, "ContainerAlreadyExists", "The model makes new containers only.")
        check_name(name)
        is_worm = properties.get("immutableStorageWithVersioning", {}).get("enabled") is True
        container = self.model.account.make(name, "V" if is_worm else "P0")
        answer = self.get(container, None, {})
        answer.status = 201
        return answer

    def delete(self, container, _if_match, _body):
        state = self._state(container)
        if container.hold_tags:
            ask_management("delete container, held", state)
        if container.names:
            ask_management("delete container, not empty", state)
        status = ask_management("delete container", state)
        del self.model.account.containers[container.name]
        return Answer(status)
