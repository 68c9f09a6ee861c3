#include "../output/exit_code.hpp"
#include "../session.hpp"
#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

Result<JsonValue> generate(const Arguments& arguments) {
  const std::string private_file = arguments.text("private-key");
  const std::string public_file = arguments.text("public-key");
  for (const std::string& file : {private_file, public_file}) {
    if (is_key_text(file))
      return Error{ErrorCode::usage,
                   "give the name of a file that is to be made, not a key itself"};
  }
  std::error_code problem;
  for (const std::string& file : {private_file, public_file}) {
    if (std::filesystem::exists(std::filesystem::symlink_status(file, problem)))
      return Error{ErrorCode::refused, quoted(file) +
                                           " is there already and is not overwritten; "
                                           "name another file"};
  }
  CAVRA_TRY(const PrivateKey key, PrivateKey::generate());
  const Secret pem = key.pem();
  CAVRA_CHECK(write_file(private_file, pem.expose(), 0600, Overwrite::no));
  const std::string public_pem = key.public_key().pem();
  CAVRA_CHECK(write_file(public_file, as_bytes(public_pem), 0644, Overwrite::no));
  return JsonValue::object({{"private_key", private_file},
                            {"public_key", public_file},
                            {"public_key_sha256", key.public_key().fingerprint()}});
}

int run(const Arguments& arguments, Session& session) {
  const auto made = generate(arguments);
  if (!made) return session.output().fail(made.error());
  session.output().say("private key: " + printable(arguments.text("private-key")));
  session.output().say("public key:  " + printable(arguments.text("public-key")));
  session.output().say("fingerprint: " + *made->find("public_key_sha256")->if_string());
  session.output().set_result(*made);
  return kExitDone;
}

}  // namespace

Command evidence_generate_keypair_command() {
  Command command;
  command.name = "evidence generate-keypair";
  command.summary = "Make an Ed25519 key pair: the private key 0600, nothing overwritten";
  command.options = {
      {"private-key", Option::Kind::value, "FILE", "Where the private key goes",
       ".cavra/keys/evidence-ed25519-private.pem"},
      {"public-key", Option::Kind::value, "FILE", "Where the public key goes",
       ".cavra/keys/evidence-ed25519-public.pem"},
  };
  command.examples =
      "  cavra evidence generate-keypair --private-key keys/ci-private.pem \\\n"
      "    --public-key keys/ci-public.pem\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
