#include <doctest/doctest.h>

#include <array>

#include "archive/archive_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

// A receipt as an archive makes it, and its envelope.
struct ReceiptCase {
  ArchiveCase run;
  CheckedReceipt made = run.receipt_of(must(run.run()));

  [[nodiscard]] std::string signed_by(std::string_view seed, std::string key_id) const {
    return must(
        sign_receipt(made.receipt, *make_ed25519_signer(test_key(seed), std::move(key_id))));
  }
};

std::string codes(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    CHECK(finding.message.size() > 20);
    text += finding.code + " ";
  }
  return text;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE_MESSAGE(at != text.npos, from);
  return text.replace(at, from.size(), to);
}

// The envelope with another payload, under the same signature.
std::string with_payload(const std::string& envelope, const std::string& payload) {
  static constexpr std::string_view kStart = R"({"payload":")";
  const auto end = envelope.find('"', kStart.size());
  return std::string(kStart) + to_base64(as_bytes(payload)) + envelope.substr(end);
}

}  // namespace

TEST_CASE("dsse_pae is as its protocol has it") {
  // DSSE protocol.md, "Test vectors".
  CHECK(dsse_pae("http://example.com/HelloWorld", "hello world") ==
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  CHECK(dsse_pae("", "") == "DSSEv1 0  0 ");
}

TEST_CASE("a receipt of a trusted key has no findings, and names the root") {
  const ReceiptCase test;
  const std::string envelope = test.signed_by("receipts", "receipts");
  const auto checked = must(check_receipt(envelope, &test.run.roots));
  CHECK(codes(checked.findings).empty());
  CHECK(checked.signed_by->key_id == "receipts");
  CHECK(checked.key_id == "receipts");
  CHECK(checked.sha256 == sha256(envelope).hex());
  CHECK(checked.bytes == envelope.size());
}

TEST_CASE("each thing that is wrong with a receipt's signature is its own finding") {
  ReceiptCase test;
  TrustRoot root = receipt_root("receipts");
  std::vector<TrustRoot> roots;
  std::string envelope = test.signed_by("receipts", "receipts");
  std::string expected;
  SUBCASE("tampered") {
    Receipt other = test.made.receipt;
    other.reference = "another one";
    envelope = with_payload(envelope, other.statement());
    expected = "receipt.signature ";
  }
  SUBCASE("signed by another key under a trusted id") {
    envelope = test.signed_by("somebody", "receipts");
    expected = "receipt.signature ";
  }
  SUBCASE("signed by a key that nobody trusts") {
    envelope = test.signed_by("somebody", "somebody");
    expected = "receipt.trust ";
  }
  SUBCASE("signed by an evidence key") {
    root.purpose = KeyPurpose::evidence;
    expected = "receipt.purpose ";
  }
  SUBCASE("revoked") {
    root.status = KeyStatus::revoked;
    expected = "receipt.revoked ";
  }
  SUBCASE("revoked under another id") {
    TrustRoot revoked = receipt_root("receipts");
    revoked.key_id = "the same key";
    revoked.status = KeyStatus::revoked;
    roots.push_back(revoked);
    expected = "receipt.revoked ";
  }
  SUBCASE("revoked as an evidence key") {
    root.status = KeyStatus::revoked;
    root.purpose = KeyPurpose::evidence;
    expected = "receipt.purpose receipt.revoked ";
  }
  SUBCASE("signed after the key's end: the store's times are later") {
    root.status = KeyStatus::retired;
    root.valid_until = time_of("2027-01-15T07:59:59Z");  // stored at 2027-01-15T08:00:00Z
    expected = "receipt.window ";
  }
  SUBCASE("signed within the key's time, retired since") {
    root.status = KeyStatus::retired;
    root.valid_until = time_of("2027-01-15T08:00:00Z");
  }
  SUBCASE("evidence that is older than the receipt key") {
    root.valid_from = time_of("2028-01-01T00:00:00Z");
  }
  roots.push_back(root);
  const MapTrustRoots trusted(roots);
  const auto checked = must(check_receipt(envelope, &trusted));
  CHECK(codes(checked.findings) == expected);
}

TEST_CASE("trust roots of a file answer as a map of roots does") {
  const ReceiptCase test;
  const auto file = [](const TrustRoot& root) {
    return must(FileTrustRoots::parse(compact_json(root.to_json()), "roots.json"));
  };
  const std::string envelope = test.signed_by("receipts", "receipts");
  const auto check = [&](const TrustRoot& root) {
    const FileTrustRoots roots = file(root);
    return codes(must(check_receipt(envelope, &roots)).findings);
  };
  TrustRoot root = receipt_root("receipts");
  CHECK(check(root).empty());
  root.status = KeyStatus::revoked;
  CHECK(check(root) == "receipt.revoked ");
  CHECK(check(test_root("receipts")) == "receipt.purpose ");
  CHECK(check(receipt_root("somebody")) == "receipt.trust ");
}

TEST_CASE("without trust roots that alone is the finding") {
  const ReceiptCase test;
  const auto checked = must(check_receipt(test.signed_by("somebody", "somebody"), nullptr));
  CHECK(codes(checked.findings) == "receipt.trust ");
  CHECK_FALSE(checked.signed_by);
}

TEST_CASE("a receipt that records less than it promises says so at the object") {
  ReceiptCase test;
  test.made.receipt.objects[1].lock.mode = LockMode::governance;
  const auto checked = must(check_receipt(test.signed_by("receipts", "receipts"), &test.run.roots));
  CHECK(codes(checked.findings) == "receipt.form ");
  CHECK(contains(checked.findings.at(0).place, "note.txt"));
}

TEST_CASE("an envelope has one spelling, and one signature") {
  const ReceiptCase test;
  const std::string good = test.signed_by("receipts", "receipts");
  REQUIRE(check_receipt(good, nullptr));
  struct Row {
    std::string_view from, to;
  };
  static constexpr std::array rows{
      Row{"{\"payload\"", " {\"payload\""},
      Row{"{\"payload\"", "{\"more\":1,\"payload\""},
      Row{"{\"payload\":\"", "{\"payload\":\"="},
      Row{"{\"payload\":\"e", "{\"payload\":\"e\\u0065"},
      Row{"{\"payload\":\"e", "{\"payload\":\"e\n"},
      Row{"in-toto+json", "in-toto"},
      Row{"[{\"keyid\"", "[{\"more\":1,\"keyid\""},
      Row{"[{\"keyid\"", "[{\"keyid\":\"a\",\"sig\":\"\"},{\"keyid\""},
      Row{"\"receipts\"", "\"\\u0072eceipts\""},
      Row{"\"receipts\"", "7"},
      Row{"\",\"sig\":\"", "\",\"sig\":\"A"},
      Row{"\",\"sig\":\"", "\",\"sig\":\"AAAA"},
      Row{"\"}]}\n", "\"}]}"},
      Row{"\"}]}\n", "\"}]}\n\n"},
      Row{"\"}]}\n", "\"}],\"more\":1}\n"},
      Row{"\"}]}\n", "\"},{\"keyid\":\"x\",\"sig\":\"y\"}]}\n"},
  };
  for (const auto& [from, to] : rows) {
    CAPTURE(to);
    const auto checked = check_receipt(replaced(good, from, to), &test.run.roots);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == ErrorCode::corrupt);
  }
  for (std::size_t size = 0; size < good.size(); size += 7)
    REQUIRE_FALSE(check_receipt(good.substr(0, size), nullptr));
}

TEST_CASE("a payload of many blocks is put together, and padding inside it is refused") {
  ReceiptCase test;
  for (int i = 0; i < 1000; ++i)
    test.made.receipt.objects.insert(test.made.receipt.objects.begin(), {"m/" + std::to_string(i),
                                                                         sha256("x"),
                                                                         1,
                                                                         "v1",
                                                                         test.made.receipt.lock,
                                                                         {},
                                                                         Proof::read_back});
  const std::string good = test.signed_by("receipts", "receipts");
  REQUIRE(good.size() > 400'000);
  CHECK(codes(must(check_receipt(good, &test.run.roots)).findings).empty());
  // The same payload, put together from two texts that are base64 each.
  const std::string payload = test.made.receipt.statement();
  const std::string padded = R"({"payload":")" + to_base64(as_bytes(payload.substr(0, 196606))) +
                             to_base64(as_bytes(payload.substr(196606))) +
                             good.substr(good.find('"', 12));
  REQUIRE(contains(padded, "=="));
  CHECK_FALSE(check_receipt(padded, nullptr));
}

TEST_CASE("a key id may be any text") {
  const ReceiptCase test;
  const std::string key_id = "a \"key\", \\ Zoë\n,\"sig\":\"";
  const auto checked = must(check_receipt(test.signed_by("receipts", key_id), nullptr));
  CHECK(checked.key_id == key_id);
}
