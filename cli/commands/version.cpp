#include "../output/exit_code.hpp"
#include "../session.hpp"
#include "cavra/plugin.h"
#include "commands.hpp"

namespace cavra::cli {

namespace {

int run(const Arguments&, Session& session) {
  const std::string abi = std::to_string(CAVRA_ABI_MAJOR) + "." + std::to_string(CAVRA_ABI_MINOR);
  session.output().say("cavra " CAVRA_VERSION " (plugin ABI " + abi + ")");
  session.output().set_result(JsonValue::object({{"version", CAVRA_VERSION}, {"plugin_abi", abi}}));
  return kExitDone;
}

}  // namespace

Command version_command() {
  Command command;
  command.name = "version";
  command.summary = "Tell the version of the program and of the plugin contract";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
