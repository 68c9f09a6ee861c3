#include "cavra/storage_plan.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"

namespace cavra {

// As v1, an earlier plan in the folder is replaced.
Result<void> write_storage_plan(const JsonValue& plan, const std::filesystem::path& folder) {
  constexpr mode_t kMode = 0666;  // before the umask: a plan is no secret
  CAVRA_CHECK(write_file(folder / kStoragePlanJsonName, as_bytes(pretty_json(plan) + '\n'), kMode,
                         Overwrite::yes));
  return write_file(folder / kStoragePlanMarkdownName, as_bytes(storage_plan_markdown(plan)), kMode,
                    Overwrite::yes);
}

}  // namespace cavra
