#include "cavra/verify.hpp"

#include <atomic>
#include <functional>
#include <thread>

#include "bundle/bundle_test_data.hpp"

namespace cavra {
namespace {

using namespace cavra::testing;

// What a member may be, and the one finding of it.
struct MemberRow {
  std::string text;
  const char* code;
  const char* place;
};

void check_each(const std::string& member, const std::vector<MemberRow>& rows) {
  for (const MemberRow& row : rows) {
    CAPTURE(row.text);
    TestBundle bundle;
    bundle.add(member, row.text);
    bundle.sign();
    check_only(bundle.verify(), row.code, row.place);
  }
}

TEST_CASE("a folder that is not there or no folder is a usage error") {
  const TestBundle bundle;
  CHECK(Bundle::open(bundle.path("none").string()).error().code == ErrorCode::usage);
  CHECK(Bundle::open(bundle.path("note.txt").string()).error().code == ErrorCode::usage);
  CHECK(Bundle::open("").error().code == ErrorCode::usage);
}

TEST_CASE("a folder without a manifest is told so") {
  const TestBundle bundle;
  check_only(bundle.verify(), "manifest.missing", "manifest.json");
}

TEST_CASE("each way in which a member can be wrong has its own finding") {
  struct Row {
    const char* code;
    std::function<void(const TestBundle&)> change;
  };
  const std::vector<Row> rows{
      {"member.missing", [](const TestBundle& b) { std::filesystem::remove(b.path("note.txt")); }},
      {"member.digest", [](const TestBundle& b) { b.write("note.txt", "hellO\n"); }},
      {"member.size", [](const TestBundle& b) { b.write("note.txt", "hello\r\n"); }},
      {"member.size", [](const TestBundle& b) { b.write("note.txt", "hello"); }},
      {"member.kind",
       [](const TestBundle& b) {
         std::filesystem::remove(b.path("note.txt"));
         std::filesystem::create_directory(b.path("note.txt"));
       }},
  };
  for (const Row& row : rows) {
    TestBundle bundle;
    bundle.sign();
    row.change(bundle);
    check_only(bundle.verify(), row.code, "note.txt");
  }
}

TEST_CASE("all findings are told, the manifest's first and the members' in its order") {
  TestBundle bundle;
  std::vector<std::string> wanted{"signature.mismatch manifest.json#/signature/value"};
  for (int i = 0; i < 50; ++i) {
    const std::string name = "m" + std::to_string(97 * i % 50);
    bundle.list(name, "x");
    wanted.push_back("member.missing " + name);
  }
  wanted.emplace_back("bundle.unlisted more");
  bundle.sign();
  bundle.manifest.set("signer", "somebody else");
  bundle.write("manifest.json", compact_json(bundle.manifest));
  bundle.write("more", "");
  const VerifyReport report = bundle.verify({.workers = 8});
  CHECK(joined(briefs(report.findings)) == joined(wanted));
  CHECK_FALSE(report.bundle.has_value());
}

// Members are hashed while the manifest is still being read: what comes of that must not be told
// where the manifest turns out to be none, or an entry not to count.
TEST_CASE("members of a manifest that cannot be read to its end have no findings") {
  for (const std::size_t workers : {1U, 4U}) {
    TestBundle bundle;
    for (int i = 0; i < 500; ++i)
      bundle.list("missing" + std::to_string(i), "x");
    bundle.sign();
    bundle.write("manifest.json", compact_json(bundle.manifest) + "}");
    check_only(bundle.verify({.workers = workers}), "manifest.syntax", "manifest.json");
  }
}

TEST_CASE("of an entry that stands twice only the first is compared with the file") {
  for (const std::size_t workers : {1U, 4U}) {
    TestBundle bundle;
    JsonValue::Array& files = *bundle.files_of().if_array();
    JsonValue evidence = files[0];
    evidence.set("sha256", std::string(64, '0'));
    JsonValue note = files[1];
    note.set("bytes", 17);
    files.push_back(evidence);
    files.push_back(note);
    for (int i = 0; i < 200; ++i)
      bundle.add("m" + std::to_string(i), "x");
    bundle.sign();
    const VerifyReport report = bundle.verify({.workers = workers});
    CHECK(joined(briefs(report.findings)) == joined({"manifest.twin manifest.json#/files/2/path",
                                                     "manifest.twin manifest.json#/files/3/path"}));
    CHECK_FALSE(report.bundle.has_value());
    CHECK(report.session_id == "s-17");
  }
}

TEST_CASE("each rule of evidence.json has its own finding") {
  const JsonValue good = good_evidence();
  const auto text = [](const JsonValue& value) { return compact_json(value); };
  const std::vector<MemberRow> rows{
      {"", "evidence.syntax", "evidence.json"},
      {"[{}]", "evidence.syntax", "evidence.json"},
      {text(good) + "}", "evidence.syntax", "evidence.json"},
      {R"({"product":"CAVRA","session_id":"s","decisions":[NaN]})", "evidence.syntax",
       "evidence.json"},
      {text(without(good, "product")), "evidence.product", "evidence.json"},
      {text(with(good, "product", "other")), "evidence.product", "evidence.json#/product"},
      {text(without(good, "session_id")), "evidence.session_id", "evidence.json"},
      {text(with(good, "session_id", "")), "evidence.session_id", "evidence.json#/session_id"},
      {text(with(good, "session_id", 17)), "evidence.session_id", "evidence.json#/session_id"},
      {text(without(good, "decisions")), "evidence.decisions", "evidence.json"},
      {text(with(good, "decisions", JsonValue::object())), "evidence.decisions",
       "evidence.json#/decisions"},
      {text(with(good, "decisions", JsonValue::Array{JsonValue::object(), 7})),
       "evidence.decisions", "evidence.json#/decisions/1"},
      {text(with(good, "created_at", "2026-05-21T12:00:00Z")), "evidence.created_at",
       "evidence.json#/created_at"},
      {text(with(good, "created_at", JsonValue())), "evidence.created_at",
       "evidence.json#/created_at"},
  };
  check_each("evidence.json", rows);
}

TEST_CASE("evidence.json may lack created_at, and have more members") {
  TestBundle bundle;
  JsonValue evidence = without(good_evidence(), "created_at");
  evidence.set("more", JsonValue::object());
  evidence.set("decisions", JsonValue::Array{JsonValue::object()});
  bundle.add("evidence.json", pretty_json(evidence) + '\n');
  bundle.sign();
  CHECK(bundle.verify().bundle.has_value());
}

TEST_CASE("each rule of retention-policy.json has its own finding") {
  const JsonValue good = good_policy();
  const auto set = [&](const char* name, JsonValue value) {
    return compact_json(with(good, name, std::move(value)));
  };
  const auto drop = [&](const char* name) { return compact_json(without(good, name)); };
  const std::vector<MemberRow> rows{
      {"{", "retention.syntax", "retention-policy.json"},
      {"[]", "retention.syntax", "retention-policy.json"},
      {drop("schema_version"), "retention.schema", "retention-policy.json#/schema_version"},
      {set("schema_version", "v2"), "retention.schema", "retention-policy.json#/schema_version"},
      {set("product", 1), "retention.product", "retention-policy.json#/product"},
      {set("session_id", "s-18"), "retention.session_id", "retention-policy.json#/session_id"},
      {set("created_at", "2026-05-21T12:00:00Z"), "retention.created_at",
       "retention-policy.json#/created_at"},
      {drop("classification"), "retention.classification", "retention-policy.json#/classification"},
      {set("delete_protection", false), "retention.delete_protection",
       "retention-policy.json#/delete_protection"},
      {set("delete_protection", "true"), "retention.delete_protection",
       "retention-policy.json#/delete_protection"},
      {set("legal_hold", 0), "retention.legal_hold", "retention-policy.json#/legal_hold"},
      {set("legal_hold", true), "retention.disposition", "retention-policy.json#/disposition"},
      {set("disposition", "delete"), "retention.disposition", "retention-policy.json#/disposition"},
      {set("retention_days", 0), "retention.days", "retention-policy.json#/retention_days"},
      {set("retention_days", true), "retention.days", "retention-policy.json#/retention_days"},
      {set("retention_days", 30.0), "retention.days", "retention-policy.json#/retention_days"},
      {set("retention_days", "30"), "retention.days", "retention-policy.json#/retention_days"},
      {set("retention_days", BigInteger{"99999999999999999999"}), "retention.days",
       "retention-policy.json#/retention_days"},
      {set("retention_days", std::int64_t{4'294'967'326}), "retention.retain_until",
       "retention-policy.json#/retention_days"},
      {set("retention_days", 3'000'000), "retention.retain_until",
       "retention-policy.json#/retention_days"},
      {set("retention_days", 31), "retention.retain_until", "retention-policy.json#/retain_until"},
      {set("retain_until", "2026-06-20T12:00:01+00:00"), "retention.retain_until",
       "retention-policy.json#/retain_until"},
      {set("retain_until", "2026-06-20T14:00:00+02:00"), "retention.retain_until",
       "retention-policy.json#/retain_until"},
      {set("retain_until", "soon"), "retention.retain_until",
       "retention-policy.json#/retain_until"},
  };
  check_each("retention-policy.json", rows);
}

TEST_CASE("a policy above 1 MiB is not read into memory") {
  TestBundle bundle;
  std::string text = compact_json(good_policy());
  text.append((1 << 20) + 1 - text.size(), ' ');
  bundle.add("retention-policy.json", text);
  bundle.sign();
  check_only(bundle.verify(), "retention.size", "retention-policy.json");
  text.pop_back();
  bundle.add("retention-policy.json", text);
  bundle.sign();
  CHECK(bundle.verify().bundle.has_value());
}

TEST_CASE("the end of retention keeps the offset and v1's microseconds") {
  struct Row {
    const char* created_at;
    std::int64_t days;
    const char* retain_until;
  };
  for (const Row& row :
       {Row{"2026-05-21T12:00:00Z", 2555, "2033-05-19T12:00:00+00:00"},
        Row{"2024-02-28T23:30:00.5+02:00", 1, "2024-02-29T23:30:00.500000+02:00"},
        Row{"2026-05-21T12:00:00.123456+00:00", 30, "2026-06-20T12:00:00.123456Z"}}) {
    CAPTURE(row.created_at);
    TestBundle bundle;
    bundle.manifest.set("created_at", row.created_at);
    bundle.add("evidence.json", compact_json(with(good_evidence(), "created_at", row.created_at)));
    JsonValue policy = with(good_policy(), "created_at", row.created_at);
    policy.set("retention_days", row.days);
    policy.set("retain_until", row.retain_until);
    bundle.add("retention-policy.json", compact_json(policy));
    bundle.sign();
    CHECK(joined(briefs(bundle.verify().findings)).empty());
  }
}

TEST_CASE("a minimum retention is asked of the signed policy alone") {
  TestBundle bundle;
  bundle.sign();
  check_only(bundle.verify({.minimum_retention_days = 1}), "retention.missing",
             "retention-policy.json");
  bundle.write("retention-policy.json", compact_json(good_policy()));
  const VerifyReport unlisted = bundle.verify({.minimum_retention_days = 1});
  CHECK(has_code(unlisted.findings, "retention.missing"));
  CHECK(has_code(unlisted.findings, "bundle.unlisted"));

  bundle.add("retention-policy.json", compact_json(good_policy()));
  bundle.sign();
  CHECK(bundle.verify({.minimum_retention_days = 30}).bundle.has_value());
  check_only(bundle.verify({.minimum_retention_days = 31}), "retention.minimum",
             "retention-policy.json#/retention_days");
  check_only(bundle.verify({.minimum_retention_days = 0}), "retention.minimum", "");
  check_only(bundle.verify({.minimum_retention_days = -1}), "retention.minimum", "");
}

TEST_CASE("what the manifest does not list is a finding, or a note where that is allowed") {
  TestBundle bundle;
  bundle.add("known/sub/file", "x");
  bundle.sign();
  bundle.write("extra", "x");
  bundle.write("known/extra", "x");
  bundle.write("strange/a/b", "x");
  std::filesystem::create_directory(bundle.path("known/empty"));
  std::filesystem::create_symlink("note.txt", bundle.path("link"));
  bundle.write("line\nend\x1b[0m", "x");
  const std::vector<std::string> wanted{
      "bundle.unlisted extra",       "bundle.unlisted known/empty",
      "bundle.unlisted known/extra", "bundle.unlisted line\\u000aend\\u001b[0m",
      "bundle.unlisted link",        "bundle.unlisted strange",
  };
  VerifyReport report = bundle.verify();
  CHECK(joined(briefs(report.findings)) == joined(wanted));
  CHECK_FALSE(report.bundle.has_value());
  report = bundle.verify({.allow_unlisted = true});
  CHECK(report.findings.empty());
  CHECK(report.notes.size() == wanted.size());
  CHECK(report.bundle.has_value());
}

TEST_CASE("one file that is not listed is told wherever it lies, also in another one's place") {
  TestBundle bundle;
  bundle.add("a/b/c/d", "x");
  bundle.add("a/b/e", "x");
  bundle.add("z", "x");
  bundle.sign();
  CHECK(bundle.verify().findings.empty());
  for (const std::string place : {"", "a/", "a/b/", "a/b/c/"}) {
    CAPTURE(place);
    bundle.write(place + "more", "x");
    CHECK(joined(briefs(bundle.verify().findings)) == "bundle.unlisted " + place + "more; ");
    std::filesystem::remove(bundle.path(place + "more"));
  }
  std::filesystem::rename(bundle.path("a/b/e"), bundle.path("a/b/f"));
  CHECK(has_code(bundle.verify().findings, "bundle.unlisted"));
}

TEST_CASE("unlisted files are told up to a hundred, the first by name, and counted") {
  TestBundle bundle;
  bundle.sign();
  for (int i = 0; i < 250; ++i)
    bundle.write("u" + std::to_string(1000 + i), "");
  const VerifyReport report = bundle.verify();
  REQUIRE(report.findings.size() == 101);
  CHECK(report.findings.front().place == "u1000");
  CHECK(report.findings[99].place == "u1099");
  CHECK(report.findings.back().message.find("150 more") != std::string::npos);
}

TEST_CASE("the anchor decides, and the report says which key signed") {
  TestBundle bundle;
  bundle.sign();
  const auto other = TrustAnchor::from_public_key(test_key("other").public_key());
  check_only(verify(bundle.open(), other, {}), "signature.fingerprint",
             "manifest.json#/signature/public_key_sha256");
  check_only(bundle.verify({.expected_key_id = "k-2"}), "signature.key_id",
             "manifest.json#/signature/key_id");

  TrustRoot root = test_root("bundle");
  root.key_id = "k-1";
  const auto roots = [&] {
    const JsonValue json = must(make_trust_root_bundle(std::array{root}, time_of(kCreatedAt)));
    return TrustAnchor::from_roots(std::make_shared<FileTrustRoots>(
        must(FileTrustRoots::parse(pretty_json(json), "roots.json"))));
  };
  const VerifyReport report = verify(bundle.open(), roots(), {});
  REQUIRE(report.bundle.has_value());
  REQUIRE(report.bundle->signed_by().has_value());
  CHECK(report.bundle->signed_by()->key_id == "k-1");
  CHECK(report.bundle->anchor() == TrustAnchor::Kind::trust_roots);

  root.valid_from = time_of("2026-05-21T12:00:01Z");
  check_only(verify(bundle.open(), roots(), {}), "trust.window", "roots.json");
}

TEST_CASE("checksums alone never give a verified bundle, and say that nobody's signature held") {
  TestBundle bundle;
  bundle.sign(*make_digest_signer());
  VerifyReport report = verify_checksums_only(bundle.open(), {});
  CHECK(report.findings.empty());
  CHECK_FALSE(report.bundle.has_value());
  REQUIRE(report.notes.size() == 1);
  CHECK(report.notes[0].code == "signature.unchecked");
  check_only(bundle.verify(), "signature.algorithm", "manifest.json#/signature/algorithm");

  bundle.manifest.set("signer", "somebody else");
  bundle.write("manifest.json", compact_json(bundle.manifest));
  check_only(verify_checksums_only(bundle.open(), {}), "signature.mismatch",
             "manifest.json#/signature/value");

  bundle.sign();
  bundle.write("note.txt", "hellO\n");
  check_only(verify_checksums_only(bundle.open(), {}), "member.digest", "note.txt");
}

TEST_CASE("a summary has what a plan needs, and needs checksums that hold") {
  TestBundle bundle;
  bundle.add("retention-policy.json", compact_json(good_policy()));
  bundle.sign();
  VerifyReport report;
  const BundleSummary unsigned_summary = must(summarize_checksums_only(bundle.open(), {}, &report));
  CHECK(report.member_count == 3);
  const VerifyReport verified = bundle.verify();
  REQUIRE(verified.bundle.has_value());
  const BundleSummary summary = summarize(*verified.bundle);
  for (const BundleSummary* each : {&unsigned_summary, &summary}) {
    CHECK(each->session_id == "s-17");
    CHECK(each->manifest.signer == "tests");
    REQUIRE(each->files.size() == 3);
    CHECK(each->files[1].path == "note.txt");
    CHECK(each->files[1].bytes == 6);
    CHECK(each->files[1].sha256 == sha256("hello\n"));
    CHECK(each->manifest_file.path == "manifest.json");
    CHECK(each->manifest_file.bytes == bundle.folder.read("manifest.json").size());
    REQUIRE(each->retention.has_value());
    CHECK(each->retention->retention_days == 30);
  }
  bundle.write("note.txt", "hellO\n");
  CHECK(summarize_checksums_only(bundle.open(), {}, &report).error().code == ErrorCode::corrupt);
  CHECK(has_code(report.findings, "member.digest"));
}

TEST_CASE("progress is told in bytes, and reaches the bundle's size") {
  TestBundle bundle;
  bundle.add("big", std::string(3'000'000, 'x'));
  bundle.sign();
  std::atomic<std::uint64_t> highest = 0;
  std::atomic<int> calls = 0;
  VerifyPolicy policy;
  policy.on_progress = [&](std::uint64_t bytes) {
    ++calls;
    std::uint64_t seen = highest;
    while (seen < bytes && !highest.compare_exchange_weak(seen, bytes)) {
    }
  };
  const VerifyReport report = bundle.verify(policy);
  CHECK(report.bundle.has_value());
  CHECK(highest == report.bytes + bundle.folder.read("manifest.json").size());
  CHECK(calls >= 12);
}

TEST_CASE("a cancelled verification stops, and gives no bundle") {
  TestBundle bundle;
  bundle.add("big", std::string(30'000'000, 'x'));
  bundle.sign();
  std::atomic<std::uint64_t> bytes = 0;
  VerifyPolicy policy;
  policy.on_progress = [&](std::uint64_t sum) { bytes = sum; };
  policy.is_cancelled = [&] { return bytes > 1'000'000; };
  VerifyReport report = bundle.verify(policy);
  CHECK(report.is_cancelled);
  CHECK_FALSE(report.bundle.has_value());
  CHECK(bytes < 3'000'000);
  CHECK(report.findings.empty());
  CHECK(summarize_checksums_only(bundle.open(), policy, nullptr).error().code ==
        ErrorCode::cancelled);

  policy.is_cancelled = [] { return true; };
  report = bundle.verify(policy);
  CHECK(report.is_cancelled);
  CHECK_FALSE(report.bundle.has_value());
}

// A hasher from elsewhere, as a plugin would bring.
class CountingHasher final : public Hasher {
 public:
  explicit CountingHasher(std::atomic<std::uint64_t>& bytes) : bytes_(bytes) {}
  std::string_view name() const override { return "counting"; }
  void update(std::span<const std::byte> data) override {
    bytes_ += data.size();
    inner_->update(data);
  }
  Digest finish() override { return inner_->finish(); }

 private:
  std::unique_ptr<Hasher> inner_ = make_sha256();
  std::atomic<std::uint64_t>& bytes_;
};

TEST_CASE("every byte goes once through the hasher that the policy gives") {
  TestBundle bundle;
  bundle.add("big", std::string(1'000'000, 'x'));
  bundle.add("retention-policy.json", compact_json(good_policy()));
  bundle.sign();
  std::atomic<std::uint64_t> bytes = 0;
  VerifyPolicy policy;
  policy.hasher = [&] { return std::make_unique<CountingHasher>(bytes); };
  const VerifyReport report = bundle.verify(policy);
  CHECK(report.bundle.has_value());
  CHECK(bytes == report.bytes + bundle.folder.read("manifest.json").size());

  policy.hasher = make_sha512;
  CHECK(has_code(bundle.verify(policy).findings, "member.digest"));
}

TEST_CASE("an exception in a worker reaches the caller") {
  TestBundle bundle;
  bundle.sign();
  std::atomic<int> made = 0;
  VerifyPolicy policy;
  policy.workers = 2;
  policy.hasher = [&]() -> std::unique_ptr<Hasher> {
    if (++made > 1) throw std::bad_alloc();
    return make_sha256();
  };
  CHECK_THROWS_AS((void)bundle.verify(policy), std::bad_alloc);
}

TEST_CASE("a member that was replaced or changed since is not opened") {
  TestBundle bundle;
  bundle.sign();
  const VerifyReport report = bundle.verify();
  REQUIRE(report.bundle.has_value());
  const Member& note = report.bundle->members()[1];
  REQUIRE(note.path == "note.txt");
  CHECK(report.bundle->open(note).has_value());
  CHECK(report.bundle->open(report.bundle->manifest_file()).has_value());

  bundle.write("other", "hello\n");
  std::filesystem::rename(bundle.path("other"), bundle.path("note.txt"));
  CHECK(report.bundle->open(note).error().code == ErrorCode::corrupt);
  std::filesystem::remove(bundle.path("note.txt"));
  CHECK(report.bundle->open(note).error().code == ErrorCode::corrupt);
  std::filesystem::create_symlink("evidence.json", bundle.path("note.txt"));
  CHECK(report.bundle->open(note).error().code == ErrorCode::corrupt);

  // Other bytes of the same length, with the old time put back: the change time tells.
  const Member& evidence = report.bundle->members()[0];
  CHECK(report.bundle->open(evidence).has_value());
  const auto modified = std::filesystem::last_write_time(bundle.path("evidence.json"));
  std::fstream(bundle.path("evidence.json"), std::ios::in | std::ios::out).put(' ');
  std::filesystem::last_write_time(bundle.path("evidence.json"), modified);
  CHECK(report.bundle->open(evidence).error().code == ErrorCode::corrupt);
}

}  // namespace
}  // namespace cavra
