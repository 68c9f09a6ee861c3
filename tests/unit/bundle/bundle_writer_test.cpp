#include "cavra/bundle_writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "bundle/bundle_test_data.hpp"
#include "vectors.hpp"

namespace cavra {
namespace {

using namespace cavra::testing;

// A text as a source, a few bytes at a time.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string text, std::size_t piece = 7)
      : text_(std::move(text)), piece_(piece) {}
  Result<std::size_t> read(std::span<std::byte> buffer) override {
    const std::size_t size = std::min({piece_, buffer.size(), text_.size() - at_});
    std::ranges::copy(as_bytes(std::string_view(text_).substr(at_, size)), buffer.begin());
    at_ += size;
    return size;
  }

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

JsonValue decision(std::string_view outcome, std::string_view target,
                   std::string_view severity = "low") {
  return JsonValue::object(
      {{"session_id", "s-17"}, {"decision", outcome}, {"target", target}, {"severity", severity}});
}

std::string lines(const std::vector<JsonValue>& decisions) {
  std::string text;
  for (const JsonValue& each : decisions)
    text += compact_json(each) + '\n';
  return text;
}

const std::string kTwo = lines({decision("block", ".env", "high"), decision("allow", "make")});

struct Place {
  TemporaryFolder folder;
  std::filesystem::path output = std::filesystem::path(folder.file("")) / "bundle";

  [[nodiscard]] BundleRequest request() const {
    return {.output = output, .created_at = time_of("2026-05-21T12:00:00.5+02:00")};
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    return folder.read("bundle/" + name);
  }
  // What lies beside the bundle, hidden or not.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& each : std::filesystem::directory_iterator(output.parent_path()))
      all.push_back(each.path().filename());
    std::ranges::sort(all);
    return all;
  }
  [[nodiscard]] VerifyReport verify() const {
    return cavra::verify(must(Bundle::open(output.string())), TestBundle::anchor(), {});
  }
};

Result<WrittenBundle> write(const std::string& decisions, const BundleRequest& request,
                            DecisionFormat format = DecisionFormat::automatic,
                            const Signer& signer = *TestBundle::signer()) {
  TextSource source(decisions);
  return write_bundle(source, format, request, signer);
}

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

TEST_CASE("attachments are members, sorted, under their own names") {
  const Place place;
  std::filesystem::create_directories(place.folder.file("in/tree/b/c"));
  std::filesystem::create_directories(place.folder.file("in/tree/none"));
  place.folder.write("in/tree/b/c/deep", std::string(1'000'000, 'x'));
  place.folder.write("in/tree/a.txt", "a");
  place.folder.write("in/single.bin", "");
  BundleRequest request = place.request();
  request.attachments = {place.folder.file("in/tree/"), place.folder.file("in/single.bin")};
  CHECK(must(write(kTwo, request)).member_count == 9);
  const VerifyReport report = place.verify();
  REQUIRE(report.bundle.has_value());
  std::vector<std::string> members;
  for (const Member& member : report.bundle->members().subspan(6))
    members.push_back(member.path);
  CHECK(joined(members) == "single.bin; tree/a.txt; tree/b/c/deep; ");
  CHECK(place.read("tree/b/c/deep") == std::string(1'000'000, 'x'));
}

TEST_CASE("attachments that cannot be members are refused, and leave nothing") {
  struct Row {
    const char* what;
    std::function<std::vector<std::filesystem::path>(const Place&)> make;
  };
  const auto file = [](const Place& place, const std::string& name) {
    const std::filesystem::path path = place.folder.file("in/" + name);
    std::filesystem::create_directories(path.parent_path());
    place.folder.write("in/" + name, "x");
    return path;
  };
  const std::vector<Row> rows{
      {"not there", [&](const Place& p) { return std::vector{file(p, "a").parent_path() / "b"}; }},
      {"a member's name", [&](const Place& p) { return std::vector{file(p, "siem-event.json")}; }},
      {"the manifest's name",
       [&](const Place& p) { return std::vector{file(p, "manifest.json")}; }},
      {"twice", [&](const Place& p) { return std::vector{file(p, "a"), file(p, "a")}; }},
      {"a file and a folder",
       [&](const Place& p) { return std::vector{file(p, "1/a"), file(p, "2/a/b").parent_path()}; }},
      {"a backslash", [&](const Place& p) { return std::vector{file(p, "a\\b")}; }},
      {"not UTF-8", [&](const Place& p) { return std::vector{file(p, "a\xFF")}; }},
      {"a control character in a folder",
       [&](const Place& p) { return std::vector{file(p, "d/a\nb").parent_path()}; }},
      {"a link",
       [&](const Place& p) {
         const auto link = file(p, "a").parent_path() / "link";
         std::filesystem::create_symlink("a", link);
         return std::vector{link};
       }},
      {"a link in a folder",
       [&](const Place& p) {
         const auto folder = file(p, "d/a").parent_path();
         std::filesystem::create_symlink("/etc", folder / "link");
         return std::vector{folder};
       }},
      {"a pipe in a folder",
       [&](const Place& p) {
         const auto folder = file(p, "d/a").parent_path();
         REQUIRE(::mkfifo((folder / "pipe").c_str(), 0644) == 0);
         return std::vector{folder};
       }},
      {"no name", [&](const Place&) { return std::vector<std::filesystem::path>{"/"}; }},
      {"dots", [&](const Place&) { return std::vector<std::filesystem::path>{".."}; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Place place;
    BundleRequest request = place.request();
    request.attachments = row.make(place);
    const auto written = write(kTwo, request);
    REQUIRE_FALSE(written.has_value());
    CAPTURE(written.error().message);
    CHECK(written.error().code == ErrorCode::usage);
    CHECK_FALSE(std::filesystem::exists(place.output));
  }
}

TEST_CASE("an earlier bundle is replaced in one step, and its files go") {
  Place place;
  place.folder.write("note.txt", "x");
  BundleRequest request = place.request();
  request.attachments = {place.folder.file("note.txt")};
  (void)must(write(kTwo, request));
  const std::string before = place.read("manifest.json");
  request.attachments.clear();
  (void)must(write(lines({decision("allow", "other")}), request));
  CHECK(place.read("manifest.json") != before);
  CHECK(place.verify().bundle.has_value());
  CHECK(place.names() == std::vector<std::string>{"bundle", "note.txt"});
  CHECK_FALSE(std::filesystem::exists(place.output / "note.txt"));
}

TEST_CASE("an earlier bundle stays as it was where the new one fails") {
  const Place place;
  (void)must(write(kTwo, place.request()));
  CHECK_FALSE(write("nonsense", place.request()).has_value());
  CHECK(place.verify().bundle.has_value());
  CHECK(place.names() == std::vector<std::string>{"bundle"});
}

TEST_CASE("what is no bundle is never replaced") {
  struct Row {
    const char* what;
    std::function<void(const Place&)> make;
  };
  const std::vector<Row> rows{
      {"a file", [](const Place& p) { p.folder.write("bundle", "x"); }},
      {"a folder with a file",
       [](const Place& p) {
         std::filesystem::create_directory(p.output);
         p.folder.write("bundle/thesis.tex", "x");
       }},
      {"a bundle with one file more",
       [](const Place& p) {
         (void)must(write(kTwo, p.request()));
         p.folder.write("bundle/thesis.tex", "x");
       }},
      {"a foreign manifest",
       [](const Place& p) {
         std::filesystem::create_directory(p.output);
         p.folder.write("bundle/manifest.json", "{\"files\":[]}");
       }},
      {"a link to a folder",
       [](const Place& p) {
         std::filesystem::create_directory(p.folder.file("real"));
         std::filesystem::create_symlink("real", p.output);
       }},
      {"a link to nothing",
       [](const Place& p) { std::filesystem::create_symlink("no", p.output); }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Place place;
    row.make(place);
    const auto before = place.names();
    const auto written = write(kTwo, place.request());
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().code == ErrorCode::refused);
    CHECK(place.names() == before);
  }
}

TEST_CASE("an empty folder is taken, parents are made, and a failure removes them again") {
  const Place place;
  std::filesystem::create_directory(place.output);
  (void)must(write(kTwo, place.request()));
  CHECK(place.verify().bundle.has_value());

  BundleRequest request = place.request();
  request.output = place.output.parent_path() / "x" / "y" / "bundle";
  CHECK_FALSE(write("nonsense", request).has_value());
  CHECK_FALSE(std::filesystem::exists(place.output.parent_path() / "x"));
  (void)must(write(kTwo, request));
  CHECK(std::filesystem::exists(request.output / "manifest.json"));

  for (const char* bad : {"", "/", ".", "..", "a/.."}) {
    CAPTURE(bad);
    request.output = bad;
    CHECK(write(kTwo, request).error().code == ErrorCode::usage);
  }
}

TEST_CASE("files and folders have the modes that the umask leaves") {
  const Place place;
  const mode_t before = ::umask(027);
  (void)must(write(kTwo, place.request()));
  ::umask(before);
  const auto mode = [](const std::filesystem::path& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions()) & 0777U;
  };
  CHECK(mode(place.output) == 0750);
  CHECK(mode(place.output / "manifest.json") == 0640);
  CHECK(mode(place.output / "evidence.json") == 0640);
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

// Signs well, and does something else before: what another process may do meanwhile.
class MeddlingSigner final : public Signer {
 public:
  explicit MeddlingSigner(std::function<void()> meddle) : meddle_(std::move(meddle)) {}
  std::string_view key_id() const override { return "k-1"; }
  std::string_view algorithm() const override { return "Ed25519"; }
  Result<Signature> sign(std::span<const std::byte> message) const override {
    meddle_();
    return TestBundle::signer()->sign(message);
  }

 private:
  std::function<void()> meddle_;
};

TEST_CASE("what came to the place while the bundle was written is not touched") {
  const Place place;
  const auto write_with = [&](std::function<void()> meddle) {
    return write(kTwo, place.request(), DecisionFormat::automatic, MeddlingSigner(meddle));
  };
  auto written = write_with([&] { place.folder.write("bundle", "a file"); });
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == ErrorCode::refused);
  CHECK(place.folder.read("bundle") == "a file");
  CHECK(place.names() == std::vector<std::string>{"bundle"});

  std::filesystem::remove(place.output);
  std::filesystem::create_directory(place.output);
  written = write_with([&] { place.folder.write("bundle/thesis.tex", "text"); });
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == ErrorCode::refused);
  CHECK(place.read("thesis.tex") == "text");
  CHECK(place.names() == std::vector<std::string>{"bundle"});
}

TEST_CASE("a file that came into an earlier bundle while it was replaced is kept") {
  const Place place;
  (void)must(write(kTwo, place.request()));
  const MeddlingSigner signer([&] { place.folder.write("bundle/thesis.tex", "text"); });
  const auto written = write(kTwo, place.request(), DecisionFormat::automatic, signer);
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == ErrorCode::io);
  CHECK(place.verify().bundle.has_value());  // the new one is in place
  const auto names = place.names();
  REQUIRE(names.size() == 2);
  CHECK(names[0].starts_with(".bundle.cavra-"));
  CHECK(place.folder.read(names[0] + "/thesis.tex") == "text");
  CHECK(contains(written.error().message, names[0]));
}

TEST_CASE("what killed runs left is removed, once nobody holds it, and nothing else") {
  const Place place;
  const auto make = [&](const std::string& name, mode_t mode) {
    const std::string path = place.folder.file(name);
    std::filesystem::create_directories(path);
    place.folder.write(name + "/evidence.json", "{");
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
  };
  (void)make(".bundle.cavra-00c0ffee", 01755);
  const std::string held = make(".bundle.cavra-11111111", 01755);
  const FileDescriptor holder(::open(held.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(::flock(holder.get(), LOCK_EX | LOCK_NB) == 0);
  // An earlier bundle, exchanged for a new one and not yet removed; and one with a file in it that
  // it does not list.
  const Place other;
  (void)must(write(kTwo, other.request()));
  for (const char* name : {".bundle.cavra-22222222", ".bundle.cavra-33333333"})
    std::filesystem::copy(other.output, place.folder.file(name));
  place.folder.write(".bundle.cavra-33333333/thesis.tex", "text");
  // Not ours, or another output's.
  (void)make(".bundle.cavra-xyzw0000", 01755);
  (void)make(".bundle.cavra-000000000", 01755);
  (void)make(".bundle2.cavra-00000000", 01755);
  std::filesystem::create_directory_symlink(other.output,
                                            place.folder.file(".bundle.cavra-44444444"));

  (void)must(write(kTwo, place.request()));
  CHECK(joined(place.names()) ==
        ".bundle.cavra-000000000; .bundle.cavra-11111111; .bundle.cavra-33333333; "
        ".bundle.cavra-44444444; .bundle.cavra-xyzw0000; .bundle2.cavra-00000000; bundle; ");
  CHECK(place.folder.read(".bundle.cavra-33333333/thesis.tex") == "text");
  CHECK(std::filesystem::exists(other.output / "manifest.json"));
  struct ::stat seen{};
  REQUIRE(::stat(place.output.c_str(), &seen) == 0);
  CHECK((seen.st_mode & S_ISVTX) == 0);
}

TEST_CASE("a staging folder is held while it is written") {
  const Place place;
  int seen = 0;
  const MeddlingSigner signer([&] {
    for (const std::string& name : place.names()) {
      const FileDescriptor fd(
          ::open(place.folder.file(name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      CHECK(::flock(fd.get(), LOCK_EX | LOCK_NB) != 0);
      ++seen;
    }
  });
  (void)must(write(kTwo, place.request(), DecisionFormat::automatic, signer));
  CHECK(seen == 1);
}

TEST_CASE("writing stops wherever it is cancelled, and leaves nothing") {
  const Place place;
  std::filesystem::create_directory(place.folder.file("files"));
  for (const char* name : {"files/a", "files/b"})
    place.folder.write(name, std::string(std::size_t{3} << 20, 'x'));
  BundleRequest request = place.request();
  request.attachments = {place.folder.file("files")};
  int asked = 0;
  int most = 0;
  request.is_cancelled = [&] { return ++asked > most; };
  int cancelled = 0;
  for (;; ++most) {
    asked = 0;
    const auto written = write(kTwo, request);
    if (written) break;
    CHECK(written.error().code == ErrorCode::cancelled);
    CHECK(joined(place.names()) == "files; ");
    ++cancelled;
  }
  CHECK(cancelled >= 10);  // six MiB of attachments alone ask so often
  CHECK(place.verify().bundle.has_value());
}

TEST_CASE("a private key is no attachment, whatever its name") {
  const Place place;
  const std::string pem(as_text(test_key("bundle").pem().expose()));
  std::filesystem::create_directories(place.folder.file("files/deep"));
  BundleRequest request = place.request();
  request.attachments = {place.folder.file("files")};
  const auto refusal = [&] {
    const auto written = write(kTwo, request);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ErrorCode::usage);
    CHECK_FALSE(std::filesystem::exists(place.output));
    return written.error().message;
  };
  for (const std::string& text : {pem, "\xef\xbb\xbf\r\n" + pem, std::string(4000, ' ') + pem}) {
    place.folder.write("files/deep/notes.txt", text);
    CHECK(contains(refusal(), "notes.txt\" is a private key, and a bundle is kept for years"));
  }
  // A page about keys is one, and so is a public key.
  place.folder.write("files/deep/notes.txt", "# How to make a key\n" + pem);
  place.folder.write("files/key.pem", test_key("bundle").public_key().pem());
  (void)must(write(kTwo, request));
  std::filesystem::remove_all(place.output);

  // The key that signs, by whatever name and in whatever form.
  place.folder.write("key", "an HMAC key");
  std::filesystem::create_hard_link(place.folder.file("key"), place.folder.file("files/notes"));
  std::filesystem::create_symlink("key", place.folder.file("link"));
  request.secrets = {place.folder.file("nowhere"), place.folder.file("link")};
  CHECK(contains(refusal(), "notes\" is the key that signs"));
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

TEST_CASE("an fd source reads to the end, and names its file where it fails") {
  const TemporaryFolder folder;
  folder.write("in", "0123456789");
  const FileDescriptor fd(::open(folder.file("in").c_str(), O_RDONLY | O_CLOEXEC));
  const auto source = make_fd_source(fd.get(), "in");
  std::array<std::byte, 64> buffer{};
  CHECK(must(source->read(buffer)) == 10);
  CHECK(must(source->read(buffer)) == 0);
  const auto broken = make_fd_source(-1, "in")->read(buffer);
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().message.find("\"in\"") != std::string::npos);
}

TEST_CASE("an fd source that waits for a writer ends when it is cancelled") {
  const TemporaryFolder folder;
  const std::string fifo = folder.file("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const FileDescriptor fd(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::atomic<bool> is_cancelled = false;
  const auto source = make_fd_source(fd.get(), "fifo", [&] { return is_cancelled.load(); });
  std::array<std::byte, 64> buffer{};
  {
    FileDescriptor writer(::open(fifo.c_str(), O_WRONLY | O_CLOEXEC));
    std::thread late([&] {
      CHECK(::write(writer.get(), "abc", 3) == 3);
      writer.reset();
    });
    CHECK(must(source->read(buffer)) == 3);
    late.join();
    CHECK(must(source->read(buffer)) == 0);
  }
  const FileDescriptor silent(::open(fifo.c_str(), O_WRONLY | O_CLOEXEC));
  std::thread canceller([&] { is_cancelled = true; });
  const auto read = source->read(buffer);
  canceller.join();
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::cancelled);
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
