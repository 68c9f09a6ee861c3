// A small S3 for tests: one bucket "abc" with versions and uploads in parts, on loopback, by path.
//
// It does as it is told by `before` and `after`, which a test sets ahead of what it asks. It keeps
// all that it was asked for; what is in it is read between requests alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/answering_server.hpp"
#include "s3-object-lock/object_versions.hpp"

namespace cavra::s3::testing {

using cloud::testing::Answered;
using cloud::testing::AnsweringServer;
using cloud::testing::Asked;

struct StoredVersion {
  std::string key;
  std::string id;
  std::string body;
  http::Headers headers{};  // that HEAD shows
  bool is_delete_marker = false;
};

struct StoredUpload {
  std::string key;
  http::Headers headers;
  std::map<unsigned, std::string> parts;  // bodies, by number
  std::map<unsigned, std::string> etags;
};

class SmallS3 {
 public:
  SmallS3();

  // Instead of an answer of its own.
  std::function<std::optional<Answered>(const Asked& asked)> before;
  // What becomes of its own answer.
  std::function<void(const Asked& asked, Answered& answered)> after;
  bool honours_if_none_match = true;
  std::vector<StoredVersion> versions;  // newest first
  std::map<std::string, StoredUpload> uploads;

  [[nodiscard]] std::string url() const { return server_.url(); }
  // What was asked by this method with this in its target.
  [[nodiscard]] std::vector<Asked> asked(std::string_view method, std::string_view part = {}) const;
  [[nodiscard]] std::size_t live_versions() const;
  void store(StoredVersion version);

 private:
  [[nodiscard]] Answered answer(const Asked& asked);
  [[nodiscard]] Answered answer_by_itself(const Asked& asked);
  [[nodiscard]] Answered list() const;
  [[nodiscard]] Answered show(const Asked& asked, const std::string& key,
                              const std::string& version) const;
  [[nodiscard]] Answered put(const std::string& key, std::string body,
                             const http::Headers& headers);
  [[nodiscard]] Answered complete(const Asked& asked, const std::string& id);
  [[nodiscard]] Answered list_parts(const std::string& id) const;

  int last_ = 0;
  AnsweringServer server_;
};

// The value of a parameter in a target; "-" where it is not there.
[[nodiscard]] std::string parameter(const Asked& asked, std::string_view name);
[[nodiscard]] Answered s3_error(int status, std::string_view code);

}  // namespace cavra::s3::testing
