"""The model server besides its table: what it refuses, lists, blocks, ranges, checksums, its clock."""

import base64
import hashlib
import os
import unittest

from model_server import TABLE, ModelTest
from service import DAY, rfc1123

ONE_ID, TWO_ID = "b25l", "dHdv"


def block_list(*ids, tag="Latest"):
    return ("<BlockList>" + "".join(f"<{tag}>{i}</{tag}>" for i in ids) + "</BlockList>").encode()


class ServiceTest(ModelTest):
    def setUp(self):
        super().setUp()
        self.v, self.p0 = self.model.container("V"), self.model.container("P0")
        self.name = self.prefix + "blob"

    def at(self, method, query=None, headers=None, body=b"", container=None):
        return self.model.ask(method, container or self.v, self.name, query, headers, body)

    def put(self, body=b"bytes", container=None, **headers):
        return self.model.put(container or self.v, self.name, body, **headers)

    def run_all(self, *asks):
        return self.model.sign_and_run(asks)

    def run_one(self, ask):
        return self.model.sign_and_run([ask])[0]


class RefusalTest(ServiceTest):
    def refusal(self, why):
        status, code, _ = TABLE["refusals"][why].split()
        return int(status), code

    def check(self, why, *asks):
        for ask, reply in zip(asks, self.run_all(*asks), strict=True):
            with self.subTest(method=ask.method, query=ask.query, headers=ask.headers):
                self.refused(reply, *self.refusal(why))
                self.assertEqual(reply.xml().findtext("Code"), reply.code)

    def test_a_method_that_no_operation_has(self):
        self.check("a method that no operation has", self.at("PATCH"), self.at("OPTIONS"))

    def test_a_comp_or_restype_that_is_not_known(self):
        self.check("a comp or restype that the method lacks", *[
            self.at("PUT", {"comp": comp}, {"x-ms-legal-hold": "true"}) for comp in
            ("immutabilitypolicies", "legalHold", "lease", "copy", "incrementalcopy", "expiry", "seal", "")],
            self.at("DELETE", {"comp": "legalhold"}), self.at("GET", {"comp": "immutabilityPolicies"}),
            self.model.ask("GET", self.v, query={"restype": "container", "comp": "acl"}))

    def test_a_parameter_that_is_not_known(self):
        self.check("a parameter that the operation lacks", self.at("GET", {"snapshot": "x"}), self.at("PUT", {
            "versionid": "2020-01-01T00:00:00.0000000Z"}, {"x-ms-blob-type": "BlockBlob"}),
            *[self.at("PUT", {"comp": comp, "versionid": "2020-01-01T00:00:00.0000000Z"}) for comp in
              ("snapshot", "undelete", "appendblock", "metadata", "properties", "blocklist")],
            self.at("DELETE", {"deletetype": "permanent"}))

    def test_a_header_that_is_not_known(self):
        type_of_blob = {"x-ms-blob-type": "BlockBlob"}
        self.check("a header that the operation lacks", *[
            self.at("PUT", {}, {**type_of_blob, name: value}) for name, value in (
                ("x-ms-lease-id", "1"), ("x-ms-immutability-policy", "x"), ("x-ms-legalhold", "true"),
                ("x-ms-if-tags", "a"), ("X-Amz-Date", "1"))],
            self.at("PUT", {"comp": "block", "blockid": ONE_ID}, {"If-None-Match": "*"}, b"x"),
            self.at("PUT", {"comp": "block", "blockid": ONE_ID}, {"x-ms-legal-hold": "true"}, b"x"),
            self.at("DELETE", {}, {"x-ms-delete-snapshots": "include"}))

    def test_a_header_that_is_needed(self):
        self.check("a header that it needs and is not there", self.at("PUT"), self.at("PUT", {"comp": "legalhold"}),
                   self.at("PUT", {"comp": "tier"}))

    def test_an_unknown_version(self):
        self.check("x-ms-version that is not known", self.at("GET", {}, {"x-ms-version": "2031-01-01"}))

    def test_a_body_without_length(self):
        ask = self.put()
        ask.headers["Transfer-Encoding"] = "chunked"
        self.refused(self.run_one(ask), 411, "MissingContentLengthHeader")

    def test_names(self):
        bad = ["a/./b", "a/../b", "a.", "x" * 1025, "tab\there", "\u0085", "\ufffe", "/".join("a" * 255)]
        good = ["x" * 1024, "ä ö+%&?#'", "a//b", "\U0001f600"]
        replies = self.run_all(*[self.model.put(self.v, name) for name in bad + good])
        for name, reply in zip(bad + good, replies):
            with self.subTest(name=name):
                self.assertEqual(reply.status, 400 if name in bad else 201)

    def test_metadata(self):
        for headers, code in (({"x-ms-meta-a-b": "1"}, "InvalidMetadata"), ({"x-ms-meta-1": "1"}, "InvalidMetadata"),
                              ({"x-ms-meta-a": "x" * 9000}, "MetadataTooLarge")):
            ask = self.put()
            ask.headers.update(headers)
            self.refused(self.run_one(ask), 400, code)

    def test_containers(self):
        query = {"restype": "container"}
        for name, status in (("fresh", 201), ("fresh", 409), ("Upper", 400), ("a", 400), ("a--b", 400), ("-ab", 400)):
            self.assertEqual(self.model.one("PUT", name, query=query).status, status, name)
        self.refused(self.model.one("GET", "missing", "a"), 404, "ContainerNotFound")
        self.refused(self.model.one("HEAD", self.v, "missing"), 404, "BlobNotFound")


class CopyTest(ServiceTest):
    def copy(self, source, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.at("PUT", {}, {"x-ms-copy-source": source, **named})

    def test_a_version_is_copied_over_the_current_one(self):
        first = self.run_one(self.put(b"one", x_ms_meta_a="1")).headers["x-ms-version-id"]
        self.done(self.run_one(self.put(b"two")), 201)
        place = self.model.base + self.model.path(self.v, self.name)
        self.done(self.run_one(self.copy(place + "?versionid=" + first)), 202)
        reply = self.run_one(self.at("GET"))
        self.assertEqual((reply.body, reply.headers["x-ms-meta-a"]), (b"one", "1"))

    def test_what_is_not_here_is_not_copied(self):
        place = self.model.base + self.model.path(self.v, self.name)
        for source in (place, "http://127.0.0.1:1/elsewhere/a/b", self.model.base + "/other/a/b", "x",
                       place + "?versionid=2020-01-01T00:00:00.0000000Z", place + "?snapshot=x"):
            self.refused(self.run_one(self.copy(source)), 404, "CannotVerifyCopySource")
        self.refused(self.run_one(self.copy(place, x_ms_blob_type="BlockBlob")), 400, "UnsupportedHeader")

    def test_snapshots_go_as_their_state_allows(self):
        far = rfc1123(self.model.now() + DAY)
        policy = "x-ms-immutability-policy-"
        locks = {"n": {}, "u": {policy + "until-date": far}, "h": {"x-ms-legal-hold": "true"},
                 "l": {policy + "until-date": far, policy + "mode": "locked"}}
        for state, headers in locks.items():
            self.name = self.prefix + state
            ask = self.put()
            ask.headers.update(headers)
            self.done(self.run_one(ask), 201)
            snapshot = self.done(self.run_one(self.at("PUT", {"comp": "snapshot"})), 201).headers["x-ms-snapshot"]
            status, code, _ = (TABLE["cells"]["V"]["delete snapshot"][state] + " -").split()[:3]
            with self.subTest(state=state):
                self.refused(self.run_one(self.at("DELETE")), 409, "SnapshotsPresent")
                gone = self.run_one(self.at("DELETE", {"snapshot": snapshot}))
                self.assertEqual((gone.status, gone.code), (int(status), None if status == "202" else code))
        self.refused(self.run_one(self.at("DELETE", {"snapshot": "x"})), 404, "BlobNotFound")
        self.refused(self.run_one(self.at("DELETE", {"snapshot": "x", "versionid": "x"})), 400,
                     "InvalidQueryParameterValue")


class BlockTest(ServiceTest):
    def block(self, block_id, body, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.at("PUT", {"comp": "block", "blockid": block_id}, named, body)

    def commit(self, *ids, **more):
        return self.at("PUT", {"comp": "blocklist"}, body=block_list(*ids, **more))

    def listed(self, kind="all"):
        reply = self.done(self.run_one(self.at("GET", {"comp": "blocklist", "blocklisttype": kind})))
        return {e.tag: [(b.findtext("Name"), b.findtext("Size")) for b in e] for e in reply.xml()}

    def test_blocks_become_a_blob(self):
        blocks = [self.block(ONE_ID, b"one"), self.block(TWO_ID, b"second"), self.block(TWO_ID, b"two")]
        for reply in self.run_all(*blocks):
            self.done(reply, 201)
            self.assertNotIn("content-md5", reply.headers)
        self.assertEqual(self.listed(), {"CommittedBlocks": [], "UncommittedBlocks": [(ONE_ID, "3"), (TWO_ID, "3")]})
        self.refused(self.run_one(self.at("GET")), 404, "BlobNotFound")
        committed = self.done(self.run_one(self.commit(TWO_ID, ONE_ID, TWO_ID)), 201)
        self.assertNotIn("content-md5", committed.headers)
        got = self.done(self.run_one(self.at("GET")))
        self.assertEqual(got.body, b"twoonetwo")
        self.assertNotIn("content-md5", got.headers)
        self.assertEqual(self.listed(), {
            "CommittedBlocks": [(TWO_ID, "3"), (ONE_ID, "3"), (TWO_ID, "3")], "UncommittedBlocks": []})

    def test_a_told_md5_is_kept_unchecked(self):
        ask = self.commit()
        ask.headers["x-ms-blob-content-md5"] = "AAAAAAAAAAAAAAAAAAAAAA=="
        self.done(self.run_one(ask), 201)
        self.assertEqual(self.run_one(self.at("HEAD")).headers["content-md5"], "AAAAAAAAAAAAAAAAAAAAAA==")

    def test_a_whole_write_ends_what_is_staged(self):
        self.run_all(self.block(ONE_ID, b"one"), self.put())
        self.assertEqual(self.listed("uncommitted"), {"UncommittedBlocks": []})
        self.refused(self.run_one(self.commit(ONE_ID)), 400, "InvalidBlockList")

    def test_committed_blocks_can_be_used_again(self):
        self.run_all(self.block(ONE_ID, b"one"), self.commit(ONE_ID), self.block(TWO_ID, b"two"))
        self.refused(self.run_one(self.commit(ONE_ID, tag="Uncommitted")), 400, "InvalidBlockList")
        self.refused(self.run_one(self.commit(TWO_ID, tag="Committed")), 400, "InvalidBlockList")
        self.done(self.run_one(self.commit(ONE_ID, TWO_ID)), 201)
        self.assertEqual(self.run_one(self.at("GET")).body, b"onetwo")

    def test_refused_blocks(self):
        self.run_all(self.block(ONE_ID, b"one"))
        for ask, code in ((self.block("b25lMQ==", b"x"), "InvalidBlobOrBlock"),
                          (self.block("b24=", b"x"), "InvalidBlobOrBlock"),  # as long only in base64
                          (self.block("??", b"x"), "InvalidQueryParameterValue"),
                          (self.block(TWO_ID, b""), "InvalidHeaderValue"),
                          (self.at("PUT", {"comp": "block"}, body=b"x"), "MissingRequiredQueryParameter"),
                          (self.at("PUT", {"comp": "blocklist"}, body=b"<BlockList>"), "InvalidXmlDocument"),
                          (self.commit(ONE_ID, TWO_ID), "InvalidBlockList"),
                          (self.block(TWO_ID, b"x", Content_MD5="AAAAAAAAAAAAAAAAAAAAAA=="), "Md5Mismatch")):
            self.refused(self.run_one(ask), 400, code)

    def test_an_empty_list_is_an_empty_blob(self):
        self.done(self.run_one(self.commit()), 201)
        self.assertEqual(self.run_one(self.at("GET")).headers["content-length"], "0")


class ReadTest(ServiceTest):
    def test_ranges(self):
        body = os.urandom(3 << 20)
        ids = [base64.b64encode(b"%04d" % n).decode() for n in range(3)]
        self.run_all(*[self.at("PUT", {"comp": "block", "blockid": i}, body=body[n << 20:(n + 1) << 20])
                       for n, i in enumerate(ids)], self.at("PUT", {"comp": "blocklist"}, body=block_list(*ids)))
        asked = [(0, 0), (5, 9), ((1 << 20) - 1, 1 << 20), (100, (3 << 20) - 1), ((3 << 20) - 1, (3 << 20) + 50)]
        ranges = [self.at("GET", {}, {"x-ms-range": f"bytes={a}-{b}"}) for a, b in asked]
        replies = self.run_all(self.at("GET"), *ranges)
        self.assertEqual(replies[0].body, body)
        for (first, last), reply in zip(asked, replies[1:]):
            self.done(reply, 206)
            self.assertEqual(reply.body, body[first:last + 1])
            end = min(last, len(body) - 1)
            self.assertEqual(reply.headers["content-range"], f"bytes {first}-{end}/{len(body)}")
        rest, past, odd, reversed_ = self.run_all(*[self.at("GET", {}, {"Range": "bytes=" + r}) for r in
                                                   (f"{len(body) - 7}-", f"{len(body)}-", "-5", "9-5")])
        self.assertEqual((rest.status, rest.body), (206, body[-7:]))
        self.refused(past, 416, "InvalidRange")
        self.refused(odd, 400, "InvalidHeaderValue")
        self.refused(reversed_, 400, "InvalidHeaderValue")

    def test_the_md5_of_a_range(self):
        self.run_all(self.put(b"some bytes"))
        md5 = {"x-ms-range": "bytes=0-3", "x-ms-range-get-content-md5": "true"}
        reply = self.done(self.run_one(self.at("GET", {}, md5)), 206)
        for header, data in (("content-md5", b"some"), ("x-ms-blob-content-md5", b"some bytes")):
            self.assertEqual(reply.headers[header], base64.b64encode(hashlib.md5(data).digest()).decode())

    def test_checksums_of_a_body(self):
        crc = "iJh5CoYUi64="  # the check value of CRC-64/NVME
        good, bad, odd, both = self.run_all(*[self.put(b"123456789", **h) for h in (
            {"x_ms_content_crc64": crc}, {"x_ms_content_crc64": "AAAAAAAAAAA="}, {"Content_MD5": "abc"},
            {"x_ms_content_crc64": crc, "Content_MD5": "AAAAAAAAAAAAAAAAAAAAAA=="})])
        self.assertEqual(self.done(good, 201).headers["x-ms-content-crc64"], crc)
        self.refused(bad, 400, "Crc64Mismatch")
        self.refused(odd, 400, "InvalidMd5")
        self.assertEqual(both.status, 400)

    def test_conditions(self):
        first = self.run_one(self.put())
        etag, modified = first.headers["etag"], first.headers["last-modified"]
        cases = [("GET", {"If-Match": etag}, 200), ("GET", {"If-Match": '"0x1"'}, 412),
                 ("GET", {"If-None-Match": etag}, 304), ("HEAD", {"If-None-Match": '"0x1"'}, 200), ("GET", {"If-Modified-Since": modified}, 304),
                 ("GET", {"If-Unmodified-Since": modified}, 200), ("HEAD", {"If-Unmodified-Since": rfc1123(0)}, 412),
                 ("GET", {"If-Match": "0x1"}, 400), ("DELETE", {"If-Match": '"0x1"'}, 412)]
        for (method, headers, status), reply in zip(cases, self.run_all(*[self.at(m, {}, h) for m, h, _ in cases])):
            with self.subTest(method=method, headers=headers):
                self.assertEqual((reply.status, reply.body if status == 304 else b""), (status, b""))
        writes = [({"If_None_Match": etag}, 412), ({"If_Match": etag}, 201),
                  ({"If_Match": etag, "If_Modified_Since": modified}, 400)]
        for headers, status in writes:
            self.assertEqual(self.run_one(self.put(**headers)).status, status)

    def test_versions_by_id(self):
        one, two = (r.headers["x-ms-version-id"] for r in self.run_all(self.put(b"one"), self.put(b"two")))
        self.assertRegex(one, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$")
        for version, body, current in ((one, b"one", None), (two, b"two", "true")):
            reply = self.done(self.run_one(self.at("GET", {"versionid": version})))
            self.assertEqual((reply.body, reply.headers.get("x-ms-is-current-version")), (body, current))
        self.refused(self.run_one(self.at("GET", {"versionid": one[:-2] + "9Z"})), 404, "BlobNotFound")

    def test_an_archived_blob_cannot_be_read(self):
        self.run_all(self.put(x_ms_access_tier="Archive"))
        self.refused(self.run_one(self.at("GET")), 409, "BlobArchived")

    def test_every_answer_has_what_answers_have(self):
        ask = self.put(x_ms_client_request_id="our-id")
        reply = self.run_one(ask)
        self.assertEqual(reply.headers["x-ms-client-request-id"], "our-id")
        self.assertEqual(reply.headers["x-ms-version"], "2023-11-03")
        self.assertRegex(reply.headers["x-ms-request-id"], "^[0-9a-f-]{36}$")


class ListTest(ServiceTest):
    def setUp(self):
        super().setUp()
        self.names = [f"{self.prefix}{folder}/{n}" for folder in "ab" for n in range(5)]
        self.run_all(*[self.model.put(self.v, name) for name in self.names * 2])  # two versions each

    def page(self, **query):
        return self.done(self.model.one("GET", self.v, query={
            "restype": "container", "comp": "list", "prefix": self.prefix, **query}))

    def pages(self, **query):
        """([what is on each page])."""
        found, marker = [], ""
        while True:
            root = self.page(**query, **({"marker": marker} if marker else {})).xml()
            found.append([e.findtext("Name") for e in root.find("Blobs")])
            marker = root.findtext("NextMarker")
            if not marker:
                return found

    def test_the_body_has_a_byte_order_mark_and_no_quotes_around_etags(self):
        reply = self.page()
        self.assertTrue(reply.body.startswith(b"\xef\xbb\xbf<?xml"))
        self.assertRegex(reply.xml().find("Blobs/Blob/Properties").findtext("Etag"), "^0x[0-9A-F]+$")

    def test_paging(self):
        self.assertEqual(self.pages(), [self.names])
        self.assertEqual(self.pages(maxresults="4"), [self.names[:4], self.names[4:8], self.names[8:]])
        twice = [name for name in self.names for _ in range(2)]
        by_three = self.pages(maxresults="3", include="versions")
        self.assertEqual([len(p) for p in by_three], [3, 3, 3, 3, 3, 3, 2])
        self.assertEqual(sum(by_three, []), twice)

    def test_short_and_empty_pages(self):
        self.model.control("POST", "pages", {"most": 2, "empty": True})
        pages = self.pages()
        self.assertEqual([len(p) for p in pages], [0, 2] * 5)
        self.assertEqual(sum(pages, []), self.names)

    def test_delimiter(self):
        self.assertEqual(self.pages(delimiter="/"), [[self.prefix + "a/", self.prefix + "b/"]])

    def test_what_was_deleted_is_listed_with_its_versions_alone(self):
        self.done(self.model.one("DELETE", self.v, self.names[0]), 202)
        self.assertNotIn(self.names[0], sum(self.pages(), []))
        self.assertEqual(sum(self.pages(include="versions"), []).count(self.names[0]), 2)
        blobs = self.page(include="deletedwithversions").xml().find("Blobs")
        self.assertEqual([b.findtext("Name") for b in blobs if b.findtext("HasVersionsOnly") == "true"], self.names[:1])

    def test_refused_lists(self):
        for query in ({"maxresults": "0"}, {"maxresults": "x"}, {"marker": "junk"}, {"include": "locks"}):
            reply = self.model.one("GET", self.v, query={"restype": "container", "comp": "list", **query})
            self.assertEqual(reply.status, 400, query)

    def test_containers(self):
        reply = self.done(self.model.one("GET", query={"comp": "list", "prefix": "cavra-v", "maxresults": "2"}))
        names = [c.findtext("Name") for c in reply.xml().iter("Container")]
        self.assertEqual(names, ["cavra-v", "cavra-v-locked"])
        self.assertNotEqual(reply.xml().findtext("NextMarker"), "")


class DefaultPolicyTest(ServiceTest):
    def shown(self, label, **headers):
        container = self.model.container(label)
        self.done(self.run_one(self.put(container=container, **headers)), 201)
        h = self.run_one(self.at("HEAD", container=container)).headers
        names = ("x-ms-immutability-policy-mode", "x-ms-immutability-policy-until-date", "x-ms-creation-time")
        return tuple(h.get(name) for name in names)

    def test_versions_inherit_it(self):
        defaults = (("V_LOCKED", "locked", 3650), ("V_UNLOCKED", "unlocked", 3650), ("V_SHORT", "locked", 1))
        for label, mode, days in defaults:
            told, until, created = self.shown(label)
            self.assertEqual(told, mode)
            self.assertIn(until, [rfc1123(self.model.now() + days * DAY - late) for late in range(-1, 20)])
            self.assertEqual(until[17:], created[17:])
        self.assertEqual(self.shown("V")[:2], (None, None))

    def test_headers_win_over_it(self):
        until = rfc1123(self.model.now() + DAY)
        told = self.shown("V_LOCKED", x_ms_immutability_policy_until_date=until)
        self.assertEqual(told[:2], ("unlocked", until))

    def test_container_properties(self):
        flags = [("V", "false false true"), ("V_LOCKED", "true false true"), ("C_NONE", "false false false"),
                 ("C_LOCKED", "true false false"), ("C_HELD", "false true false"), ("P1", "false false false")]
        names = ("x-ms-has-immutability-policy", "x-ms-has-legal-hold",
                 "x-ms-immutable-storage-with-versioning-enabled")
        for label, words in flags:
            h = self.model.one("HEAD", self.model.container(label), query={"restype": "container"}).headers
            self.assertEqual(" ".join(h[n] for n in names), words)

    def test_it_ends_with_the_clock(self):
        container = self.model.container("V_SHORT")
        delete = self.at("DELETE", container=container)
        self.done(self.run_one(self.put(container=container)), 201)
        self.refused(self.run_one(delete), 409, "BlobImmutableDueToPolicy")
        self.model.step(DAY + 1)
        reply = self.done(self.run_one(delete), 202)
        self.assertIn(reply.headers["date"], [rfc1123(self.model.now() - late) for late in range(-2, 20)])


if __name__ == "__main__":
    unittest.main()
