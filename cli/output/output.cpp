#include "output.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

#include "cavra/support/encoding.hpp"
#include "exit_code.hpp"

namespace cavra::cli {

namespace {

// A note as text alone: people are told by its place and by "note: " what it is.
std::string_view without_layout(std::string_view line) {
  constexpr std::string_view kNote = "note: ";
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  if (line.starts_with(kNote)) line.remove_prefix(kNote.size());
  return line;
}

}  // namespace

void Output::say(std::string_view line) {
  if (!is_json_) std::cout << line << '\n';
}

void Output::note(std::string_view line) {
  if (is_json_) {
    notes_.emplace_back(without_layout(line));
  } else if (!is_quiet_) {
    std::cerr << line << '\n';
  }
}

void Output::warn(std::string_view line) {
  if (is_json_) return note(line);
  std::cerr << line << '\n';
}

void Output::list_findings(const Findings& findings) {
  if (is_json_) return;
  for (const Finding& finding : findings)
    std::cerr << "  - " << finding_line(finding) << '\n';
}

int Output::fail(const Error& error) {
  errors_.push_back(error);
  if (!is_json_) {
    std::string_view rest = error.message;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      std::cerr << "cavra: " << line << '\n';
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
  }
  return exit_code(error.code);
}

int Output::finish(int exit) {
  if (is_json_) {
    JsonValue errors = JsonValue::array();
    for (const Error& error : errors_) {
      errors.push_back(JsonValue::object({{"code", to_string(error.code)},
                                          {"message", error.message},
                                          {"retryable", error.retryable}}));
    }
    JsonValue notes = JsonValue::array();
    for (const std::string& note : notes_)
      notes.push_back(note);
    const JsonValue document =
        JsonValue::object({{"schema_version", "cavra.output.v1"},
                           {"command", command_},
                           {"exit_code", exit},
                           {"errors", std::move(errors)},
                           {"notes", std::move(notes)},
                           {"result", result_ ? std::move(*result_) : JsonValue()}});
    std::cout << pretty_json(document) << '\n';
  }
  std::cout.flush();
  if (std::cout) return exit;
  std::cerr << "cavra: standard output cannot be written\n";
  return exit == kExitDone ? kExitStore : exit;
}

void tell_debug(std::string_view store, std::string_view line) {
  std::string text = "debug: ";
  text.append(store).append(": ").append(line) += '\n';
  // One call: standard error has no buffer, and stdio's lock keeps other lines out.
  std::fwrite(text.data(), 1, text.size(), stderr);
}

JsonValue findings_json(const Findings& findings) {
  JsonValue list = JsonValue::array();
  for (const Finding& finding : findings) {
    list.push_back(JsonValue::object(
        {{"code", finding.code}, {"place", finding.place}, {"message", finding.message}}));
  }
  return list;
}

std::string finding_line(const Finding& finding) {
  return finding.place.empty() ? finding.message
                               : printable(finding.place) + ": " + finding.message;
}

std::string shown_path(const std::filesystem::path& path) {
  std::error_code problem;
  const auto relative = path.lexically_relative(std::filesystem::current_path(problem));
  const bool is_inside = !problem && !relative.empty() && *relative.begin() != "..";
  return printable(is_inside ? relative.native() : path.native());
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  return text.data();
}

std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural) {
  return std::to_string(count) + ' ' + std::string(count == 1 ? singular : plural);
}

}  // namespace cavra::cli
