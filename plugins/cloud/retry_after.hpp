// How long a service asks to be left alone: Retry-After in seconds. RFC 9110, section 10.2.3.
#pragma once

#include <chrono>
#include <optional>

#include "http/message.hpp"

namespace cavra::cloud {

// A minute at most. A date, which services do not send, is none. Pure: any thread.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(const http::Response& response);

}  // namespace cavra::cloud
