#include "../output/exit_code.hpp"
#include "../session.hpp"
#include "../trust_root_file.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/trust_roots.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

// The time of an option, with the option's name where it is none.
Result<OffsetTimestamp> time_of(const Arguments& arguments, const std::string& option) {
  auto time = parse_rfc3339(arguments.text(option));
  if (!time) return Error{ErrorCode::usage, "--" + option + ": " + time.error().message};
  return time;
}

Result<TrustRoot> make_root(const Arguments& arguments) {
  const std::string& file = arguments.positional(0);
  CAVRA_TRY(const std::string pem, read_small_file(file, kMaxKeyFileBytes));
  CAVRA_TRY(const PublicKey key, PublicKey::from_pem(pem, file));
  std::string key_id = arguments.text("key-id");
  if (key_id.empty()) key_id = key.fingerprint().substr(0, 16);
  CAVRA_TRY(const KeyStatus status, parse_key_status(arguments.text("status")));
  CAVRA_TRY(const KeyPurpose purpose, parse_key_purpose(arguments.text("purpose")));
  OffsetTimestamp from{now_utc(), 0};
  if (arguments.has("valid-from")) {
    CAVRA_TRY(from, time_of(arguments, "valid-from"));
  }
  std::optional<OffsetTimestamp> until;
  if (arguments.has("valid-until")) {
    CAVRA_TRY(until, time_of(arguments, "valid-until"));
  }
  if (status == KeyStatus::retired && !until)
    return Error{ErrorCode::usage,
                 "a retired key needs an end: give --valid-until TIME, when it last signed"};
  if (until && until->at < from.at)
    return Error{ErrorCode::usage, "--valid-until " + format_utc(until->at) + " is before " +
                                       (arguments.has("valid-from") ? "--valid-from" : "now") +
                                       ": give --valid-from TIME, when the key first signed"};
  const TrustRoot root{
      std::move(key_id), arguments.text("owner"), status, purpose, key, from, until};
  // What is written must be what a reader accepts: the same check that reading does.
  return TrustRoot::from_json(root.to_json(), "the new trust root");
}

int run(const Arguments& arguments, Session& session) {
  auto root = make_root(arguments);
  if (!root) {
    // What was asked for cannot be a trust root: that is the caller's input, not evidence.
    root.error().code = ErrorCode::usage;
    return session.output().fail(root.error());
  }
  const std::string output = arguments.text("output");
  if (const auto written =
          write_trust_root_file(arguments, root->to_json(), std::span(&*root, 1), session.output());
      !written)
    return session.output().fail(written.error());
  session.output().say("trust root: " + printable(output));
  session.output().say("key id:     " + printable(root->key_id));
  session.output().set_result(
      JsonValue::object({{"output", output}, {"trust_root", root->to_json()}}));
  return kExitDone;
}

}  // namespace

Command evidence_trust_root_command() {
  Command command;
  command.name = "evidence trust-root";
  command.arguments = "PUBLIC_KEY";
  command.least_positional = command.most_positional = 1;
  command.summary = "Describe a public key as a trust root: who owns it, for what, from when";
  command.details =
      "A trust root verifies what was created in its window. A retired one needs --valid-until; a\n"
      "revoked one verifies nothing. To retire or revoke a key, write its root again, with the\n"
      "--key-id and --valid-from that it had.";
  command.options = {
      {"output", Option::Kind::value, "FILE", "Where the trust root goes",
       ".cavra/keys/evidence-trust-root.json"},
      replace_option(),
      {"key-id", Option::Kind::value, "ID",
       "Its key id (without: the fingerprint's first 16 digits)", ""},
      {"owner", Option::Kind::value, "TEXT", "Who answers for the key", "platform-security"},
      {"status", Option::Kind::value, "STATUS", "active, retired or revoked", "active"},
      {"purpose", Option::Kind::value, "PURPOSE", "evidence or receipt", "evidence"},
      {"valid-from", Option::Kind::value, "TIME", "RFC 3339 with zone (without: now)", ""},
      {"valid-until", Option::Kind::value, "TIME", "RFC 3339 with zone (without: no end)", ""},
  };
  command.examples =
      "  cavra evidence trust-root keys/ci-public.pem --key-id ci --output keys/ci-root.json\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
