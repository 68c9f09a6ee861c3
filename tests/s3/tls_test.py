"""Certificates: what is not trusted gets no request."""

import subprocess
import unittest

from through_proxy import ProxyTest

NAMES = "DNS:localhost,IP:127.0.0.1"


class TlsTest(ProxyTest):
    def openssl(self, *words):
        made = subprocess.run(
            ["openssl", *map(str, words)], cwd=self.folder, capture_output=True, text=True, check=False
        )
        self.assertEqual(made.returncode, 0, made.stderr)

    def setUp(self):
        super().setUp()
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2,
                     "-subj", "/CN=CA of the test", "-keyout", "ca.key", "-out", "ca.pem")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server",
                     "-keyout", "server.key", "-out", "server.csr")

    def certificate(self, names=NAMES, days=2):
        (self.folder / "names").write_text("subjectAltName=" + names)
        self.openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-days", days, "-extfile", "names", "-out", "server.pem")
        both = self.folder / f"{names}{days}.pem"
        both.write_text((self.folder / "server.pem").read_text() + (self.folder / "server.key").read_text())
        return both

    def test_one_that_the_settings_trust(self):
        self.through(certificate=self.certificate())
        self.configure(ca_file=str(self.folder / "ca.pem"))
        self.done(*self.ARCHIVE)
        self.assertTrue(self.proxy.url.startswith("https:"))
        self.assertGreater(len(self.proxy.seen), 0)

    def test_those_that_are_refused(self):
        trusted = str(self.folder / "ca.pem")
        for name, certificate, settings, told in (
            ("nobody trusts it", self.certificate(), {}, "unable to get local issuer certificate"),
            ("of another host", self.certificate("DNS:elsewhere.example"), {"ca_file": trusted}, "subject name"),
            ("expired", self.certificate(days=-1), {"ca_file": trusted}, "expired"),
        ):
            with self.subTest(name):
                self.through(certificate=certificate)
                self.environment.pop("AWS_CA_BUNDLE", None)
                self.configure(**settings)
                self.assertIn(told, self.ends(3, *self.ARCHIVE).stderr)
                self.assertEqual(self.proxy.seen, [])
                self.assertEqual(self.proxy.connections, 1)  # it will not be another one next time


if __name__ == "__main__":
    unittest.main(verbosity=2)
