#include "cavra/support/secret.hpp"

#include <string.h>  // explicit_bzero: glibc's, not the standard's

namespace cavra {

void Secret::wipe() noexcept {
  // A vector that never grew has no bytes beyond its size. explicit_bzero takes no null pointer.
  if (!bytes_.empty()) ::explicit_bzero(bytes_.data(), bytes_.size());
}

}  // namespace cavra
