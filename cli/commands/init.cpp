#include "../output/exit_code.hpp"
#include "../sample_session.hpp"
#include "../session.hpp"
#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/trust_roots.hpp"
#include "cavra/write_file.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

namespace fs = std::filesystem;

// The store `local`: design section 12. This and the v1 plan are where a vendor's or plugin's name
// stands in the program.
constexpr std::string_view kConfig = R"({
  "schema_version": "cavra.config.v1",
  "trust_roots": "keys/evidence-trust-roots.json",
  "receipt_trust_roots": "keys/receipt-trust-roots.json",
  "receipt_key": "keys/receipt-private.pem",
  "stores": {
    "local": {
      "plugin": "local-worm",
      "settings": { "root": "worm", "require": "filesystem" }
    }
  }
}
)";

struct NewFile {
  fs::path path;
  Secret bytes;
  mode_t mode;
};

Secret as_secret(std::string_view text) {
  return Secret(as_bytes(text));
}

// A key pair and the trust-root bundle that holds its public key.
Result<std::string> add_key(std::vector<NewFile>& files, const fs::path& folder,
                            const std::string& name, std::string key_id, KeyPurpose purpose) {
  CAVRA_TRY(const PrivateKey key, PrivateKey::generate());
  if (key_id.empty()) key_id = key.public_key().fingerprint().substr(0, 16);
  const OffsetTimestamp now{now_utc(), 0};
  const TrustRoot root{key_id, "platform-security", KeyStatus::active, purpose, key.public_key(),
                       now,    std::nullopt};
  CAVRA_CHECK(TrustRoot::from_json(root.to_json(), "--key-id"));
  CAVRA_TRY(const JsonValue bundle, make_trust_root_bundle(std::span(&root, 1), now));
  files.push_back({folder / (name + "-private.pem"), key.pem(), 0600});
  files.push_back({folder / (name + "-public.pem"), as_secret(key.public_key().pem()), 0644});
  files.push_back(
      {folder / (name + "-trust-roots.json"), as_secret(pretty_json(bundle) + "\n"), 0644});
  return key_id;
}

Result<void> check_absent(const std::vector<NewFile>& files) {
  std::string there;
  for (const NewFile& file : files) {
    std::error_code problem;
    if (fs::exists(fs::symlink_status(file.path, problem)))
      there += (there.empty() ? "" : ", ") + quoted(file.path.native());
  }
  if (there.empty()) return {};
  return Error{ErrorCode::refused,
               "nothing was made, as nothing is overwritten: there is already " + there +
                   "; start in another folder, or use what is there"};
}

Result<JsonValue> make(const Arguments& arguments, const fs::path& config) {
  const fs::path folder = config.parent_path();
  std::vector<NewFile> files;
  CAVRA_TRY(const std::string key_id, add_key(files, folder / "keys", "evidence",
                                              arguments.text("key-id"), KeyPurpose::evidence));
  CAVRA_TRY(const std::string receipt_id,
            add_key(files, folder / "keys", "receipt", "", KeyPurpose::receipt));
  if (arguments.flag("sample"))
    files.push_back({folder / "decisions.jsonl", as_secret(sample_decisions(now_utc())), 0644});
  // The configuration last: while it is missing, nothing uses what a failure left half made.
  files.push_back({config, as_secret(kConfig), 0644});
  CAVRA_CHECK(check_absent(files));
  JsonValue made = JsonValue::array();
  for (const NewFile& file : files) {
    CAVRA_CHECK(write_file(file.path, file.bytes.expose(), file.mode, Overwrite::no));
    made.push_back(file.path.native());
  }
  return JsonValue::object({{"key_id", key_id}, {"receipt_key_id", receipt_id}, {"files", made}});
}

int run(const Arguments& arguments, Session& session) {
  const auto made = make(arguments, session.config_file());
  if (!made) return session.output().fail(made.error());
  Output& output = session.output();
  for (const JsonValue& file : *made->find("files")->if_array())
    output.say("made " + *file.if_string());
  output.note("evidence key id " + quoted(*made->find("key_id")->if_string()) +
              ", receipt key id " + quoted(*made->find("receipt_key_id")->if_string()));
  output.set_result(*made);
  return kExitDone;
}

}  // namespace

Command init_command() {
  Command command;
  command.name = "init";
  command.summary = "Make .cavra/ here: configuration with a local store, keys, trust roots";
  command.details =
      "Asks nothing and overwrites nothing. With --config FILE (or $CAVRA_CONFIG) that file is "
      "the\n"
      "configuration, and the rest is made beside it. Private keys are 0600: keep them out of\n"
      "version control.";
  command.options = {
      {"key-id", Option::Kind::value, "ID",
       "The evidence key's id (without: its fingerprint's first 16 digits)", ""},
      {"sample", Option::Kind::flag, "",
       "Also write decisions.jsonl beside it: one made-up session", ""},
  };
  command.examples = "  cavra init --key-id prod-evidence --sample\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
