// ObjectPut puts one object, create-only, on a service where a key always takes another version.
//
// docs/adr/0018-s3-put.md has the order of things, and why. One thread, that of the put.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cloud/put_state.hpp"
#include "cloud/source_body.hpp"
#include "own_version.hpp"

namespace cavra::s3 {

// Lent by the opening.
struct PutTools {
  const S3Settings& settings;
  cloud::PutState& state;
};

// The version that an answer names. None: the service refused as something is there, or it made one
// and did not name it; then `may_be_mine` is set.
[[nodiscard]] std::optional<std::string> version_of(const http::Response& response,
                                                    bool& may_be_mine);

class ObjectPut {
 public:
  // All lent.
  ObjectPut(const Asking& ask, const PutTools& tools, const sdk::PutRequest& request,
            sdk::Source& source);

  // Where what it made may not be the only version, name_the_oldest() is left to the caller: many
  // puts can share it. Errors: as put() of the contract.
  [[nodiscard]] Result<sdk::PutResult> run();

 private:
  [[nodiscard]] Result<std::optional<sdk::PutResult>> look();
  // The version that came to be; none, where another one was there first.
  [[nodiscard]] Result<std::optional<std::string>> send();
  [[nodiscard]] std::function<Result<bool>()> look_again();
  [[nodiscard]] Result<std::optional<std::string>> send_whole();
  [[nodiscard]] Result<std::optional<std::string>> send_parts();
  [[nodiscard]] Result<sdk::PutResult> settle(std::string version);
  [[nodiscard]] Result<void> raise_if_ignored(const std::string& version);

  const Asking& ask_;
  const PutTools& tools_;
  const sdk::PutRequest& request_;
  sdk::Source& source_;
  cloud::Verdict verdict_;
  http::Headers headers_;
  bool may_be_mine_ = false;  // what a look finds: a version was made, and not named to us
};

}  // namespace cavra::s3
