// The options that say what to trust, shared by all commands that verify a bundle first.
#pragma once

#include <string>
#include <vector>

#include "cavra/support/result.hpp"
#include "cavra/trust_anchor.hpp"
#include "cavra/verify.hpp"
#include "command.hpp"
#include "session.hpp"

namespace cavra::cli {

// --public-key, --trust-root, --hmac-key-file, --key-id, --allow-unlisted; followed by `more`.
[[nodiscard]] std::vector<Option> with_anchor_options(std::vector<Option> more);

// The one anchor that was named, else the configured trust roots. Errors: usage (two named; an
// unreadable file; one that is no key or no trust root), corrupt (none at all; trust roots that do
// not hold in themselves).
[[nodiscard]] Result<TrustAnchor> trust_anchor(const Arguments& arguments, Session& session);

// Whether any of the anchor options is given.
[[nodiscard]] bool names_an_anchor(const Arguments& arguments);

// --key-id, --allow-unlisted and the signal's flag.
[[nodiscard]] VerifyPolicy verify_policy(const Arguments& arguments);

// The HMAC key of a file: one trailing newline is dropped. Errors: usage (unreadable; empty).
[[nodiscard]] Result<Secret> read_hmac_key(const std::string& file);

// An option `--key VALUE` of the earlier tool, to be refused: see main.cpp.
[[nodiscard]] bool has_secret_option(const std::vector<std::string>& words);

}  // namespace cavra::cli
