// Output is where a command tells its result: text for people, or one JSON document for programs.
//
// The result goes to standard output; errors, findings and notes of the text form go to standard
// error unless a command's text has them (verify does, as v1 did). One thread, but for
// tell_debug().
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/finding.hpp"
#include "cavra/json.hpp"
#include "cavra/support/result.hpp"

namespace cavra::cli {

class Output {
 public:
  Output(std::string command, bool is_json, bool is_quiet)
      : command_(std::move(command)), is_json_(is_json), is_quiet_(is_quiet) {}

  [[nodiscard]] bool is_json() const noexcept { return is_json_; }
  [[nodiscard]] bool is_quiet() const noexcept { return is_quiet_; }

  // A line of the result, in the text form only.
  void say(std::string_view line);
  // A line on standard error, not with --quiet; in the JSON form it goes into "notes".
  void note(std::string_view line);
  // The same, with --quiet too: what a person must know who is asked.
  void warn(std::string_view line);
  // Findings of a command whose text is not their list: a line each on standard error, with --quiet
  // too. The JSON form has them in its result.
  void list_findings(const Findings& findings);
  // The result of the JSON form.
  void set_result(JsonValue result) { result_ = std::move(result); }
  // Tells the error, each of its lines as one, and gives its exit status.
  int fail(const Error& error);
  // Ends the JSON form: one document. Gives `exit` back; 3 where standard output cannot be written.
  int finish(int exit);

 private:
  std::string command_;
  bool is_json_;
  bool is_quiet_;
  std::optional<JsonValue> result_;
  std::vector<Error> errors_;
  std::vector<std::string> notes_;
};

// A line of a store's plugin, "debug: NAME: LINE", on standard error. Any thread: lines stay whole.
void tell_debug(std::string_view store, std::string_view line);

// [{"code", "place", "message"}…]
[[nodiscard]] JsonValue findings_json(const Findings& findings);
// "place: message", or the message alone.
[[nodiscard]] std::string finding_line(const Finding& finding);

// A path for people: from the working folder where it lies in it, printable.
[[nodiscard]] std::string shown_path(const std::filesystem::path& path);

// "1.5 GiB", "812 B": for people.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
// "1 member", "6 members"
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view singular,
                                  std::string_view plural);

}  // namespace cavra::cli
