// The options that say what to trust, shared by all commands that verify a bundle first.
#pragma once

#include <initializer_list>
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

// The HMAC key that --hmac-key-file names. Errors: usage (not there, empty, a PEM file).
[[nodiscard]] Result<Secret> read_hmac_key(const Arguments& arguments);

// For options without which less would be checked: an empty value is a mistake. Errors: usage.
[[nodiscard]] Result<void> check_not_empty(const Arguments& arguments,
                                           std::initializer_list<const char*> options);

// An option `--key VALUE` of the earlier tool, to be refused: see main.cpp.
[[nodiscard]] bool has_secret_option(const std::vector<std::string>& words);

}  // namespace cavra::cli
