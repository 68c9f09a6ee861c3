// Turn: one process at a time, at what must not be done by two at once.
//
// A flock on the store's staging folder, which only the store's owner can open (0700): whoever may
// only read the store cannot hold a turn, and so cannot keep others from theirs.
#pragma once

#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"
#include "folder.hpp"

namespace cavra::local_worm {

class Turn {
 public:
  // Also between two threads. A turn is short; one that does not end is not waited for.
  // Errors: unavailable (another holds it), forbidden, io.
  [[nodiscard]] static Result<Turn> take(const Folder& staging);

 private:
  explicit Turn(FileDescriptor fd) : fd_(std::move(fd)) {}
  FileDescriptor fd_;  // its own, so that closing it ends the turn
};

}  // namespace cavra::local_worm
