#include "s3_settings.hpp"

#include <utility>

#include "cloud/settings_members.hpp"

namespace cavra::s3 {

namespace {

using cloud::wrong_setting;

Result<void> check_together(const S3Settings& settings) {
  if (!settings.kms_key_id.empty() && !settings.encryption.starts_with("aws:kms"))
    return wrong_setting("kms_key_id", "it needs \"encryption\": \"aws:kms\" or \"aws:kms:dsse\"");
  if (settings.bucket.find("..") != std::string::npos)
    return wrong_setting("bucket", "a bucket's name has no two dots in a row");
  if (settings.single_put_bytes != 0 && settings.single_put_bytes < settings.part_bytes &&
      settings.single_put_bytes < (std::uint64_t{5} << 20))
    return wrong_setting("single_put_bytes",
                         "below 5 MiB there are no parts: 0, or at least 5242880");
  return {};
}

}  // namespace

Result<S3Settings> parse_settings(std::string_view json, std::string_view base_folder) {
  CAVRA_TRY(const cloud::SettingsMembers members, cloud::SettingsMembers::parse(json));
  S3Settings settings;
  settings.bucket = members.text("bucket");
  if (settings.bucket.empty()) return wrong_setting("bucket", "it is missing");
  CAVRA_TRY(settings.prefix, members.prefix());
  settings.region = members.text("region");
  settings.endpoint = members.text("endpoint");
  settings.addressing = members.text("addressing");
  if (members.has("profile")) settings.profile = members.text("profile");
  settings.identity = members.text("identity");
  settings.mode = members.text("mode", "COMPLIANCE") == "COMPLIANCE" ? sdk::LockMode::compliance
                                                                     : sdk::LockMode::governance;
  settings.lock_from =
      members.text("lock", "explicit") == "explicit" ? LockFrom::request : LockFrom::bucket;
  settings.encryption = members.text("encryption");
  settings.kms_key_id = members.text("kms_key_id");
  settings.expected_bucket_owner = members.text("expected_bucket_owner");
  settings.storage_class = members.text("storage_class");
  settings.part_bytes = members.number("part_bytes", settings.part_bytes);
  settings.single_put_bytes = members.number("single_put_bytes", settings.single_put_bytes);
  settings.sessions = static_cast<std::uint32_t>(members.number("sessions", settings.sessions));
  settings.sends_md5 = members.text("checksum") == "md5";
  settings.ca_file = members.ca_file(base_folder);
  CAVRA_CHECK(check_together(settings));
  return settings;
}

}  // namespace cavra::s3
