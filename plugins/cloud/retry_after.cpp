#include "cloud/retry_after.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace cavra::cloud {

std::optional<std::chrono::milliseconds> retry_after(const http::Response& response) {
  // A service that asks for more is asked again all the same.
  constexpr std::chrono::seconds kMost{60};
  const std::string_view text = response.headers.get("retry-after");
  std::uint32_t seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::min<std::chrono::seconds>(std::chrono::seconds(seconds), kMost);
}

}  // namespace cavra::cloud
