// What the answers mean of those who give tokens.
//
// Errors: io (no answer), unavailable, forbidden, usage; never with what was sent, or with the
// answer's own words. Pure functions: any thread.
#pragma once

#include "http/exchange.hpp"

namespace cavra::azure {

// Of Entra: by the status, and by the word that RFC 6749 has for it.
[[nodiscard]] http::Judgement judge_entra(const http::Answer& answer);
// Of a machine's service, and App Service's.
[[nodiscard]] http::Judgement judge_machine(const http::Answer& answer);

}  // namespace cavra::azure
