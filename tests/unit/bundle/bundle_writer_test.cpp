#include "cavra/bundle_writer.hpp"

#include <cstdlib>
#include <iostream>

#include "bundle/writer_test_data.hpp"
#include "vectors.hpp"

namespace cavra {
namespace {

using namespace cavra::testing;

TEST_CASE("a written bundle verifies, and its parts agree") {
  const Place place;
  const WrittenBundle written = must(write(kTwo, place.request()));
  CHECK(written.session_id == "s-17");
  CHECK(written.decision_count == 2);
  CHECK(written.member_count == 6);
  CHECK(written.signature.key_id == "k-1");
  CHECK(written.manifest_sha256 == sha256(place.read("manifest.json")).hex());
  const VerifyReport report = place.verify();
  CHECK(joined(briefs(report.findings)).empty());
  REQUIRE(report.bundle.has_value());
  CHECK(report.session_id == "s-17");
  CHECK(report.bundle->manifest().created_at_text == "2026-05-21T12:00:00.500000+02:00");
  CHECK(format_python(report.bundle->retention()->retain_until) ==
        "2033-05-19T12:00:00.500000+02:00");
  std::vector<std::string> members;
  for (const Member& member : report.bundle->members())
    members.push_back(member.path);
  CHECK(joined(members) ==
        "evidence.json; pr-attestation.md; compliance-mapping.md; siem-event.json; "
        "sandbox-run-summary.json; retention-policy.json; ");
  CHECK(place.names() == std::vector<std::string>{"bundle"});

  const JsonValue siem = must(parse_json(place.read("siem-event.json")));
  CHECK(*siem.find("decisions") ==
        *must(parse_json(place.read("evidence.json"))).find("decisions"));
  CHECK(*siem.find("decision_count") == JsonValue(2));
  CHECK(*siem.find("blocked_count") == JsonValue(1));
  CHECK(*siem.find("approval_required_count") == JsonValue(0));
  CHECK(*siem.find("max_severity") == JsonValue("low"));  // alphabetically
  for (const char* name : {"evidence.json", "siem-event.json", "sandbox-run-summary.json",
                           "retention-policy.json", "manifest.json"}) {
    CAPTURE(name);
    const std::string text = place.read(name);
    CHECK(pretty_json(must(parse_json(text))) + '\n' == text);
  }
}

TEST_CASE("each form of decisions gives the same bundle") {
  const Place first;
  (void)must(write(kTwo, first.request()));
  const JsonValue::Array decisions{decision("block", ".env", "high"), decision("allow", "make")};
  const std::string evidence = compact_json(
      JsonValue::object({{"decisions", decisions}, {"session_id", "s-17"}, {"product", "CAVRA"}}));
  struct Row {
    const char* what;
    DecisionFormat format;
    std::string text;
  };
  const std::vector<Row> rows{
      {"lines", DecisionFormat::json_lines, kTwo},
      {"lines with CR LF and blanks", DecisionFormat::automatic,
       "\r\n" + compact_json(decisions[0]) + "\r\n \n" + compact_json(decisions[1])},
      {"array", DecisionFormat::array, compact_json(decisions)},
      {"array, found out", DecisionFormat::automatic, " \n" + pretty_json(decisions)},
      {"evidence", DecisionFormat::evidence, evidence},
      {"evidence on one line, found out", DecisionFormat::automatic, evidence},
      {"evidence, found out", DecisionFormat::automatic, first.read("evidence.json")},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Place place;
    const WrittenBundle written = must(write(row.text, place.request(), row.format));
    CHECK(written.session_id == "s-17");
    CHECK(place.read("manifest.json") == first.read("manifest.json"));
  }
}

TEST_CASE("decisions that do not fit are refused, with their place, and leave nothing") {
  struct Row {
    std::string text;
    const char* message;  // a part of it
  };
  const JsonValue good = decision("allow", "make");
  const auto second = [&](const JsonValue& bad) { return lines({good, bad}); };
  const std::vector<Row> rows{
      {kTwo + "{", "line 3"},
      {kTwo + "{\"a\":1,\"a\":2}", "line 3"},
      {"nonsense", "line 1"},
      {"[" + compact_json(good) + ",]", "byte "},
      {"[" + compact_json(good) + ", 7]", "decision 2"},
      {second(7), "decision 2: must be an object"},
      {second(without(good, "decision")), "decision 2: /decision is missing"},
      {second(with(good, "decision", "deny")), "decision 2: /decision must be allow"},
      {second(with(good, "decision", 1)), "decision 2: /decision must be a text"},
      {second(without(good, "severity")), "/severity"},
      {second(with(good, "severity", 3)), "/severity"},
      {second(without(good, "target")), "/target"},
      {second(with(good, "target", JsonValue())), "/target"},
      {second(with(good, "session_id", 17)), "/session_id"},
      {second(with(good, "session_id", "s-18")), "decision 2 has the session id \"s-18\""},
      {second(without(good, "session_id")), "decision 2 has the session id"},
      {lines({without(good, "session_id")}), "no session id"},
      {"", "no decisions to take the session id from; give it with --session-id"},
      {"[]", "no decisions"},
      {lines({with(good, "session_id", "a\u202eb")}), "cannot be seen"},
      {lines({with(good, "session_id", std::string(4097, 'x'))}), "longer than 4096"},
      {R"({"product":"CAVRA","decisions":7})", "/decisions"},
      {R"({"product":"other","decisions":[]})", "/product"},
      {R"({"session_id":7,"decisions":[]})", "/session_id"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Place place;
    const auto written = write(row.text, place.request());
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().code == ErrorCode::usage);
    CHECK(written.error().message.find(row.message) != std::string::npos);
    CAPTURE(written.error().message);
    CHECK(place.names().empty());
  }
}

TEST_CASE("a session id that is given wins over those of the decisions") {
  const Place place;
  BundleRequest request = place.request();
  request.session_id = "run \u00e9 1";
  const std::string mixed =
      lines({decision("allow", "a"), with(decision("warn", "b"), "session_id", "other")});
  CHECK(must(write(mixed, request)).session_id == "run \u00e9 1");
  CHECK(place.verify().session_id == "run \u00e9 1");
}

TEST_CASE("a bundle without decisions is a bundle") {
  const Place place;
  BundleRequest request = place.request();
  request.session_id = "s";
  CHECK(must(write("[]", request)).decision_count == 0);
  CHECK(place.verify().bundle.has_value());
  CHECK(place.read("evidence.json").find("\"decisions\": [],") != std::string::npos);
  CHECK(place.read("siem-event.json").find("\"max_severity\": \"low\"") != std::string::npos);
}

TEST_CASE("what a decision has is kept as it is, and nothing is made up") {
  const Place place;
  JsonValue odd = decision("warn", "x");
  odd.set("n", BigInteger{"12345678901234567890123"});
  odd.set("d", 1.0);
  odd.set("\u00e9", JsonValue::Array{nullptr, true, "\u007f\U0001F600"});
  (void)must(write(lines({odd}), place.request()));
  const JsonValue evidence = must(parse_json(place.read("evidence.json")));
  CHECK(evidence.find("decisions")->if_array()->at(0) == odd);
}

TEST_CASE("what is written is within what verification reads, in depth and length") {
  const auto deep = [](std::size_t levels) {  // of the whole decision
    const std::string open(levels - 1, '[');
    const std::string close(levels - 1, ']');
    return R"({"session_id":"s","decision":"warn","target":"t","severity":"low","x":)" + open +
           close + "}\n";
  };
  const auto wide = [](std::size_t characters) {  // of six bytes each, where it is written
    std::string text;
    for (std::size_t i = 0; i < characters; ++i)
      text += "\u00e9";
    return lines({decision("warn", text)});
  };
  constexpr std::size_t kMost = (kMaxStreamedValueBytes - 1000) / 6;
  for (const std::string& text : {deep(kMaxJsonDepth - 2), wide(kMost)}) {
    const Place place;
    (void)must(write(text, place.request()));
    CHECK(joined(briefs(place.verify().findings)) == "");
  }
  for (const std::string& text : {deep(kMaxJsonDepth - 1), wide(kMost + 200)}) {
    const Place place;
    const auto written = write(text, place.request());
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().code == ErrorCode::usage);
  }
}

TEST_CASE("retention is counted in days from the one clock reading, and bounded") {
  Place place;
  BundleRequest request = place.request();
  for (const std::int64_t days :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{3'000'000}, std::int64_t{1} << 40}) {
    CAPTURE(days);
    request.retention_days = days;
    CHECK(write(kTwo, request).error().code == ErrorCode::usage);
    CHECK(place.names().empty());
  }
  request.retention_days = 1;
  request.legal_hold = true;
  request.classification = "audit";
  (void)must(write(kTwo, request));
  const VerifyReport report = place.verify();
  REQUIRE(report.bundle.has_value());
  CHECK(report.bundle->retention()->legal_hold);
  CHECK(report.bundle->retention()->classification == "audit");
  CHECK(format_python(report.bundle->retention()->retain_until) ==
        "2026-05-22T12:00:00.500000+02:00");
}

TEST_CASE("texts that are not UTF-8, or longer than 4096 bytes, are refused") {
  const Place place;
  for (std::string BundleRequest::* text :
       {&BundleRequest::session_id, &BundleRequest::signer, &BundleRequest::policy_pack,
        &BundleRequest::classification}) {
    BundleRequest request = place.request();
    request.*text = "\xFF";
    CHECK(write(kTwo, request).error().code == ErrorCode::usage);
    request.*text = std::string(4097, 'x');
    CHECK(write(kTwo, request).error().code == ErrorCode::usage);
  }
}

TEST_CASE("the Markdown cannot be broken by a target, and shows it") {
  const Place place;
  const std::vector<JsonValue> odd{
      decision("allow", "plain"),        decision("block", "a`b``c"),
      decision("block", "`edge`"),       decision("warn", "line\n# Title\n- item"),
      decision("warn", "esc\x1b[2Jape"), decision("warn", ""),
      decision("warn", " spaced "),      decision("warn", "x", "high`\n# Title"),
  };
  (void)must(write(lines(odd), place.request()));
  const std::string text = place.read("pr-attestation.md");
  CHECK(text.starts_with("# CAVRA PR Attestation\n"));
  CHECK(text.find("Session: `s-17`") != std::string::npos);
  for (const std::string part : {"- `plain`: allow", "- ```a`b``c```: block",
                                 "- `` `edge` ``: block", "line\\u000a# Title\\u000a- item",
                                 "esc\\u001b[2Jape", "- (empty): warn", "- `  spaced  `: warn"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.find("\n# Title") == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  const std::string mapping = place.read("compliance-mapping.md");
  CHECK(mapping.find("| block | 2 |") != std::string::npos);
  CHECK(mapping.find("| all | 8 |") != std::string::npos);
}

// Signers from elsewhere: one that fails, and some whose signature no bundle can have.
class ForeignSigner final : public Signer {
 public:
  explicit ForeignSigner(Result<Signature> answer) : answer_(std::move(answer)) {}
  std::string_view key_id() const override { return "foreign"; }
  std::string_view algorithm() const override { return "Ed25519"; }
  Result<Signature> sign(std::span<const std::byte>) const override { return answer_; }

 private:
  Result<Signature> answer_;
};

TEST_CASE("a signer from elsewhere is used, and not trusted") {
  const Signature good{"Ed25519", "k", std::string(64, 'a'), std::vector<std::byte>(64)};
  struct Row {
    Result<Signature> answer;
    std::optional<ErrorCode> code;
  };
  const auto change = [&](auto member, auto value) {
    Signature changed = good;
    changed.*member = value;
    return Result<Signature>(changed);
  };
  const std::vector<Row> rows{
      {good, std::nullopt},
      {Error{ErrorCode::unavailable, "later"}, ErrorCode::unavailable},
      {change(&Signature::algorithm, "RSA"), ErrorCode::unsupported},
      {change(&Signature::algorithm, "HS256"), ErrorCode::unsupported},
      {change(&Signature::key_id, ""), ErrorCode::unsupported},
      {change(&Signature::public_key_sha256, "AB"), ErrorCode::unsupported},
      {change(&Signature::value, std::vector<std::byte>(63)), ErrorCode::unsupported},
  };
  for (const Row& row : rows) {
    const Place place;
    const auto written =
        write(kTwo, place.request(), DecisionFormat::automatic, ForeignSigner(row.answer));
    CHECK(written.has_value() == !row.code.has_value());
    if (row.code) {
      CHECK(written.error().code == *row.code);
      CHECK(place.names().empty());
    }
  }
}

TEST_CASE("a source that fails fails the writing") {
  class BrokenSource final : public ByteSource {
   public:
    Result<std::size_t> read(std::span<std::byte>) override {
      return Error{ErrorCode::io, "the disk is gone"};
    }
  };
  const Place place;
  BrokenSource source;
  const auto signer = TestBundle::signer();
  for (const DecisionFormat format : {DecisionFormat::automatic, DecisionFormat::json_lines,
                                      DecisionFormat::array, DecisionFormat::evidence}) {
    const auto written = write_bundle(source, format, place.request(), *signer);
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().code == ErrorCode::io);
    CHECK(place.names().empty());
  }
}

TEST_CASE("a stranger derives digests and signature with python and openssl alone") {
  const Place place;
  if (std::system("openssl version >/dev/null 2>&1 && python3 -c '' 2>/dev/null") != 0) {
    std::cout << "python and openssl: left out, no such programs\n";
    if (must_run("openssl")) FAIL_CHECK("openssl or python3 is missing, and must run");
    return;
  }
  BundleRequest request = place.request();
  request.signer = "Zo\u00eb \u007f\U0001F600";
  place.folder.write("att\u00e9", "attached");
  request.attachments = {place.folder.file("att\u00e9")};
  (void)must(write(kTwo, request));
  place.folder.write("public.pem", test_key("bundle").public_key().pem());
  place.folder.write("check.py", R"(
import base64, hashlib, json, os
manifest = json.load(open("bundle/manifest.json", encoding="utf-8"))
signature = manifest.pop("signature")
assert set(os.listdir("bundle")) == {f["path"] for f in manifest["files"]} | {"manifest.json"}
for f in manifest["files"]:
    data = open("bundle/" + f["path"], "rb").read()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (f["bytes"], f["sha256"]), f
pem = open("public.pem", "rb").read()
assert signature["public_key_sha256"] == hashlib.sha256(pem).hexdigest()
open("canonical", "w").write(json.dumps(manifest, sort_keys=True))
open("signature", "wb").write(base64.b64decode(signature["value"], validate=True))
)");
  const std::string in_place = "cd '" + place.folder.file("") + "' && ";
  CHECK(std::system((in_place + "python3 check.py").c_str()) == 0);
  const std::string check =
      "openssl pkeyutl -verify -rawin -pubin -inkey public.pem -in canonical -sigfile signature "
      ">/dev/null 2>&1";
  CHECK(std::system((in_place + check).c_str()) == 0);
  place.folder.write("canonical", place.folder.read("canonical") + " ");
  CHECK(std::system((in_place + check).c_str()) != 0);
}

}  // namespace
}  // namespace cavra
