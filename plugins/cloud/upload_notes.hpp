// UploadNotes remembers which uploads in parts this machine has begun, so that after a crash the
// parts that were sent need not be sent again.
//
// An upload carries the lock, the encryption and the metadata of its beginning, and no service
// tells them: so only an upload noted here is taken up, and only by who would begin it in the very
// same way. A hint: what cannot be read or written is passed over. Any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cavra::cloud {

class UploadNotes {
 public:
  // An empty folder: nothing is remembered.
  explicit UploadNotes(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] bool are_kept() const noexcept { return !folder_.empty(); }
  // `particulars`: a digest, in hex, of all that the upload was begun with.
  [[nodiscard]] std::optional<std::string> find(std::string_view particulars) const;
  void keep(std::string_view particulars, std::string_view upload_id) const;
  void drop(std::string_view particulars) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace cavra::cloud
