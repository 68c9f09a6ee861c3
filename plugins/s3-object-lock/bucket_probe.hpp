// BucketProbe tells what a bucket is and what we may do there, and leaves nothing behind.
//
// Each right is told by its IAM action. What only doing would show, and cannot be undone, is told
// as unknown. One thread, that of the call.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "object_versions.hpp"
#include "s3_settings.hpp"

namespace cavra::s3 {

class BucketProbe {
 public:
  // All lent.
  BucketProbe(const Asking& ask, const S3Settings& settings, sdk::ProbeSink& sink)
      : ask_(ask), settings_(settings), sink_(sink) {}

  // Errors: those that end all asking (no answer, cancelled, …), the sink's.
  [[nodiscard]] Result<void> run();

 private:
  using Verdict = sdk::ProbeItem::Verdict;
  [[nodiscard]] Result<void> tell(Verdict verdict, std::string_view name, std::string_view message,
                                  std::int64_t least_retention_s = 0);
  // What a refusal means here; other failures end the probe.
  [[nodiscard]] Result<void> tell_refused(const Error& error, std::string_view name);
  [[nodiscard]] Result<void> tell_transport();
  [[nodiscard]] Result<void> tell_listing();
  [[nodiscard]] Result<void> tell_lock_configuration();
  [[nodiscard]] Result<void> tell_versioning();
  [[nodiscard]] Result<void> tell_encryption();
  [[nodiscard]] Result<void> tell_uploads();
  [[nodiscard]] Result<void> tell_policy();

  const Asking ask_;
  const S3Settings& settings_;
  sdk::ProbeSink& sink_;
};

}  // namespace cavra::s3
