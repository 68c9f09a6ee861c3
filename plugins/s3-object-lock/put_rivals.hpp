// Whose version counts where several runs put the same at one moment.
//
// If-None-Match stops them at AWS alone. Elsewhere each makes a version, and all have to name one:
// the oldest sufficient one.
#pragma once

#include <span>

#include "object_versions.hpp"

namespace cavra::s3 {

// A version that was made just now; both lent.
struct MadeVersion {
  const sdk::PutRequest* request;
  sdk::PutResult* result;  // names it; changed where an older one counts
};

// Looks at the keys from the first to the last, by one listing where they lie beside each other.
// Errors: those of the listing, and of looking; then nothing is known of any of them.
[[nodiscard]] Result<void> name_the_oldest(const Asking& ask, std::span<const MadeVersion> made);

}  // namespace cavra::s3
