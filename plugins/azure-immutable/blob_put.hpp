// BlobPut puts one object, create-only, and with "explicit" locks it once it was read back.
//
// docs/adr/0020-azure.md has the order of things, and why. One thread, that of the put.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "azure_settings.hpp"
#include "cloud/put_state.hpp"
#include "cloud/source_body.hpp"
#include "own_blob.hpp"

namespace cavra::azure {

// Lent by the opening.
struct PutTools {
  const AzureSettings& settings;
  cloud::PutState& state;
  Checksum checksum;
};

// What a put came to: a version (empty where the container keeps none), or somebody was first.
struct PutOutcome {
  bool is_created = false;
  std::string version;
};
// Of the answer to a create-only write. Errors: as to_error(), where it says anything else.
[[nodiscard]] Result<PutOutcome> outcome_of(const http::Response& response,
                                            const std::string& doing, std::string_view action);
// The data actions that a put needs, as the settings have it.
[[nodiscard]] std::string_view put_action(const AzureSettings& settings);

class BlobPut {
 public:
  // All lent.
  BlobPut(const Asking& ask, const PutTools& tools, const sdk::PutRequest& request,
          sdk::Source& source);

  // Errors: as put() of the contract.
  [[nodiscard]] Result<sdk::PutResult> run();

 private:
  [[nodiscard]] Result<std::optional<sdk::PutResult>> look(bool is_created);
  [[nodiscard]] std::function<Result<bool>()> look_again();
  [[nodiscard]] Result<PutOutcome> send();
  [[nodiscard]] Result<PutOutcome> send_whole();
  [[nodiscard]] Result<void> require_version(const std::string& version) const;
  [[nodiscard]] Result<void> lock(const std::string& version, bool is_made_now);
  [[nodiscard]] Result<void> read_back(const std::string& version, bool is_made_now);

  const Asking& ask_;
  const PutTools& tools_;
  const sdk::PutRequest& request_;
  sdk::Source& source_;
  cloud::Verdict verdict_;
  http::Headers headers_;
  bool may_be_mine_ = false;  // a put had no answer: what is found may be its work
};

}  // namespace cavra::azure
