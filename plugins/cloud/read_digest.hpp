// Reads an object to hash it: where what it says of itself is not enough.
#pragma once

#include <cstdint>

#include "cloud/service.hpp"
#include "http/digest.hpp"

namespace cavra::cloud {

// `ask` is the request that reads all of it. An attempt that is cut off begins anew. Errors: those
// of asking; corrupt (it is longer than `length`).
[[nodiscard]] Result<http::Sha256Digest> read_sha256(Service& service, http::Session& session,
                                                     const sdk::Call& call, Ask ask,
                                                     std::uint64_t length);

}  // namespace cavra::cloud
