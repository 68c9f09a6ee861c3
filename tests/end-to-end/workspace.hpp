// A Workspace is a temporary folder in which the built program runs, as a person would run it.
//
// It lies on the file system that tests/support/loop-mount.sh made (CAVRA_TEST_EXT4), else below
// the build folder. A guardian process unseals and removes it when the object goes, and as well
// when the test is interrupted or killed.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/json.hpp"
#include "program.hpp"

namespace cavra::e2e {

namespace fs = std::filesystem;

class Workspace {
 public:
  Workspace();  // on the file system with the kernel's flags, where there is one
  explicit Workspace(const fs::path& below);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  [[nodiscard]] const fs::path& folder() const noexcept { return folder_; }
  [[nodiscard]] fs::path operator/(const fs::path& file) const { return folder_ / file; }
  // Whether the kernel holds to the immutable flag here: tried, not guessed.
  [[nodiscard]] bool can_lock() const;

  // Runs the built program here. What it says with --json is checked against its schema.
  Outcome cavra(Words words, RunOptions options = {}) const;
  // It runs, and the test goes on.
  [[nodiscard]] Process start(Words words, RunOptions options = {}) const;
  // cavra(), which must end with exit status 0.
  Outcome done(Words words, const RunOptions& options = {}) const;
  // The same with --json: the document's "result".
  JsonValue result(Words words, const RunOptions& options = {}) const;
  // Runs it as it is and with --json: both must end with `exit` and say each of `texts`.
  void refuses(const Words& words, int exit, const std::vector<std::string>& texts,
               const RunOptions& options = {}) const;
  // Runs lines of a shell (bash -eu) here, with the built program in PATH.
  Outcome shell(const std::string& lines, RunOptions options = {}) const;

  [[nodiscard]] std::string read(const fs::path& file) const;
  void write(const fs::path& file, std::string_view bytes) const;
  void replace_in(const fs::path& file, std::string_view from, std::string_view to) const;
  // The files below a folder, sorted, relative to it; folders end with "/".
  [[nodiscard]] std::vector<std::string> tree(const fs::path& below) const;
  [[nodiscard]] std::vector<fs::path> receipts() const;

  // cavra init --key-id prod-evidence --sample
  void init() const;
  // init(), and a store that asks for no lock.
  void init_advisory() const;
  // cavra evidence bundle, into .cavra/evidence/latest, signed
  void bundle(Words more = {}) const;
  // cavra archive .cavra/evidence/latest; gives the receipt's file
  fs::path archive(Words more = {}) const;

 private:
  void set_guardian();

  fs::path folder_;
  pid_t guardian_ = -1;
  int guardian_fd_ = -1;
};

inline const std::string kBundle = ".cavra/evidence/latest";

// A workspace where locks hold; none where this machine has no such place, and then it was said
// what is left out. With CAVRA_TEST_MUST_RUN=ext4 that is a failure.
#define CAVRA_NEED_LOCKS(workspace)                                \
  if (!(workspace).can_lock()) {                                   \
    ::cavra::e2e::leave_out("ext4", "no place with kernel flags"); \
    return;                                                        \
  }

// Says that the test case that runs now is left out, as far as it needs `kind`.
void leave_out(std::string_view kind, std::string_view why);

// The name of the test case that runs now.
[[nodiscard]] const std::string& current_test();

// A tmpfs; none, and it was said, where there is none.
[[nodiscard]] std::optional<fs::path> tmpfs_folder();

// The value at a JSON pointer without escapes; fails the test where there is none.
[[nodiscard]] const JsonValue& at(const JsonValue& document, std::string_view pointer);
[[nodiscard]] std::string text_at(const JsonValue& document, std::string_view pointer);
[[nodiscard]] std::int64_t number_at(const JsonValue& document, std::string_view pointer);
[[nodiscard]] JsonValue parsed(std::string_view text);

[[nodiscard]] inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Fails where the document is not what docs/schemas/output has for its command.
void check_output_document(const Outcome& outcome);

// Compares with tests/end-to-end/snapshots/<name>; with CAVRA_UPDATE_SNAPSHOTS set, writes it.
void check_snapshot(const std::string& name, const std::string& text);

}  // namespace cavra::e2e
