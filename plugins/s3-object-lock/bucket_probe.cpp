#include "bucket_probe.hpp"

#include <array>

#include "bucket_policy.hpp"
#include "cavra/support/encoding.hpp"
#include "object_headers.hpp"

namespace cavra::s3 {

namespace {

// Whoever may put may always do this; the rest has to be denied to him.
constexpr std::string_view kBypass = "s3:BypassGovernanceRetention";
constexpr std::array<std::string_view, 5> kTooMuch{
    kBypass, "s3:DeleteObjectVersion", "s3:PutBucketPolicy", "s3:PutBucketObjectLockConfiguration",
    "s3:PutLifecycleConfiguration"};

}  // namespace

Result<void> BucketProbe::tell(Verdict verdict, std::string_view name, std::string_view message,
                               std::int64_t least_retention_s) {
  return sink_.item({.verdict = verdict,
                     .name = name,
                     .message = message,
                     .least_retention_s = least_retention_s});
}

Result<void> BucketProbe::tell_refused(const Error& error, std::string_view name) {
  switch (error.code) {
    case ErrorCode::forbidden:
      return tell(Verdict::missing, name, error.message);
    case ErrorCode::not_found:
    case ErrorCode::refused:
      return tell(Verdict::unknown, name, error.message);
    default:
      return error;
  }
}

Result<void> BucketProbe::tell_transport() {
  const S3Address address = ask_.service.address();
  if (!address.is_plain())
    return tell(Verdict::ok, "tls", "requests go by TLS, and the server's certificate is checked");
  return tell(Verdict::note, "tls", "plain http, which is for this machine's own servers alone");
}

Result<void> BucketProbe::tell_listing() {
  constexpr std::string_view kName = "s3:ListBucketVersions";
  auto answer = ask_({.doing = "list the versions in",
                      .action = kName,
                      .method = "GET",
                      .key = {},
                      .query = {{"versions", ""}, {"max-keys", "1"}, {"prefix", settings_.prefix}},
                      .answers = {403}});
  if (!answer) return std::move(answer).error();
  if (answer->is_success()) {
    CAVRA_CHECK(parse_versions(answer->body));
    return tell(Verdict::ok, kName, "versions can be listed");
  }
  const ServiceError said = service_error(*answer);
  const Error error = to_error(said, "list the versions in the bucket", kName);
  // Whom the service does not know would be told the same of every right.
  if (is_about_credentials(said)) return error;
  return tell(Verdict::missing, kName, error.message);
}

Result<void> BucketProbe::tell_lock_configuration() {
  constexpr std::string_view kName = "object-lock";
  const auto found = get_lock_configuration(ask_);
  if (!found) return tell_refused(found.error(), "s3:GetBucketObjectLockConfiguration");
  if (!found->is_enabled)
    return tell(Verdict::missing, kName,
                "the bucket was made without Object Lock: nothing in it can be locked");
  CAVRA_CHECK(tell(Verdict::ok, kName, "Object Lock is on"));
  const bool is_inherited = settings_.lock_from == LockFrom::bucket;
  if (!found->rule)
    return is_inherited ? tell(Verdict::missing, "default-retention",
                               "\"lock\": \"inherit\", and the bucket has no default rule")
                        : tell(Verdict::note, "default-retention",
                               "none: what is put without lock headers is not locked");
  if (is_inherited && found->rule->mode < settings_.mode)
    return tell(Verdict::missing, "default-retention",
                "the bucket's rule is " + found->rule->text() + ": weaker than the mode wanted",
                found->rule->seconds());
  // What asks for its own lock has that; the rule is for what does not.
  return tell(is_inherited ? Verdict::ok : Verdict::note, "default-retention",
              found->rule->text() + ", for what is put without lock headers",
              is_inherited ? found->rule->seconds() : 0);
}

Result<void> BucketProbe::tell_versioning() {
  auto answer = ask_({.doing = "ask for the versioning of",
                      .action = "s3:GetBucketVersioning",
                      .method = "GET",
                      .key = {},
                      .query = {{"versioning", ""}}});
  if (!answer) return tell_refused(answer.error(), "s3:GetBucketVersioning");
  const auto status = parse_versioning(answer->body);
  if (!status) return tell(Verdict::unknown, "versioning", status.error().message);
  if (*status == "Enabled") return tell(Verdict::ok, "versioning", "on");
  return tell(Verdict::missing, "versioning",
              "it is not on (" + quoted(*status, 40) + "): locks belong to versions");
}

Result<void> BucketProbe::tell_encryption() {
  constexpr std::string_view kRight = "s3:GetEncryptionConfiguration";
  auto answer = ask_({.doing = "ask for the encryption of",
                      .action = kRight,
                      .method = "GET",
                      .key = {},
                      .query = {{"encryption", ""}},
                      .answers = {403, 404}});
  if (!answer) return tell_refused(answer.error(), "encryption");
  // Not needed to archive.
  if (answer->status == 403)
    return tell(Verdict::unknown, "encryption", "not shown: it needs " + std::string(kRight));
  const auto algorithm =
      answer->is_success() ? parse_encryption(answer->body) : Result<std::string>(std::string());
  if (!algorithm) return tell(Verdict::unknown, "encryption", algorithm.error().message);
  if (!algorithm->empty())
    return tell(Verdict::ok, "encryption", "the bucket's default is " + printable(*algorithm, 40));
  return tell(Verdict::note, "encryption",
              settings_.encryption.empty() ? "neither the bucket nor this store asks for one"
                                           : "asked for with each object: " + settings_.encryption);
}

// An upload is begun and ended at once: no object comes of it. It is begun only where it can be
// seen to have gone.
Result<void> BucketProbe::tell_uploads() {
  const std::string key =
      (settings_.prefix.empty() ? "" : settings_.prefix + "/") + "cavra-probe/rights";
  const auto before = list_uploads(ask_, key, {}, 1);
  if (!before) return tell_refused(before.error(), "s3:ListBucketMultipartUploads");
  CAVRA_CHECK(tell(Verdict::ok, "s3:ListBucketMultipartUploads", "uploads can be listed"));
  if (!before->entries.empty())
    return tell(Verdict::unknown, "s3:PutObject",
                "not tried: an earlier trial at " + quoted(key) + " could not be ended");
  sdk::PutRequest trial;
  trial.key = key;
  CAVRA_TRY(const http::Headers headers, object_headers(settings_, trial));
  auto begun = ask_({.doing = "begin an upload at",
                     .action = "s3:PutObject",
                     .method = "POST",
                     .key = key,
                     .query = {{"uploads", ""}},
                     .headers = headers});
  if (!begun && begun.error().code == ErrorCode::forbidden)
    return tell(Verdict::unknown, "s3:PutObject",
                "refused for a trial object; a policy may ask for what an archive's objects have");
  if (!begun) return tell_refused(begun.error(), "s3:PutObject");
  const auto id = parse_upload_id(begun->body);
  if (!id) return tell(Verdict::unknown, "s3:PutObject", id.error().message);
  CAVRA_CHECK(tell(Verdict::ok, "s3:PutObject", "an upload could be begun"));
  const auto ended = ask_({.doing = "abort the upload at",
                           .action = "s3:AbortMultipartUpload",
                           .method = "DELETE",
                           .key = key,
                           .query = {{"uploadId", *id}},
                           .answers = {404}});
  if (!ended) return tell_refused(ended.error(), "s3:AbortMultipartUpload");
  return tell(Verdict::ok, "s3:AbortMultipartUpload", "and ended");
}

// What this user may do beyond his work shows only by doing it. A bucket policy that denies it to
// everybody is an answer.
Result<void> BucketProbe::tell_policy() {
  auto answer = ask_({.doing = "ask for the policy of",
                      .action = "s3:GetBucketPolicy",
                      .method = "GET",
                      .key = {},
                      .query = {{"policy", ""}},
                      .answers = {403, 404}});
  if (!answer) return tell_refused(answer.error(), "s3:GetBucketPolicy");
  const std::string why = answer->is_success() ? "the bucket's policy does not deny it to everybody"
                          : answer->status == 404
                              ? "the bucket has no policy that would deny it to everybody"
                              : "the bucket's policy is not shown to this user";
  for (const std::string_view action : kTooMuch) {
    const bool is_denied =
        answer->is_success() && denies_to_all(answer->body, action, settings_.bucket);
    CAVRA_CHECK(is_denied ? tell(Verdict::ok, action, "denied to everybody by the bucket's policy")
                          : tell(Verdict::unknown, action,
                                 why + "; see that this user's own policies do not allow it"));
  }
  return {};
}

Result<void> BucketProbe::run() {
  CAVRA_CHECK(tell_transport());
  CAVRA_CHECK(tell_listing());
  CAVRA_CHECK(tell_lock_configuration());
  CAVRA_CHECK(tell_versioning());
  CAVRA_CHECK(tell_encryption());
  CAVRA_CHECK(tell_uploads());
  return tell_policy();
}

}  // namespace cavra::s3
