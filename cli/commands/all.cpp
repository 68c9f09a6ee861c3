#include "commands.hpp"

namespace cavra::cli {

std::span<const Command> all_commands() {
  static const std::vector<Command> commands{
      init_command(),
      evidence_bundle_command(),
      evidence_verify_command(),
      evidence_storage_plan_command(),
      evidence_generate_keypair_command(),
      evidence_trust_root_command(),
      evidence_trust_bundle_command(),
      evidence_list_command(),
      archive_command(),
      status_command(),
      restore_command(),
      retain_command(),
      hold_set_command(),
      hold_clear_command(),
      store_list_command(),
      store_describe_command(),
      store_probe_command(),
      plugin_list_command(),
      plugin_check_command(),
      version_command(),
  };
  return commands;
}

}  // namespace cavra::cli
