// The earlier tool's own bundles: what it answered, what a careful verifier must answer, and
// what a writer must give byte for byte.
#include <doctest/doctest.h>
#include <fcntl.h>

#include <iostream>
#include <map>

#include "bundle/bundle_test_data.hpp"
#include "bundle/manifest.hpp"
#include "cavra/bundle_writer.hpp"
#include "vectors.hpp"

namespace cavra {
namespace {

using namespace cavra::testing;

std::filesystem::path fixtures() {
  return *shared_folder() / "fixtures" / "v1";
}

// The options of a case, by name.
std::map<std::string, std::string> options_of(const JsonValue& row) {
  std::map<std::string, std::string> options;
  const JsonValue::Array& args = *row.find("args")->if_array();
  for (std::size_t i = 0; i + 1 < args.size(); i += 2)
    options[*args[i].if_string()] = *args[i + 1].if_string();
  return options;
}

Result<TrustAnchor> anchor_of(const std::map<std::string, std::string>& options) {
  if (options.contains("--key")) return TrustAnchor::from_hmac_key(secret_of(options.at("--key")));
  if (options.contains("--public-key")) {
    const std::string file = (fixtures() / options.at("--public-key")).string();
    CAVRA_TRY(const std::string pem, read_small_file(file, kMaxKeyFileBytes));
    CAVRA_TRY(PublicKey key, PublicKey::from_pem(pem, file));
    return TrustAnchor::from_public_key(std::move(key));
  }
  CAVRA_TRY(
      FileTrustRoots roots,
      FileTrustRoots::load((fixtures() / options.at("--trust-root")).string(), ChosenBy::person));
  return TrustAnchor::from_roots(std::make_shared<FileTrustRoots>(std::move(roots)));
}

// Copies of the fixtures may have lost their links: a file with the target's name stands there.
std::string with_links(const std::string& bundle, const TemporaryFolder& folder) {
  if (bundle != "bundles/symlink-outside/bundle") return (fixtures() / bundle).string();
  const std::filesystem::path copy = folder.file("outer");
  std::filesystem::copy(
      (fixtures() / bundle).parent_path(), copy,
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
  const std::filesystem::path link = copy / "bundle" / "evidence.json";
  std::filesystem::permissions(link.parent_path(), std::filesystem::perms(0755));
  std::filesystem::remove(link);
  std::filesystem::create_symlink("../outside.json", link);
  return (copy / "bundle").string();
}

VectorOutcome run_case(const JsonValue& row, const std::string& at_default) {
  const auto options = options_of(row);
  if (options.contains("--key") && options.contains("--trust-root"))
    return VectorOutcome::left_out;  // two anchors cannot be given here: the command line refuses
  const bool must_accept = text_of(row, "must") == "accept";
  const TemporaryFolder folder;
  Bundle bundle = must(Bundle::open(with_links(text_of(row, "bundle"), folder)));
  VerifyPolicy policy;
  policy.at = time_of(row.find("at") != nullptr ? text_of(row, "at") : at_default).at;
  if (options.contains("--key-id")) policy.expected_key_id = options.at("--key-id");
  if (options.contains("--minimum-retention-days"))
    policy.minimum_retention_days = std::stoll(options.at("--minimum-retention-days"));

  const bool has_anchor = options.contains("--key") || options.contains("--public-key") ||
                          options.contains("--trust-root");
  if (!has_anchor) {
    // Without an anchor nothing is ever verified; sums alone are accepted where they are asked for.
    const VerifyReport report = verify_checksums_only(std::move(bundle), policy);
    if (must_accept) return outcome(report.findings.empty() && !report.bundle);
    return outcome(!report.bundle);
  }
  const auto anchor = anchor_of(options);
  if (!anchor) return outcome(!must_accept);
  const VerifyReport report = verify(std::move(bundle), *anchor, policy);
  CAPTURE(joined(briefs(report.findings)));
  const bool is_right =
      report.bundle.has_value() == must_accept && report.findings.empty() == must_accept;
  CHECK(is_right);
  return outcome(is_right);
}

TEST_CASE("each v1 case gets the answer that a careful verifier gives") {
  if (!shared_folder()) return leave_out("fixtures v1 cases");
  const auto text = shared_file("fixtures/v1/cases.json");
  REQUIRE(text.has_value());
  const JsonValue document = must(parse_json(*text));
  const JsonValue::Array& cases = *document.find("cases")->if_array();
  std::size_t run = 0;
  std::size_t passed = 0;
  std::size_t left_out = 0;
  for (const JsonValue& row : cases) {
    const std::string name = text_of(row, "name");
    CAPTURE(name);
    const VectorOutcome result = run_case(row, text_of(document, "at_default"));
    ++(result == VectorOutcome::left_out ? left_out : run);
    if (result == VectorOutcome::passed) ++passed;
    CHECK(result != VectorOutcome::failed);
  }
  std::cout << "fixtures v1 cases: run " << run << ", passed " << passed << ", left out "
            << left_out << '\n';
  CHECK(run + left_out == static_cast<std::size_t>(integer_of(document, "count")));
  CHECK(left_out <= 1);
}

TEST_CASE("v1's refusals have our codes") {
  if (!shared_folder()) return leave_out("fixtures v1 codes");
  struct Row {
    const char* bundle;
    const char* code;
  };
  constexpr std::array rows{
      Row{"evidence-one-byte", "member.digest"},
      Row{"file-missing", "member.missing"},
      Row{"no-manifest", "manifest.missing"},
      Row{"signer-changed", "signature.mismatch"},
      Row{"manifest-truncated", "manifest.syntax"},
      Row{"manifest-bom", "manifest.syntax"},
      Row{"digest-upper-case", "manifest.sha256"},
      Row{"unlisted-file", "bundle.unlisted"},
      Row{"path-parent/bundle", "manifest.path"},
      Row{"bytes-wrong", "member.size"},
      Row{"duplicate-key", "manifest.syntax"},
      Row{"signature-base64-noise", "manifest.signature"},
      Row{"signature-algorithm-none", "manifest.signature"},
      Row{"retention-nan", "retention.syntax"},
      Row{"retention-unlisted", "bundle.unlisted"},
  };
  const auto anchor = must(anchor_of({{"--public-key", "keys/test-a-public.pem"}}));
  for (const Row& row : rows) {
    CAPTURE(row.bundle);
    Bundle bundle = must(Bundle::open((fixtures() / "bundles" / row.bundle).string()));
    const VerifyReport report = verify(std::move(bundle), anchor, {});
    REQUIRE(report.findings.size() >= 1);
    CHECK(report.findings.front().code == row.code);
  }
}

TEST_CASE("the canonical form is v1's, byte for byte") {
  const auto wanted = shared_file("fixtures/v1/exports/ref-ed25519.canonical.bin");
  if (!wanted) return;
  const Bundle bundle = must(Bundle::open((fixtures() / "bundles/ref-ed25519").string()));
  const VerifyPolicy policy;
  Progress progress(policy);
  FindingList findings;
  const auto hasher = make_sha256();
  const auto manifest = read_manifest(bundle.directory(), *hasher, progress, findings);
  REQUIRE(manifest.has_value());
  CHECK(findings.empty());
  CHECK(manifest->canonical == *wanted);
}

// How each reference bundle was made; its decisions are those of its own evidence.json.
struct Reference {
  const char* name;
  std::unique_ptr<Signer> (*signer)();
  std::int64_t days;
  bool hold;
};

std::unique_ptr<Signer> key_a(const char* key_id) {
  const std::string file = (fixtures() / "keys/test-a-private.pem").string();
  const Secret pem = must(read_secret_file(file, kMaxKeyFileBytes, false));
  return make_ed25519_signer(must(PrivateKey::from_pem(pem, file)), key_id);
}

TEST_CASE("the same decisions, clock and key give v1's JSON files byte for byte") {
  if (!shared_folder()) return leave_out("fixtures v1 references");
  const std::array references{
      Reference{"ref-ed25519", [] { return key_a("test-a"); }, 2555, false},
      Reference{"ref-ed25519-default-key-id", [] { return key_a(""); }, 2555, false},
      Reference{"ref-hmac", [] { return make_hmac_signer(secret_of("test-hmac-key-fixtures")); },
                2555, false},
      Reference{"ref-legal-hold-30-days", [] { return key_a("test-a"); }, 30, true},
      Reference{"ref-unsigned", [] { return make_digest_signer(); }, 2555, false},
  };
  for (const Reference& reference : references) {
    CAPTURE(reference.name);
    const TemporaryFolder folder;
    const std::filesystem::path theirs = fixtures() / "bundles" / reference.name;
    const std::filesystem::path ours = folder.file("ours");
    const auto bytes_of = [](const std::filesystem::path& file) {
      return must(read_small_file(file.string(), 1 << 20));
    };
    const FileDescriptor decisions(::open((theirs / "evidence.json").c_str(), O_RDONLY));
    const JsonValue policy = must(parse_json(bytes_of(theirs / "retention-policy.json")));
    const JsonValue manifest = must(parse_json(bytes_of(theirs / "manifest.json")));
    const auto signer = reference.signer();
    const BundleRequest request{.output = ours,
                                .signer = text_of(manifest, "signer"),
                                .retention_days = reference.days,
                                .classification = text_of(policy, "classification"),
                                .legal_hold = reference.hold,
                                .created_at = time_of("2026-05-21T12:00:00.123456+00:00")};
    const auto source = make_fd_source(decisions.get(), "evidence.json");
    const WrittenBundle written =
        must(write_bundle(*source, DecisionFormat::automatic, request, *signer));
    CHECK(written.session_id == "ref-session");
    for (const char* name : {"evidence.json", "siem-event.json", "sandbox-run-summary.json",
                             "retention-policy.json"}) {
      CAPTURE(name);
      CHECK(bytes_of(ours / name) == bytes_of(theirs / name));
    }
    // The Markdown texts are our own, so their entries differ. With theirs in their place, the
    // manifest is v1's to the byte, its signature too.
    JsonValue same = must(parse_json(bytes_of(ours / "manifest.json")));
    for (JsonMember& member : *same.if_object()) {
      if (member.name != "files") continue;
      for (JsonValue& entry : *member.value.if_array()) {
        const std::string path = text_of(entry, "path");
        if (!path.ends_with(".md")) continue;
        const std::string text = bytes_of(theirs / path);
        entry.set("sha256", sha256(text).hex());
        entry.set("bytes", static_cast<std::uint64_t>(text.size()));
      }
    }
    const Signature again = must(signer->sign(as_bytes(canonical_json_without(same, "signature"))));
    JsonValue signature = *same.find("signature");
    signature.set("value", again.value_text());
    same.set("signature", signature);
    CHECK(pretty_json(same) + '\n' == bytes_of(theirs / "manifest.json"));
  }
}

}  // namespace
}  // namespace cavra
