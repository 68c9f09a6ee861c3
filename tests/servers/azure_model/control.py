"""What a test may ask of the model itself, below /.model/; JSON both ways, no credentials.

    GET, POST clock       {"set": unix seconds} or {"step": seconds}; {"skew": false} takes any x-ms-date
    GET, POST lie         {"name": one of faults.LIES}; {"name": null} ends all. GET counts what was told
    POST fault            {"match": regex on "METHOD TARGET", "act": one of faults.ACTS, "times": 1, "skip": 0,
                           "status": 503, "code": "ServerBusy", "headers": {}, "seconds": 1}
    GET, DELETE faults    what was delivered, in order of asking
    GET, DELETE requests  ?match=regex on "METHOD TARGET": as they came, and the status sent (null: cut)
    GET, POST container   ?name=; {"name", "kind", "default": [mode, seconds], "policy": the same,
                           "hold_tags": [], "age": seconds}: makes it, or changes those settings of one that
                           is there; its blobs get so much older
    POST pages            {"most": entries on a page of a list, "empty": each page after an empty one}
    GET, POST identity    tokens' lifetime, the machine's role, a new federated token: identity_model.py
    POST token            {"role", "audience", "lifetime", "way"}: a bearer token without asking anyone
    POST reset            no lies, faults and records; the real time; blobs stay
"""

import json
import re

from .call import Answer
from .containers import check_name
from .refused import Refused

PREFIX = "/.model/"


def serve(model, request, connection):
    body = connection.read_all(1 << 20)
    try:
        wish = json.loads(body) if body else {}
    except ValueError:
        raise Refused(400, "InvalidInput", "That is no JSON.") from None
    name = request.path[len(PREFIX):]
    route = _ROUTES.get((request.method, name)) or model.more_routes.get((request.method, name))
    if not route:
        raise Refused(404, "ResourceNotFound", f"The model has no {request.method} {name}.")
    try:
        answer = route(model, wish, request.query)
    except (re.error, TypeError, ValueError, KeyError) as problem:
        raise Refused(400, "InvalidInput", f"{type(problem).__name__}: {problem}") from None
    text = json.dumps(answer if answer is not None else {}).encode()
    return Answer(200, [("Content-Type", "application/json")], text)


def _clock(model, wish, _query):
    if "set" in wish:
        model.clock.set(wish["set"])
    if "step" in wish:
        model.clock.step(wish["step"])
    model.checks_skew = wish.get("skew", model.checks_skew)
    return {"now": model.clock.now(), "skew": model.checks_skew}


def _lie(model, wish, _query):
    if "name" in wish:
        model.lies.set(wish["name"])
    return model.lies.told


def _add_fault(model, wish, _query):
    model.faults.add(wish)


def _faults(model, _wish, _query):
    return [fault.shown() for fault in model.faults.all]


def _clear_faults(model, _wish, _query):
    model.faults.clear()


def _requests(model, _wish, query):
    pattern = re.compile(query.get("match", ""))
    return [e for e in model.recorder.all if pattern.search(e["method"] + " " + e["target"])]


def _clear_requests(model, _wish, _query):
    model.recorder.clear()


def _container(model, wish, query):
    name = wish.get("name") or query["name"]
    settings = {k: wish[k] for k in ("default", "policy", "hold_tags") if k in wish}
    with model.account.lock:
        container = model.account.containers.get(name)
        if container is None and "kind" in wish:
            check_name(name)
            if wish["kind"] not in ("P0", "P1", "V", "C"):
                raise ValueError("kind is P0, P1, V or C")
            container = model.account.make(name, wish["kind"])
        if container is None:
            raise Refused(404, "ContainerNotFound")
        for setting, value in settings.items():
            setattr(container, setting, value)
        for blob in container.blobs.values() if "age" in wish else ():
            for version in blob.versions:
                version.created_s -= wish["age"]
        return {k: getattr(container, k) for k in ("name", "kind", "default", "policy", "hold_tags")}


def _pages(model, wish, _query):
    model.pages.update({k: wish[k] for k in ("most", "empty") if k in wish})
    return model.pages


def _reset(model, _wish, _query):
    model.calm()


_ROUTES = {
    ("GET", "clock"): _clock, ("POST", "clock"): _clock,
    ("GET", "lie"): _lie, ("POST", "lie"): _lie,
    ("POST", "fault"): _add_fault, ("GET", "faults"): _faults, ("DELETE", "faults"): _clear_faults,
    ("GET", "requests"): _requests, ("DELETE", "requests"): _clear_requests,
    ("GET", "container"): _container, ("POST", "container"): _container,
    ("POST", "pages"): _pages, ("POST", "reset"): _reset,
}
