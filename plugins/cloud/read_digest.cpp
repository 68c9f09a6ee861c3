#include "cloud/read_digest.hpp"

#include <utility>

#include "cavra/support/encoding.hpp"

namespace cavra::cloud {

Result<http::Sha256Digest> read_sha256(Service& service, http::Session& session,
                                       const sdk::Call& call, Ask ask, std::uint64_t length) {
  http::PartDigests digests(http::Wanted{.sha256 = true});
  std::uint64_t bytes = 0;
  const std::string key = ask.key;
  ask.sink = [&](std::span<const std::byte> data) -> Result<void> {
    bytes += data.size();
    if (bytes > length)
      return Error{ErrorCode::corrupt, quoted(key) + ": it is longer than it should be"};
    digests.update(data);
    return {};
  };
  // Before each attempt.
  ask.more_headers = [&] {
    digests = http::PartDigests(http::Wanted{.sha256 = true});
    bytes = 0;
    return http::Headers{};
  };
  CAVRA_TRY([[maybe_unused]] const http::Response response,
            service.ask(session, call, std::move(ask)));
  return digests.finish().sha256;
}

}  // namespace cavra::cloud
