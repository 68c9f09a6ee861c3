// Public test data: conformance sets and what other programs answered, one case a line.
//
// It lies outside of the repository, in the folder that the variable CAVRA_SHARED names, else in
// `shared` beside the checkout. Without it these tests say what they left out, and pass; with
// CAVRA_TEST_MUST_RUN=vectors (a list with commas) they fail.
//
//   TEST_CASE("Ed25519 agrees with the CCTV set") {
//     run_vectors("ed25519/cctv.jsonl", [](const JsonValue& c) {
//       return outcome(verifies(text_of(c, "key"), …) == truth_of(c, "strict"));
//     });
//   }
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/json.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::testing {

enum class VectorOutcome {
  passed,
  failed,
  left_out,  // the case is about something that this program does not have; say why in the test
};

[[nodiscard]] inline VectorOutcome outcome(bool is_right) {
  return is_right ? VectorOutcome::passed : VectorOutcome::failed;
}

[[nodiscard]] inline std::optional<std::filesystem::path> shared_folder() {
  std::error_code ignored;
  const char* named = std::getenv("CAVRA_SHARED");
  const std::filesystem::path folder =
      named != nullptr ? named : std::filesystem::path(CAVRA_SOURCE_DIR) / ".." / "shared";
  if (!std::filesystem::is_directory(folder, ignored)) return std::nullopt;
  return folder;
}

// Whether a test of that kind must not leave anything out: it is in CAVRA_TEST_MUST_RUN.
[[nodiscard]] inline bool must_run(std::string_view kind) {
  const char* list = std::getenv("CAVRA_TEST_MUST_RUN");
  if (list == nullptr) return false;
  return ("," + std::string(list) + ",").find("," + std::string(kind) + ",") != std::string::npos;
}

// Says that `what` was left out, and why.
inline void leave_out(std::string_view what) {
  std::cout << what << ": left out, no shared test data\n";
  if (must_run("vectors")) FAIL_CHECK(what << ": left out, but CAVRA_TEST_MUST_RUN has vectors");
}

// The bytes of a file below the shared folder, as "fixtures/v1/cases.json". None, and it is said,
// where there is no such folder; a file that is missing in it fails the test.
[[nodiscard]] inline std::optional<std::string> shared_file(const std::filesystem::path& path) {
  const auto folder = shared_folder();
  if (!folder) {
    leave_out(path.string());
    return std::nullopt;
  }
  std::ifstream file(*folder / path, std::ios::binary);
  if (!file) {
    FAIL_CHECK("cannot open " << (*folder / path).string());
    return std::nullopt;
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Columns of a case. A column that is missing or of another type fails the test.
[[nodiscard]] inline std::string text_of(const JsonValue& row, std::string_view column) {
  const JsonValue* value = row.find(column);
  const std::string* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr) FAIL("no text in column " << column);
  return *text;
}
[[nodiscard]] inline bool truth_of(const JsonValue& row, std::string_view column) {
  const JsonValue* value = row.find(column);
  const bool* truth = value == nullptr ? nullptr : value->if_bool();
  if (truth == nullptr) FAIL("no truth in column " << column);
  return *truth;
}
[[nodiscard]] inline std::int64_t integer_of(const JsonValue& row, std::string_view column) {
  const JsonValue* value = row.find(column);
  const std::int64_t* integer = value == nullptr ? nullptr : value->if_integer();
  if (integer == nullptr) FAIL("no integer in column " << column);
  return *integer;
}
// The bytes of a base64 or hex column.
[[nodiscard]] inline std::vector<std::byte> base64_of(const JsonValue& row,
                                                      std::string_view column) {
  auto bytes = from_base64(text_of(row, column));
  if (!bytes) FAIL("no base64 in column " << column);
  return *std::move(bytes);
}
[[nodiscard]] inline std::vector<std::byte> hex_of(const JsonValue& row, std::string_view column) {
  auto bytes = from_hex(text_of(row, column));
  if (!bytes) FAIL("no hex in column " << column);
  return *std::move(bytes);
}
[[nodiscard]] inline bool has_flag(const JsonValue& row, std::string_view flag) {
  const JsonValue* flags = row.find("flags");
  if (flags == nullptr || !flags->is_array()) return false;
  for (const JsonValue& each : *flags->if_array()) {
    if (each == JsonValue(flag)) return true;
  }
  return false;
}

// A lone surrogate has no UTF-8, so the strict reader refuses a case that has one (escaped) in a
// column. Here its escape becomes plain text (backslash, u, four digits), and the case gets the
// member kHasLoneSurrogate: nothing is dropped.
inline constexpr const char* kHasLoneSurrogate = "has lone surrogate";

[[nodiscard]] inline std::string without_lone_surrogates(std::string_view line) {
  const auto unit_at = [&](std::size_t at) -> unsigned long {
    if (line.substr(at, 2) != "\\u") return 0;
    return std::strtoul(std::string(line.substr(at + 2, 4)).c_str(), nullptr, 16);
  };
  const auto is_high = [](unsigned long unit) { return unit >= 0xD800 && unit <= 0xDBFF; };
  const auto is_low = [](unsigned long unit) { return unit >= 0xDC00 && unit <= 0xDFFF; };
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    const unsigned long unit = unit_at(at);
    std::size_t length = line[at] == '\\' ? 2 : 1;
    if (is_high(unit) && is_low(unit_at(at + 6))) {
      length = 12;
    } else if (is_high(unit) || is_low(unit)) {
      out += '\\';  // \\ud800: an escaped backslash
    }
    out += line.substr(at, length);
    at += length;
  }
  return out;
}

[[nodiscard]] inline Result<JsonValue> read_vector(std::string_view line) {
  auto strict = parse_json(line);
  if (strict) return strict;
  auto lenient = parse_json(without_lone_surrogates(line));
  if (!lenient) return strict;
  lenient->set(kHasLoneSurrogate, true);
  return lenient;
}

// Runs `check` on each case of a JSON Lines file below shared/vectors, and prints one line with
// the numbers. Fails for each case that failed, for a line that is no case, and for an empty file.
inline void run_vectors(const std::string& file,
                        const std::function<VectorOutcome(const JsonValue&)>& check) {
  if (!shared_folder()) return leave_out("vectors " + file);
  const auto text = shared_file("vectors/" + file);
  if (!text) return;
  std::size_t run = 0;
  std::size_t passed = 0;
  std::size_t left_out = 0;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto row = read_vector(line);
    if (!row) {
      FAIL_CHECK(file << ": a line cannot be read: " << row.error().message);
      continue;
    }
    const std::string id = text_of(*row, "id");
    CAPTURE(file);
    CAPTURE(id);
    const VectorOutcome result = check(*row);
    ++(result == VectorOutcome::left_out ? left_out : run);
    if (result == VectorOutcome::passed) ++passed;
    if (result == VectorOutcome::failed) FAIL_CHECK(file << ": failed: " << id);
  }
  std::cout << "vectors " << file << ": run " << run << ", passed " << passed << ", left out "
            << left_out << '\n';
  CHECK(run + left_out > 0);
}

}  // namespace cavra::testing
