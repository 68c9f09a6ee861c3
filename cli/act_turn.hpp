// Takes turns at the acts on one archive: two of them at once could undo each other.
//
// An advisory lock on a small file in the state folder, so it keeps apart who shares that folder.
// Others are noticed by the act itself (cavra/later_act.hpp).
#pragma once

#include <string>

#include "cavra/config.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"

namespace cavra::cli {

class ActTurn {
 public:
  // Waits for it. Errors: cancelled, io.
  [[nodiscard]] static Result<ActTurn> take(const Config& config,
                                            const std::string& archive_prefix);

 private:
  explicit ActTurn(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;  // the turn ends when it is closed
};

}  // namespace cavra::cli
