#include "azure_settings.hpp"

#include <utility>

#include "cloud/settings_members.hpp"

namespace cavra::azure {

namespace {

// What only one of the scopes has is not passed over in silence.
Result<void> read_scope(const cloud::SettingsMembers& members, AzureSettings& settings) {
  if (members.text("scope", "version") == "version") {
    for (const char* const name : {"account_id", "management_endpoint", "management_audience"})
      if (members.has(name))
        return cloud::wrong_setting(name, "it is for \"scope\": \"container\" alone");
    return {};
  }
  settings.scope = LockScope::container;
  if (settings.policy_from == PolicyFrom::request)
    return cloud::wrong_setting("policy",
                                "with \"scope\": \"container\" all objects have the container's "
                                "policy: \"explicit\" is for \"scope\": \"version\"");
  const std::string id = members.text("account_id");
  if (id.empty())
    return cloud::wrong_setting("account_id",
                                "it is missing: \"scope\": \"container\" needs it, to ask the "
                                "management for the policy (az storage account show --query id)");
  CAVRA_TRY(settings.account_id, parse_account_id(id));
  if (settings.account.empty()) settings.account = settings.account_id.account;
  if (settings.account != settings.account_id.account)
    return cloud::wrong_setting("account_id", "it is of another account than \"account\"");
  settings.management_endpoint = members.text("management_endpoint", kManagementEndpoint);
  while (settings.management_endpoint.ends_with('/'))
    settings.management_endpoint.pop_back();
  settings.management_audience = members.text("management_audience", settings.management_endpoint);
  if (!settings.management_audience.ends_with('/')) settings.management_audience += '/';
  return {};
}

}  // namespace

Result<AzureSettings> parse_settings(std::string_view json, std::string_view base_folder) {
  CAVRA_TRY(const cloud::SettingsMembers members, cloud::SettingsMembers::parse(json));
  AzureSettings settings;
  settings.container = members.text("container");
  if (settings.container.empty()) return cloud::wrong_setting("container", "it is missing");
  if (settings.container.find("--") != std::string::npos)
    return cloud::wrong_setting("container", "a container's name has no two dashes in a row");
  CAVRA_TRY(settings.prefix, members.prefix());
  // The service takes no part of a name that ends in a dot.
  if ((settings.prefix + "/").find("./") != std::string::npos)
    return cloud::wrong_setting("prefix", "none of its parts between slashes may end in a dot");
  settings.account = members.text("account");
  settings.endpoint = members.text("endpoint");
  settings.authentication = members.text("authentication", "auto");
  settings.client_id = members.text("client_id");
  settings.tenant_id = members.text("tenant_id");
  settings.authority = members.text("authority");
  settings.identity = members.text("identity");
  settings.mode = members.text("mode", "locked") == "locked" ? sdk::LockMode::compliance
                                                             : sdk::LockMode::governance;
  settings.policy_from =
      members.text("policy", "inherit") == "inherit" ? PolicyFrom::container : PolicyFrom::request;
  CAVRA_CHECK(read_scope(members, settings));
  settings.encryption_scope = members.text("encryption_scope");
  settings.tier = members.text("tier");
  if (const std::string checksum = members.text("checksum"); !checksum.empty())
    settings.checksum = checksum == "md5" ? Checksum::md5 : Checksum::crc64;
  settings.block_bytes = members.number("block_bytes", settings.block_bytes);
  settings.single_put_bytes = members.number("single_put_bytes", settings.single_put_bytes);
  settings.sessions = static_cast<std::uint32_t>(members.number("sessions", settings.sessions));
  settings.ca_file = members.ca_file(base_folder);
  return settings;
}

Checksum checksum_for(const AzureSettings& settings, bool is_loopback) {
  return settings.checksum.value_or(is_loopback ? Checksum::md5 : Checksum::crc64);
}

}  // namespace cavra::azure
