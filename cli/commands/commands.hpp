// Every command of the program: one function, one file each.
#pragma once

#include "../command.hpp"

namespace cavra::cli {

[[nodiscard]] Command init_command();
[[nodiscard]] Command evidence_bundle_command();
[[nodiscard]] Command evidence_verify_command();
[[nodiscard]] Command evidence_list_command();
[[nodiscard]] Command evidence_storage_plan_command();
[[nodiscard]] Command evidence_generate_keypair_command();
[[nodiscard]] Command evidence_trust_root_command();
[[nodiscard]] Command evidence_trust_bundle_command();
[[nodiscard]] Command archive_command();
[[nodiscard]] Command status_command();
[[nodiscard]] Command restore_command();
[[nodiscard]] Command retain_command();
[[nodiscard]] Command hold_set_command();
[[nodiscard]] Command hold_clear_command();
[[nodiscard]] Command store_list_command();
[[nodiscard]] Command store_describe_command();
[[nodiscard]] Command store_probe_command();
[[nodiscard]] Command plugin_list_command();
[[nodiscard]] Command plugin_check_command();
[[nodiscard]] Command version_command();

}  // namespace cavra::cli
