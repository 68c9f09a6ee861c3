"""A blob that is there, and unsigned requests about it."""

from model_server import ModelTest


class AccessTest(ModelTest):
    def setUp(self):
        super().setUp()
        self.v, self.name = self.model.container("V"), self.prefix + "blob"
        [reply] = self.model.sign_and_run([self.model.put(self.v, self.name)])
        self.version = self.done(reply, 201).headers["x-ms-version-id"]

    def at(self, method, query=None, headers=None, body=b"", name=None):
        return self.model.ask(method, self.v, self.name if name is None else name, query, headers, body)

    def put(self, name=None, **headers):
        return self.model.put(self.v, name or self.name, **headers)

    def run_one(self, ask):
        return self.model.run([ask])[0]
