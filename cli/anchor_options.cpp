#include "anchor_options.hpp"

#include <algorithm>
#include <optional>

#include "cavra/support/encoding.hpp"
#include "private_key.hpp"
#include "signals.hpp"

namespace cavra::cli {

namespace {

constexpr std::size_t kMaxHmacKeyBytes = std::size_t{64} * 1024;
constexpr std::string_view kAnchors[] = {"public-key", "trust-root", "hmac-key-file"};

// A bare public key has no purpose, but the configuration may know it as one for receipts.
Result<void> check_no_receipt_key(const PublicKey& key, const std::string& file, Session& session) {
  const auto roots = [&]() -> Result<std::optional<FileTrustRoots>> {
    CAVRA_TRY(const Config* config, session.config_if_any());
    if (config == nullptr || !config->receipt_trust_roots) return std::optional<FileTrustRoots>();
    CAVRA_TRY(FileTrustRoots loaded, FileTrustRoots::load(config->receipt_trust_roots->native()));
    return std::optional<FileTrustRoots>(std::move(loaded));
  }();
  if (!roots) {
    session.output().note("note: whether " + quoted(file) +
                          " is a receipt key was not looked up: " + roots.error().message);
    return {};
  }
  if (!*roots) return {};
  const auto root = (*roots)->find("", key.fingerprint(), KeyPurpose::receipt);
  if (!root || root->purpose != KeyPurpose::receipt) return {};
  return Error{ErrorCode::corrupt, "not verified: " + quoted(file) + " is the receipt key " +
                                       quoted(root->key_id) + " of " +
                                       quoted(std::string((*roots)->name())) +
                                       ", and a receipt key never verifies evidence; give the "
                                       "public key of whoever signed the bundle"};
}

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

Result<void> check_not_empty(const Arguments& arguments,
                             std::initializer_list<const char*> options) {
  for (const std::string option : options) {
    if (arguments.has(option) && arguments.text(option).empty())
      return Error{ErrorCode::usage, "--" + option +
                                         " is given without a value, which would leave out what it "
                                         "asks for; give one (is a variable empty?), or leave the "
                                         "option out"};
  }
  return {};
}

Result<Secret> read_hmac_key(const Arguments& arguments) {
  CAVRA_CHECK(check_not_empty(arguments, {"hmac-key-file"}));
  CAVRA_TRY(const std::string file, secret_file_name(arguments, "hmac-key-file"));
  CAVRA_TRY(const Secret whole, read_secret_file(file, kMaxHmacKeyBytes, false));
  auto bytes = whole.expose();
  if (!bytes.empty() && bytes.back() == std::byte{'\n'}) bytes = bytes.first(bytes.size() - 1);
  if (bytes.empty())
    return Error{ErrorCode::usage, quoted(file) + " holds no HMAC key: it is empty"};
  if (holds_pem(bytes))
    return Error{ErrorCode::usage,
                 quoted(file) +
                     " holds a PEM key or certificate, and its text is no HMAC key: who has a "
                     "public key could make such an HMAC; use --public-key or --private-key, or a "
                     "file of random bytes"};
  return Secret(bytes);
}

Result<TrustAnchor> trust_anchor(const Arguments& arguments, Session& session) {
  const auto named = std::ranges::count_if(
      kAnchors, [&](std::string_view name) { return arguments.has(std::string(name)); });
  if (named > 1)
    return Error{ErrorCode::usage,
                 "two trust anchors are named; use one of --trust-root, --public-key and "
                 "--hmac-key-file"};
  CAVRA_CHECK(check_not_empty(arguments, {"public-key", "trust-root", "hmac-key-file", "key-id"}));
  if (arguments.has("public-key")) {
    const std::string file = arguments.text("public-key");
    CAVRA_TRY(const std::string pem, read_trust_file(file, kMaxKeyFileBytes, ChosenBy::person));
    auto key = PublicKey::from_pem(pem, file);
    // An anchor that cannot be used says nothing about the evidence.
    if (!key) return Error{ErrorCode::usage, key.error().message};
    CAVRA_CHECK(check_no_receipt_key(*key, file, session));
    return TrustAnchor::from_public_key(*std::move(key));
  }
  if (arguments.has("hmac-key-file")) {
    CAVRA_TRY(Secret key, read_hmac_key(arguments));
    return TrustAnchor::from_hmac_key(std::move(key));
  }
  if (!arguments.has("trust-root")) {
    CAVRA_TRY(const Config* config, session.config_if_any());
    if (config == nullptr || !config->trust_roots)
      return Error{ErrorCode::corrupt,
                   "not verified: there is no trust anchor; name one with --trust-root, "
                   "--public-key or --hmac-key-file, or trust_roots in the configuration "
                   "(--checksums-only of `evidence verify` checks digests alone)"};
    auto roots = FileTrustRoots::load(config->trust_roots->native());
    if (!roots) return in_config(*config, "/trust_roots", roots.error());
    return TrustAnchor::from_roots(std::make_shared<const FileTrustRoots>(*std::move(roots)));
  }
  CAVRA_TRY(FileTrustRoots roots,
            FileTrustRoots::load(arguments.text("trust-root"), ChosenBy::person));
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
