// A JSON web token (RFC 7523) by which an application shows that it has the key of its certificate.
// https://learn.microsoft.com/entra/identity-platform/certificate-credentials
//
// Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "cavra/support/secret.hpp"
#include "client_certificate.hpp"

namespace cavra::azure {

// For ten minutes from now, and for one use: it has a number of its own. `client_id` and
// `audience`, the URL that it is sent to, have no letter that JSON would escape.
[[nodiscard]] Secret make_client_assertion(const ClientCertificate& certificate,
                                           const std::string& client_id,
                                           const std::string& audience, std::int64_t now_unix_s);

}  // namespace cavra::azure
