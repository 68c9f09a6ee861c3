#include "../output/exit_code.hpp"
#include "../session.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/trust_roots.hpp"
#include "cavra/write_file.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

Result<JsonValue> make_bundle(const Arguments& arguments) {
  std::vector<TrustRoot> roots;
  for (const std::string& file : arguments.positional()) {
    CAVRA_TRY(const FileTrustRoots loaded, FileTrustRoots::load(file));
    roots.insert(roots.end(), loaded.all().begin(), loaded.all().end());
  }
  return make_trust_root_bundle(roots, OffsetTimestamp{now_utc(), 0});
}

int run(const Arguments& arguments, Session& session) {
  const auto bundle = make_bundle(arguments);
  if (!bundle) return session.output().fail(bundle.error());
  const std::string output = arguments.text("output");
  const std::string text = pretty_json(*bundle) + "\n";
  if (const auto written = write_file(output, as_bytes(text), 0644, Overwrite::yes); !written)
    return session.output().fail(written.error());
  const auto count = bundle->find("trust_roots")->if_array()->size();
  session.output().say("trust-root bundle: " + printable(output) + " (" +
                       counted(count, "root", "roots") + ")");
  session.output().set_result(
      JsonValue::object({{"output", output}, {"trust_root_bundle", *bundle}}));
  return kExitDone;
}

}  // namespace

Command evidence_trust_bundle_command() {
  Command command;
  command.name = "evidence trust-bundle";
  command.arguments = "TRUST_ROOT...";
  command.least_positional = 1;
  command.most_positional = 10'000;
  command.summary = "Gather trust roots into one trust-root bundle, sorted by key id";
  command.options = {{"output", Option::Kind::value, "FILE", "Where the trust-root bundle goes",
                      ".cavra/keys/evidence-trust-roots.json"}};
  command.examples =
      "  cavra evidence trust-bundle keys/ci-root.json keys/old-root.json --output "
      "keys/roots.json\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
