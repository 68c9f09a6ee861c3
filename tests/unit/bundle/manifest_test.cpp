#include "bundle/manifest.hpp"

#include <functional>

#include "bundle/bundle_test_data.hpp"

namespace cavra {
namespace {

using namespace cavra::testing;

TEST_CASE("verify takes a sound bundle, and keeps what it saw") {
  TestBundle bundle;
  bundle.add("deep/er/file.bin", std::string(300'000, 'x'));
  bundle.add("retention-policy.json", compact_json(good_policy()));
  bundle.add("empty", "");
  bundle.sign();
  const VerifyReport report = bundle.verify();
  CHECK(joined(briefs(report.findings)).empty());
  CHECK(report.notes.empty());
  REQUIRE(report.bundle.has_value());
  CHECK(report.member_count == 5);
  CHECK(report.session_id == "s-17");
  CHECK(report.manifest_sha256 == sha256(bundle.folder.read("manifest.json")).hex());
  const VerifiedBundle& verified = *report.bundle;
  CHECK(verified.session_id() == "s-17");
  CHECK(verified.manifest().signer == "tests");
  CHECK(verified.manifest().created_at_text == kCreatedAt);
  CHECK(verified.manifest().signature.key_id == "k-1");
  CHECK(verified.manifest().signature_json.find("value") != nullptr);
  CHECK(verified.anchor() == TrustAnchor::Kind::public_key);
  REQUIRE(verified.retention().has_value());
  CHECK(verified.retention()->retention_days == 30);
  CHECK(format_utc(verified.retention()->retain_until.at) == "2026-06-20T12:00:00Z");
  REQUIRE(verified.members().size() == 5);
  CHECK(verified.members()[2].path == "deep/er/file.bin");
  CHECK(verified.members()[2].file.size == 300'000);
  CHECK(verified.manifest_file().path == "manifest.json");
  CHECK(verified.manifest_file().sha256.hex() == report.manifest_sha256);
  for (const Member& member : verified.members()) {
    CHECK(sha256(bundle.folder.read(member.path)) == member.sha256);
    CHECK(verified.open(member).has_value());
  }
}

TEST_CASE("each rule of the manifest has its own finding and place") {
  struct Row {
    const char* what;
    std::function<void(TestBundle&)> change;
    const char* code;
    const char* place;
  };
  const auto set = [](const char* name, JsonValue value) {
    return [=](TestBundle& bundle) { bundle.manifest.set(name, value); };
  };
  const auto drop = [](const char* name) {
    return [=](TestBundle& bundle) { bundle.manifest = without(bundle.manifest, name); };
  };
  const auto set_in_entry = [](const char* name, JsonValue value) {
    return [=](TestBundle& bundle) { bundle.entry(1).set(name, value); };
  };
  const auto drop_in_entry = [](const char* name) {
    return [=](TestBundle& bundle) { bundle.entry(1) = without(bundle.entry(1), name); };
  };
  const std::string upper(64, 'A');
  const std::vector<Row> rows{
      {"schema missing", drop("schema_version"), "manifest.schema", "manifest.json#"},
      {"schema wrong", set("schema_version", "cavra.evidence.bundle.v2"), "manifest.schema",
       "manifest.json#/schema_version"},
      {"schema no text", set("schema_version", 1), "manifest.schema",
       "manifest.json#/schema_version"},
      {"product missing", drop("product"), "manifest.product", "manifest.json#"},
      {"product wrong", set("product", "cavra"), "manifest.product", "manifest.json#/product"},
      {"time missing", drop("created_at"), "manifest.created_at", "manifest.json#"},
      {"time no text", set("created_at", 1779364800), "manifest.created_at",
       "manifest.json#/created_at"},
      {"time without zone", set("created_at", "2026-05-21T12:00:00"), "manifest.created_at",
       "manifest.json#/created_at"},
      {"date only", set("created_at", "2026-05-21"), "manifest.created_at",
       "manifest.json#/created_at"},
      {"signer missing", drop("signer"), "manifest.signer", "manifest.json#"},
      {"signer no text", set("signer", JsonValue()), "manifest.signer", "manifest.json#/signer"},
      {"no number of bytes", drop_in_entry("bytes"), "manifest.bytes", "manifest.json#/files/1"},
      {"bytes negative", set_in_entry("bytes", -1), "manifest.bytes",
       "manifest.json#/files/1/bytes"},
      {"bytes a text", set_in_entry("bytes", "6"), "manifest.bytes",
       "manifest.json#/files/1/bytes"},
      {"bytes a double", set_in_entry("bytes", 6.0), "manifest.bytes",
       "manifest.json#/files/1/bytes"},
      {"bytes true", set_in_entry("bytes", true), "manifest.bytes", "manifest.json#/files/1/bytes"},
      {"bytes beyond 64 bits", set_in_entry("bytes", BigInteger{"99999999999999999999"}),
       "manifest.bytes", "manifest.json#/files/1/bytes"},
      {"no digest", drop_in_entry("sha256"), "manifest.sha256", "manifest.json#/files/1"},
      {"digest upper case", set_in_entry("sha256", upper), "manifest.sha256",
       "manifest.json#/files/1/sha256"},
      {"digest of SHA-512's length", set_in_entry("sha256", std::string(128, 'a')),
       "manifest.sha256", "manifest.json#/files/1/sha256"},
      {"digest short", set_in_entry("sha256", std::string(63, 'a')), "manifest.sha256",
       "manifest.json#/files/1/sha256"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    TestBundle bundle;
    row.change(bundle);
    bundle.sign();
    check_only(bundle.verify(), row.code, row.place);
  }
}

TEST_CASE("files must be an array of objects, not empty, each with a path of its own") {
  struct Row {
    const char* what;
    std::function<void(TestBundle&)> change;
    std::vector<std::string> findings;  // all, in order
  };
  const std::vector<Row> rows{
      {"no files",
       [](TestBundle& b) { b.manifest = without(b.manifest, "files"); },
       {"manifest.files manifest.json#", "bundle.unlisted evidence.json",
        "bundle.unlisted note.txt"}},
      {"files an object",
       [](TestBundle& b) { b.manifest.set("files", JsonValue::object()); },
       {"manifest.files manifest.json#/files", "bundle.unlisted evidence.json",
        "bundle.unlisted note.txt"}},
      {"files empty",
       [](TestBundle& b) { b.manifest.set("files", JsonValue::array()); },
       {"manifest.files manifest.json#/files", "manifest.evidence manifest.json#/files",
        "bundle.unlisted evidence.json", "bundle.unlisted note.txt"}},
      {"evidence not listed",
       [](TestBundle& b) { b.files_of().if_array()->erase(b.files_of().if_array()->begin()); },
       {"manifest.evidence manifest.json#/files", "bundle.unlisted evidence.json"}},
      {"an entry no object",
       [](TestBundle& b) { b.files_of().push_back(7); },
       {"manifest.entry manifest.json#/files/2"}},
      {"no path",
       [](TestBundle& b) { b.files_of().push_back(without(b.entry(1), "path")); },
       {"manifest.path manifest.json#/files/2"}},
      {"a path out of the bundle",
       [](TestBundle& b) { b.list("../note.txt", "hello\n"); },
       {"manifest.path manifest.json#/files/2/path"}},
      {"an absolute path",
       [](TestBundle& b) { b.list("/etc/passwd", "hello\n"); },
       {"manifest.path manifest.json#/files/2/path"}},
      {"the manifest itself",
       [](TestBundle& b) { b.list("manifest.json", "hello\n"); },
       {"manifest.path manifest.json#/files/2/path"}},
      {"a path twice",
       [](TestBundle& b) { b.files_of().push_back(JsonValue(b.entry(1))); },
       {"manifest.twin manifest.json#/files/2/path"}},
      {"a file as a folder",
       [](TestBundle& b) { b.list("note.txt/more", "x"); },
       {"manifest.twin manifest.json#/files/2/path"}},
      {"one name in two Unicode spellings",
       [](TestBundle& b) {
         b.add("caf\u00e9", "x");
         b.add("cafe\u0301", "x");
       },
       {"manifest.twin manifest.json#/files/3/path"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    TestBundle bundle;
    row.change(bundle);
    bundle.sign();
    const VerifyReport report = bundle.verify();
    CHECK(joined(briefs(report.findings)) == joined(row.findings));
    CHECK_FALSE(report.bundle.has_value());
  }
}

TEST_CASE("only what is known may stand in the signature, which nothing signs") {
  struct Row {
    const char* what;
    std::function<JsonValue(JsonValue)> change;
    const char* place;
  };
  const std::vector<Row> rows{
      {"null", [](JsonValue) { return JsonValue(); }, "manifest.json#/signature"},
      {"a text", [](JsonValue) { return JsonValue("signed"); }, "manifest.json#/signature"},
      {"no algorithm", [](JsonValue s) { return without(s, "algorithm"); },
       "manifest.json#/signature/algorithm"},
      {"algorithm none", [](JsonValue s) { return with(s, "algorithm", "none"); },
       "manifest.json#/signature/algorithm"},
      {"algorithm in other case", [](JsonValue s) { return with(s, "algorithm", "ed25519"); },
       "manifest.json#/signature/algorithm"},
      {"an unknown member", [](JsonValue s) { return with(s, "x509", "…"); },
       "manifest.json#/signature/x509"},
      {"no key id", [](JsonValue s) { return without(s, "key_id"); },
       "manifest.json#/signature/key_id"},
      {"an empty key id", [](JsonValue s) { return with(s, "key_id", ""); },
       "manifest.json#/signature/key_id"},
      {"no fingerprint", [](JsonValue s) { return without(s, "public_key_sha256"); },
       "manifest.json#/signature/public_key_sha256"},
      {"a fingerprint in upper case",
       [](JsonValue s) { return with(s, "public_key_sha256", std::string(64, 'F')); },
       "manifest.json#/signature/public_key_sha256"},
      {"no value", [](JsonValue s) { return without(s, "value"); },
       "manifest.json#/signature/value"},
      {"a value of 63 bytes",
       [](JsonValue s) { return with(s, "value", to_base64(std::vector<std::byte>(63))); },
       "manifest.json#/signature/value"},
      {"base64 with noise",
       [](JsonValue s) { return with(s, "value", "!" + *s.find("value")->if_string()); },
       "manifest.json#/signature/value"},
      {"base64 without padding",
       [](JsonValue s) {
         std::string value = *s.find("value")->if_string();
         value.resize(86);
         return with(s, "value", value);
       },
       "manifest.json#/signature/value"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    TestBundle bundle;
    bundle.sign();
    bundle.manifest.set("signature", row.change(*bundle.manifest.find("signature")));
    bundle.write("manifest.json", compact_json(bundle.manifest));
    check_only(bundle.verify(), "manifest.signature", row.place);
  }
  TestBundle bundle;
  bundle.write("manifest.json", compact_json(bundle.manifest));
  check_only(bundle.verify(), "manifest.signature", "manifest.json#");
}

TEST_CASE("an HMAC or digest signature has no key id") {
  TestBundle bundle;
  bundle.sign(*make_hmac_signer(secret_of("secret")));
  const auto anchor = must(TrustAnchor::from_hmac_key(secret_of("secret")));
  CHECK(verify(bundle.open(), anchor, {}).bundle.has_value());
  bundle.manifest.set("signature", with(*bundle.manifest.find("signature"), "key_id", "k"));
  bundle.write("manifest.json", compact_json(bundle.manifest));
  check_only(verify(bundle.open(), anchor, {}), "manifest.signature",
             "manifest.json#/signature/key_id");
}

TEST_CASE("the worked example of docs/spec/bundle-v1.md holds") {
  const std::string spec = must(read_small_file(
      std::string(CAVRA_SOURCE_DIR) + "/docs/spec/bundle-v1.md", std::size_t{1} << 20));
  JsonValue example = JsonValue::object({{"schema_version", "cavra.evidence.bundle.v1"},
                                         {"product", "CAVRA"},
                                         {"created_at", kCreatedAt},
                                         {"signer", "Zo\u00eb"}});
  const JsonValue entry =
      JsonValue::object({{"path", "note.txt"}, {"sha256", sha256("hello\n").hex()}, {"bytes", 6}});
  example.set("files", JsonValue::Array{entry});
  const std::string canonical = canonical_json(example);
  CHECK(canonical.size() == 254);
  CHECK(contains(spec, "\n" + canonical + "\n"));
  const auto has_value = [&](const Signer& signer) {
    return contains(spec, '`' + must(signer.sign(as_bytes(canonical))).value_text() + '`');
  };
  CHECK(has_value(*make_digest_signer()));
  CHECK(has_value(*make_hmac_signer(secret_of("secret"))));
  CHECK(has_value(*make_ed25519_signer(test_key("CAVRA TEST KEY fixtures a"), "test-a")));
}

TEST_CASE("foreign members of the manifest are covered by the signature, and allowed") {
  TestBundle bundle;
  bundle.manifest.set("x-note", JsonValue::object({{"deep", 1.5}, {"\u007f", "\U0001F600"}}));
  bundle.entry(0).set("media_type", "application/json");
  bundle.manifest.set("\uFFFF", 1);
  bundle.manifest.set("\U00010000", BigInteger{"123456789012345678901234567890"});
  bundle.sign();
  CHECK(bundle.verify().bundle.has_value());

  bundle.manifest.set("x-note", "changed");
  bundle.write("manifest.json", compact_json(bundle.manifest));
  check_only(bundle.verify(), "signature.mismatch", "manifest.json#/signature/value");
}

TEST_CASE("created_at may be five minutes ahead, and not a second more") {
  TestBundle bundle;
  bundle.sign();
  VerifyPolicy policy;
  const std::int64_t made = time_of(kCreatedAt).at.unix_s;
  policy.at = Timestamp{made - 300, 0};
  CHECK(bundle.verify(policy).bundle.has_value());
  policy.at = Timestamp{made - 301, 999'999'999};
  check_only(bundle.verify(policy), "manifest.created_at", "manifest.json#/created_at");
}

TEST_CASE("a manifest that cannot be parsed is one finding, with the place") {
  struct Row {
    const char* what;
    std::string text;
  };
  std::string deep = R"({"a":)";
  for (int i = 0; i < 100'000; ++i)
    deep += '[';
  const std::string good = R"({"product":"CAVRA"})";
  const std::vector<Row> rows{
      {"empty", ""},
      {"white space", " \n"},
      {"cut", R"({"product":"CAV)"},
      {"an array", "[1]"},
      {"an empty array", " []"},
      {"a text", "\"manifest\""},
      {"a byte order mark", "\xEF\xBB\xBF" + good},
      {"UTF-16", std::string("{\0\"\0", 4)},
      {"not UTF-8", "{\"product\":\"\xFF\"}"},
      {"a NUL behind it", good + '\0'},
      {"a second document", good + good},
      {"a doubled name", R"({"product":"CAVRA","product":"CAVRA"})"},
      {"a doubled name in an entry", R"({"files":[{"path":"a","path":"b"}]})"},
      {"NaN", R"({"x":NaN})"},
      {"a lone surrogate", R"({"signer":"\ud800"})"},
      {"too deep", deep},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    TestBundle bundle;
    bundle.write("manifest.json", row.text);
    check_only(bundle.verify(), "manifest.syntax", "manifest.json");
  }
}

TEST_CASE("findings of a hostile manifest are told up to a bound, and counted above it") {
  TestBundle bundle;
  JsonValue files = JsonValue::array();
  for (std::size_t i = 0; i < FindingList::kMaxTold + 10; ++i)
    files.push_back(0);
  bundle.manifest.set("files", files);
  bundle.sign();
  const VerifyReport report = bundle.verify();
  CHECK(report.findings.size() == FindingList::kMaxTold + 1);
  CHECK(report.findings.back().code == "bundle.more");
  CHECK_FALSE(report.bundle.has_value());
}

TEST_CASE("a manifest with more than a million entries is not read further") {
  TestBundle bundle;
  std::string text = R"({"files":[)";
  for (std::size_t i = 0; i < 2 * kMaxMembers; ++i)
    text += i == 0 ? "0" : ",0";
  bundle.write("manifest.json", text + "]}");
  const VerifyReport report = bundle.verify();
  // One for each of a million entries, and one that says so.
  const std::size_t untold = kMaxMembers + 1 - FindingList::kMaxTold;
  CHECK(report.findings.back().message.find(std::to_string(untold)) != std::string::npos);
}

}  // namespace
}  // namespace cavra
