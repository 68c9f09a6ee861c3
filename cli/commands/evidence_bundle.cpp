#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "../anchor_options.hpp"
#include "../output/exit_code.hpp"
#include "../output/progress.hpp"
#include "../private_key.hpp"
#include "../retention_options.hpp"
#include "../signals.hpp"
#include "cavra/bundle_writer.hpp"
#include "cavra/support/encoding.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

constexpr const char* kDefaultDecisions = ".cavra/decisions.jsonl";

struct DecisionInput {
  FileDescriptor file;  // closed with it; empty for standard input
  std::unique_ptr<ByteSource> source;
};

Result<DecisionInput> open_decisions(const Arguments& arguments) {
  const std::string name = arguments.text("decisions");
  if (name == "-")
    return DecisionInput{{}, make_fd_source(STDIN_FILENO, "standard input", is_interrupted)};
  // O_NONBLOCK: opening a FIFO must not wait for its writer where no signal reaches.
  FileDescriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) {
    const std::string hint = arguments.has("decisions")
                                 ? ""
                                 : "; name the session's decisions with --decisions FILE, or make "
                                   "sample ones with `cavra init --sample`";
    return Error{ErrorCode::usage, "cannot read decisions from " + quoted(name) + ": " +
                                       std::generic_category().message(errno) + hint};
  }
  auto source = make_fd_source(file.get(), name, is_interrupted);
  return DecisionInput{std::move(file), std::move(source)};
}

bool is_receipt_key(const PublicKey& key, const FileTrustRoots& roots) {
  return std::ranges::any_of(roots.all(), [&](const TrustRoot& root) {
    return root.purpose == KeyPurpose::receipt && root.key == key;
  });
}

// Errors: refused (the configured trust roots have the key for receipts).
Result<void> check_no_receipt_key(const PublicKey& key, const Config& config) {
  for (const auto& file : {config.trust_roots, config.receipt_trust_roots}) {
    if (!file) continue;
    // Who only signs evidence may have no receipt keys.
    const auto roots = FileTrustRoots::load(file->native());
    if (roots && is_receipt_key(key, *roots))
      return Error{ErrorCode::refused, "this key is for receipts, as " + quoted(file->native()) +
                                           " says: evidence must be signed with a key of its own"};
  }
  return {};
}

// The root that the configured trust roots have for this key, if any: a note where what it signs
// now will not verify with it. Errors: refused (revoked, for receipts), usage (configuration).
Result<std::optional<TrustRoot>> configured_root(const PublicKey& key, Session& session) {
  CAVRA_TRY(const Config* config, session.config_if_any());
  if (config == nullptr) return std::optional<TrustRoot>();
  CAVRA_CHECK(check_no_receipt_key(key, *config));
  if (!config->trust_roots) return std::optional<TrustRoot>();
  const auto roots = FileTrustRoots::load(config->trust_roots->native());
  if (!roots) return in_config(*config, "/trust_roots", roots.error());
  auto root = roots->find("", key.fingerprint(), KeyPurpose::evidence);
  if (!root && root.error().code != ErrorCode::not_found) return root.error();
  if (!root) return std::optional<TrustRoot>();
  const std::string where = quoted(std::string(roots->name()));
  if (root->status == KeyStatus::revoked)
    return Error{ErrorCode::refused, "this key is revoked (" + where + " has it as " +
                                         quoted(root->key_id) +
                                         "): nothing that it signs verifies"};
  if (const std::string why_not = root->why_not_at(now_utc()); !why_not.empty())
    session.output().note("note: this bundle will not verify: its key is " +
                          std::string(to_string(root->status)) + " in " + where + " and " +
                          why_not);
  else if (root->status == KeyStatus::retired)
    session.output().note("note: this key is retired in " + where);
  return std::optional<TrustRoot>(*std::move(root));
}

Result<std::unique_ptr<Signer>> make_signer(const Arguments& arguments, Session& session) {
  const bool has_hmac = arguments.has("hmac-key-file");
  if (has_hmac && arguments.has("private-key"))
    return Error{ErrorCode::usage, "use either --hmac-key-file or --private-key, not both"};
  if (!arguments.has("private-key") && arguments.has("key-id"))
    return Error{ErrorCode::usage, "--key-id names an Ed25519 key: it needs --private-key"};
  CAVRA_CHECK(check_not_empty(arguments, {"private-key", "hmac-key-file", "key-id"}));
  if (has_hmac) {
    CAVRA_TRY(Secret key, read_hmac_key(arguments));
    return make_hmac_signer(std::move(key));
  }
  if (!arguments.has("private-key")) return make_digest_signer();
  CAVRA_TRY(const std::string key_file, secret_file_name(arguments, "private-key"));
  CAVRA_TRY(PrivateKey key, read_private_key(key_file));
  std::string key_id = arguments.text("key-id");
  CAVRA_TRY(const auto root, configured_root(key.public_key(), session));
  if (key_id.empty() && root) key_id = root->key_id;
  return make_ed25519_signer(std::move(key), std::move(key_id));
}

Result<BundleRequest> request_of(const Arguments& arguments) {
  BundleRequest request;
  request.output = arguments.text("output");
  request.session_id = arguments.text("session-id");
  request.policy_pack = arguments.text("policy-pack");
  request.signer = arguments.text("signer");
  request.classification = arguments.text("classification");
  request.legal_hold = arguments.flag("legal-hold");
  if (request.legal_hold && arguments.flag("no-legal-hold"))
    return Error{ErrorCode::usage, "use either --legal-hold or --no-legal-hold, not both"};
  CAVRA_TRY(request.retention_days, arguments.integer("retention-days", 1, kMaxRetentionDays));
  for (const std::string& attached : arguments.texts("attach"))
    request.attachments.emplace_back(attached);
  for (const char* option : {"private-key", "hmac-key-file"})
    if (arguments.has(option)) request.secrets.emplace_back(arguments.text(option));
  request.created_at = {now_utc(), 0};
  request.may_replace_signed = arguments.flag("replace-signed");
  request.is_cancelled = is_interrupted;
  return request;
}

Result<WrittenBundle> write(const Arguments& arguments, Session& session) {
  CAVRA_TRY(BundleRequest request, request_of(arguments));
  CAVRA_TRY(const std::unique_ptr<Signer> signer, make_signer(arguments, session));
  CAVRA_TRY(DecisionInput decisions, open_decisions(arguments));
  Progress progress("writing", 0, session.wants_progress());
  request.on_progress = [&progress](std::uint64_t bytes) { progress.show(bytes); };
  return write_bundle(*decisions.source, DecisionFormat::automatic, request, *signer);
}

int run(const Arguments& arguments, Session& session) {
  const auto bundle = write(arguments, session);
  if (!bundle && bundle.error().code == ErrorCode::cancelled)
    return session.output().fail({ErrorCode::cancelled, "interrupted; no bundle was written"});
  if (!bundle) return session.output().fail(bundle.error());
  Output& output = session.output();
  output.say("evidence bundle: " + printable(bundle->folder.native()));
  output.note("session " + printable(bundle->session_id) + ", " +
              counted(bundle->decision_count, "decision", "decisions") + ", " +
              counted(bundle->member_count, "member", "members"));
  output.note(bundle->signature.key_id.empty()
                  ? "signature: " + bundle->signature.algorithm
                  : "signature: " + bundle->signature.algorithm + ", key id " +
                        quoted(bundle->signature.key_id));
  if (bundle->signature.algorithm == "SHA256")
    output.note("note: nothing says who made this bundle; sign it with --private-key FILE");
  output.set_result(JsonValue::object({{"bundle", bundle->folder.native()},
                                       {"session_id", bundle->session_id},
                                       {"decisions", bundle->decision_count},
                                       {"members", std::uint64_t{bundle->member_count}},
                                       {"manifest_sha256", bundle->manifest_sha256},
                                       {"algorithm", bundle->signature.algorithm},
                                       {"key_id", bundle->signature.key_id}}));
  return kExitDone;
}

}  // namespace

Command evidence_bundle_command() {
  Command command;
  command.name = "evidence bundle";
  command.summary = "Write and sign an evidence bundle from a session's decisions";
  command.details =
      "Decisions are JSON Lines, a JSON array, or an earlier evidence.json. The bundle is written\n"
      "beside its place and renamed in; an earlier bundle there is replaced in one step, a signed\n"
      "one by an unsigned one only with --replace-signed. A decision has at least decision "
      "(allow,\n"
      "block, …), severity and target: docs/spec/bundle-v1.md.";
  command.options = {
      {"decisions", Option::Kind::value, "FILE|-", "The session's decisions", kDefaultDecisions},
      {"output", Option::Kind::value, "FOLDER", "Where the bundle goes", ".cavra/evidence/latest"},
      {"replace-signed", Option::Kind::flag, "",
       "Let a bundle without a signature replace a signed one", ""},
      {"attach", Option::Kind::values, "FILE|DIR", "Add members: listed and signed (repeatable)",
       ""},
      {"session-id", Option::Kind::value, "ID", "The session (without: the one the decisions have)",
       ""},
      {"policy-pack", Option::Kind::value, "NAME", "The policy pack that decided",
       "cavra-ai-agent-baseline"},
      {"signer", Option::Kind::value, "TEXT", "Who made the bundle, in words", "local"},
      {"private-key", Option::Kind::value, "FILE", "Sign Ed25519 with this key (PEM, 0600)", ""},
      {"key-id", Option::Kind::value, "ID",
       "Its key id (without: as the configured trust roots name the key, else its fingerprint's "
       "first 16 digits)",
       ""},
      {"hmac-key-file", Option::Kind::value, "FILE",
       "Sign HMAC-SHA256 with this key; one trailing newline is dropped", ""},
      {"retention-days", Option::Kind::value, "N", "Days to keep it (7 years are 2557, not 2555)",
       "2555"},
      {"classification", Option::Kind::value, "TEXT", "The records class", "regulated-sdlc"},
      {"legal-hold", Option::Kind::flag, "", "Under legal hold", ""},
      {"no-legal-hold", Option::Kind::flag, "", "Not under legal hold (the default)", ""},
  };
  command.examples =
      "  cavra evidence bundle --private-key .cavra/keys/evidence-private.pem\n"
      "  cavra evidence bundle --decisions session.jsonl --attach reports/ \\\n"
      "    --output bundles/release-42 --private-key keys/ci-private.pem --retention-days 2557\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
