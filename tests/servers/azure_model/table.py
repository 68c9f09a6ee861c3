"""state_table.json: which requests there are, and what they answer in which state."""

import json
import pathlib

from .refused import Refused

DATA = json.loads((pathlib.Path(__file__).parent / "state_table.json").read_text())
ALWAYS = set(DATA["headers of every request"])
VERSIONS = set(DATA["versions"])
ROLES = DATA["rights"]["roles"]
LETTERS = DATA["rights"]["letters"]
EVERYTHING = ROLES["owner"]


def parse_cell(text):
    """'409 SomeCode D' as (409, 'SomeCode', 'D'); None for what cannot arise."""
    if text == "-":
        return None
    words = text.split()
    return int(words[0]), words[1] if len(words) == 3 else None, words[-1]


def cell(kind, operation, state):
    row = DATA["cells"][kind].get(operation)
    if row is None:
        return None
    for key in (state, state[0], "*"):
        if key in row:
            return parse_cell(row[key])
    return None


def ask(kind, operation, state):
    """The status of success, or the refusal."""
    found = cell(kind, operation, state)
    if found is None:
        raise Refused(501, "NotImplemented", f"The table has no {operation} in {kind}, state {state}.")
    status, code, _ = found
    if status >= 300:
        raise Refused(status, code, f"{operation}: refused in state {state} of a {kind} container.")
    return status


def ask_management(operation, state):
    """ask(), of the container's own policy."""
    row = DATA["management"][operation]
    status, code, _ = parse_cell(row.get(state) or row["*"])
    if status >= 300:
        raise Refused(status, code, f"{operation}: not allowed with current state {state}.")
    return status


def refusal(why, message):
    status, code, _ = parse_cell(DATA["refusals"][why])
    return Refused(status, code, message)


def _headers(row):
    names = {*row.get("must", []), *([row["told by"]] if "told by" in row else [])}
    for name in row.get("headers", []):
        names.update(DATA["header groups"].get(name, [name]))
    return names


class Operation:
    def __init__(self, name, row):
        self.name, self.right = name, row["right"]
        self.methods, self.level, self.query = row["method"].split(), row["level"], row["query"]
        self.may = set(row.get("may", [])) | set(DATA["parameters of every request"]) | set(self.query)
        self.must, self.told_by = row.get("must", []), row.get("told by")
        self.headers = _headers(row)
        self.takes_metadata = "x-ms-meta-*" in self.headers

    def check(self, request, more_parameters=()):
        """Refuses parameters and headers that the operation lacks, or needs and does not find."""
        for name in request.query:
            if name not in self.may and name not in more_parameters:
                raise refusal("a parameter that the operation lacks", f"{self.name} takes no {name}.")
        for name in request.headers:
            known = name in ALWAYS or name in self.headers
            if not known and not (self.takes_metadata and name.startswith("x-ms-meta-")):
                raise refusal("a header that the operation lacks", f"{self.name} takes no {name}.")
        for name in self.must:
            if name not in request.headers:
                raise refusal("a header that it needs and is not there", f"{self.name} needs {name}.")


OPERATIONS = [Operation(name, row) for name, row in DATA["requests"].items()]


def find_operation(method, level, query, headers):
    """The operation that a request asks for: its method, its level, its comp and restype, and a header where one
    tells."""
    told = {name: query[name] for name in ("comp", "restype") if name in query}
    if not any(method in o.methods for o in OPERATIONS):
        raise refusal("a method that no operation has", f"No operation has the method {method}.")
    fitting = [o for o in OPERATIONS if (method in o.methods, o.level, o.query) == (True, level, told)]
    for operation in sorted(fitting, key=lambda o: o.told_by is None):
        if operation.told_by is None or operation.told_by in headers:
            return operation
    raise refusal("a comp or restype that the method lacks", f"{method} of a {level} with {told}: unknown.")
