#include "../output/exit_code.hpp"
#include "../session.hpp"
#include "../trust_root_file.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/trust_roots.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

Result<JsonValue> make_bundle(const Arguments& arguments, Output& output) {
  std::vector<TrustRoot> roots;
  for (const std::string& file : arguments.positional()) {
    CAVRA_TRY(const FileTrustRoots loaded, FileTrustRoots::load(file));
    roots.insert(roots.end(), loaded.all().begin(), loaded.all().end());
  }
  CAVRA_TRY(JsonValue bundle, make_trust_root_bundle(roots, OffsetTimestamp{now_utc(), 0}));
  CAVRA_CHECK(write_trust_root_file(arguments, bundle, roots, output));
  return bundle;
}

int run(const Arguments& arguments, Session& session) {
  const auto bundle = make_bundle(arguments, session.output());
  if (!bundle) return session.output().fail(bundle.error());
  const std::string output = arguments.text("output");
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
                      ".cavra/keys/evidence-trust-roots.json"},
                     replace_option()};
  command.examples =
      "  cavra evidence trust-bundle ci-root.json old-root.json --output roots.json\n"
      "  cavra evidence trust-bundle .cavra/keys/evidence-trust-roots.json new-root.json \\\n"
      "    --replace\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
