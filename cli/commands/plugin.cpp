#include "../output/exit_code.hpp"
#include "../report_json.hpp"
#include "../session.hpp"
#include "cavra/hasher.hpp"
#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

void say_facts(const PluginFacts& facts, Output& output) {
  output.say(printable(facts.name));
  output.say("  id      " + printable(facts.id) + " " + printable(facts.version));
  output.say("  vendor  " + printable(facts.vendor) + ", licence " + printable(facts.licence));
  output.say("  abi     " + std::to_string(facts.abi_major) + "." +
             std::to_string(facts.abi_minor));
  output.say("  file    " + printable(facts.file.native()));
  output.say("  sha256  " + facts.sha256);
}

int run_list(const Arguments&, Session& session) {
  JsonValue plugins = JsonValue::array();
  int exit = kExitDone;
  for (const std::string& name : session.plugins().builtin_names()) {
    const auto plugin = session.plugins().load({name, {}, {}});
    if (!plugin) {
      exit = most_serious(exit, session.output().fail(plugin.error()));
      continue;
    }
    const PluginFacts& facts = PluginRegistry::facts(**plugin);
    say_facts(facts, session.output());
    plugins.push_back(plugin_facts_json(facts));
  }
  if (session.plugins().builtin_names().empty())
    session.output().note("there are no plugins in " +
                          quoted(session.plugins().builtin_folder().native()) +
                          ", where they are looked for beside the program");
  session.output().set_result(JsonValue::object({{"plugins", std::move(plugins)}}));
  return exit;
}

int run_check(const Arguments& arguments, Session& session) {
  std::error_code problem;
  PluginReference reference;
  reference.path = std::filesystem::absolute(arguments.positional(0), problem);
  if (arguments.has("sha256")) {
    reference.sha256 = arguments.text("sha256");
  } else {
    // To check a file is to ask what its digest is; only a configuration must know it before.
    const auto bytes = read_small_file(reference.path.native(), kMaxPluginBytes);
    if (!bytes) return session.output().fail(bytes.error());
    reference.sha256 = sha256(*bytes).hex();
  }
  const auto plugin = session.plugins().load(reference);
  if (!plugin) return session.output().fail(plugin.error());
  const PluginFacts& facts = PluginRegistry::facts(**plugin);
  say_facts(facts, session.output());
  session.output().note("the digest covers the plugin, not the libraries that it is linked with");
  session.output().set_result(plugin_facts_json(facts));
  return kExitDone;
}

}  // namespace

Command plugin_list_command() {
  Command command;
  command.name = "plugin list";
  command.summary = "Tell the built-in plugins: id, version, digest";
  command.run = run_list;
  return command;
}

Command plugin_check_command() {
  Command command;
  command.name = "plugin check";
  command.arguments = "FILE";
  command.least_positional = command.most_positional = 1;
  command.summary =
      "Check that a plugin file can be loaded, and tell the digest for the configuration";
  command.details = "The plugin's code runs: check only files that you are about to trust.";
  command.options = {{"sha256", Option::Kind::value, "HEX", "The digest that it must have", ""}};
  command.examples = "  cavra plugin check /opt/acme/acme-store.so\n";
  command.run = run_check;
  return command;
}

}  // namespace cavra::cli
