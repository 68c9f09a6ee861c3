"""The answer to a request that is not done."""


class Refused(Exception):
    def __init__(self, status, code, message=None, headers=()):
        super().__init__(code)
        self.status, self.code = status, code
        self.message = message or "The model refuses this request: " + code + "."
        self.headers = list(headers)
