#include "anchor_options.hpp"

#include <algorithm>

#include "cavra/support/encoding.hpp"
#include "signals.hpp"

namespace cavra::cli {

namespace {

constexpr std::size_t kMaxHmacKeyBytes = std::size_t{64} * 1024;
constexpr std::string_view kAnchors[] = {"public-key", "trust-root", "hmac-key-file"};

}  // namespace

std::vector<Option> with_anchor_options(std::vector<Option> more) {
  std::vector<Option> options{
      {"trust-root", Option::Kind::value, "FILE",
       "Trust this trust root or trust-root bundle (without an anchor: the configuration's)", ""},
      {"public-key", Option::Kind::value, "FILE", "Trust this one public key (PEM)", ""},
      {"hmac-key-file", Option::Kind::value, "FILE",
       "Trust who has this HMAC key; one trailing newline is dropped", ""},
      {"key-id", Option::Kind::value, "ID", "The key id that must have signed", ""},
      {"allow-unlisted", Option::Kind::flag, "",
       "Files that the manifest does not list are notes, not findings", ""},
  };
  std::ranges::move(more, std::back_inserter(options));
  return options;
}

bool names_an_anchor(const Arguments& arguments) {
  return std::ranges::any_of(
      kAnchors, [&](std::string_view name) { return arguments.has(std::string(name)); });
}

Result<Secret> read_hmac_key(const std::string& file) {
  CAVRA_TRY(const Secret whole, read_secret_file(file, kMaxHmacKeyBytes, false));
  auto bytes = whole.expose();
  if (!bytes.empty() && bytes.back() == std::byte{'\n'}) bytes = bytes.first(bytes.size() - 1);
  if (bytes.empty())
    return Error{ErrorCode::usage, quoted(file) + " holds no HMAC key: it is empty"};
  return Secret(bytes);
}

Result<TrustAnchor> trust_anchor(const Arguments& arguments, Session& session) {
  const auto named = std::ranges::count_if(
      kAnchors, [&](std::string_view name) { return arguments.has(std::string(name)); });
  if (named > 1)
    return Error{ErrorCode::usage,
                 "two trust anchors are named; use one of --trust-root, --public-key and "
                 "--hmac-key-file"};
  if (arguments.has("public-key")) {
    const std::string file = arguments.text("public-key");
    CAVRA_TRY(const std::string pem, read_small_file(file, kMaxKeyFileBytes));
    CAVRA_TRY(const PublicKey key, PublicKey::from_pem(pem, file));
    return TrustAnchor::from_public_key(key);
  }
  if (arguments.has("hmac-key-file")) {
    CAVRA_TRY(Secret key, read_hmac_key(arguments.text("hmac-key-file")));
    return TrustAnchor::from_hmac_key(std::move(key));
  }
  std::string file = arguments.text("trust-root");
  if (!arguments.has("trust-root")) {
    CAVRA_TRY(const Config* config, session.config_if_any());
    if (config == nullptr || !config->trust_roots)
      return Error{ErrorCode::corrupt,
                   "not verified: there is no trust anchor; name one with --trust-root, "
                   "--public-key or --hmac-key-file, or trust_roots in the configuration "
                   "(--checksums-only of `evidence verify` checks digests alone)"};
    file = config->trust_roots->native();
  }
  CAVRA_TRY(FileTrustRoots roots, FileTrustRoots::load(file));
  return TrustAnchor::from_roots(std::make_shared<const FileTrustRoots>(std::move(roots)));
}

VerifyPolicy verify_policy(const Arguments& arguments) {
  VerifyPolicy policy;
  policy.expected_key_id = arguments.text("key-id");
  policy.allow_unlisted = arguments.flag("allow-unlisted");
  policy.is_cancelled = is_interrupted;
  return policy;
}

bool has_secret_option(const std::vector<std::string>& words) {
  return std::ranges::any_of(
      words, [](const std::string& word) { return word == "--key" || word.starts_with("--key="); });
}

}  // namespace cavra::cli
