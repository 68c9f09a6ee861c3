// The JSON test sets, and what CPython's json writes for the same documents.
#include "vectors.hpp"

#include <bit>
#include <charconv>
#include <cmath>

#include "byte_sources.hpp"
#include "json/json_number.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

std::string input_of(const JsonValue& row) {
  const JsonValue* repeat = row.find("repeat");
  if (repeat == nullptr) return std::string(as_text(base64_of(row, "data_b64")));
  const auto unit = base64_of(*repeat, "unit_b64");
  const auto size = static_cast<std::size_t>(integer_of(*repeat, "total_bytes"));
  std::string text;
  while (text.size() < size)
    text += as_text(unit);
  text.resize(size);
  return text;
}

// What RFC 8259 leaves open is decided here, by name, so that a new case asks for a decision.
struct Decision {
  std::string_view part_of_id;
  bool is_accepted;
};
constexpr std::array kDecisions{
    // At most kMaxJsonDepth (256) levels.
    Decision{"depth_array_100", true},
    Decision{"depth_object_100", true},
    Decision{"depth_array_500", false},
    Decision{"depth_object_500", false},
    Decision{"depth_array_1000", false},
    Decision{"depth_object_1000", false},
    Decision{"depth_array_5000", false},
    Decision{"depth_object_5000", false},
    Decision{"depth_array_20000", false},
    Decision{"depth_object_20000", false},
    Decision{"i_structure_500_nested_arrays", false},
    // A doubled name: one text must have one meaning.
    Decision{"duplicate", false},
    Decision{"object_same_key", false},
    // Names are compared by code point: a composed and a decomposed letter are two.
    Decision{"object_key_nfc_nfd", true},
    Decision{"object_key_nfd_nfc", true},
    // Half of a surrogate pair has no UTF-8.
    Decision{"surrogate", false},
    Decision{"escaped_invalid_codepoint", false},
    Decision{"inverted_surrogates", false},
    // Neither has what is ill-formed, in whatever way.
    Decision{"invalid_codepoint", false},
    Decision{"UTF8", false},
    Decision{"UTF-8", false},
    Decision{"utf-8", false},
    Decision{"utf8", false},
    Decision{"utf16", false},
    Decision{"UTF-16", false},
    Decision{"iso_latin_1", false},
    Decision{"lone_utf8_continuation", false},
    Decision{"not_in_unicode_range", false},
    Decision{"overlong", false},
    Decision{"BOM", false},
    Decision{"bom", false},
    // An escaped NUL is a character like others.
    Decision{"escaped_NULL", true},
    // Integers are exact, up to the 4300 digits of CPython.
    Decision{"too_big_neg_int", true},
    Decision{"too_big_pos_int", true},
    Decision{"very_big_negative_int", true},
    Decision{"long_int", true},
    // Doubles: towards zero is rounded, towards infinity is refused.
    Decision{"huge_neg_exp", true},
    Decision{"real_underflow", true},
    Decision{"huge_exp", false},
    Decision{"overflow", false},
    Decision{"number_1e6", true},
    Decision{"number_1e-999", true},
    Decision{"number_", true},
};

std::optional<bool> decided(std::string_view id) {
  for (const Decision& decision : kDecisions) {
    if (id.find(decision.part_of_id) != std::string_view::npos) return decision.is_accepted;
  }
  return std::nullopt;
}

VectorOutcome check_verdict(const JsonValue& row) {
  const std::string id = text_of(row, "id");
  const std::string expect = text_of(row, "expect");
  const auto decision = decided(id);
  if (expect == "either" && !decision) {
    FAIL_CHECK("undecided: " << id);
    return VectorOutcome::failed;
  }
  const bool is_expected = expect == "either" ? *decision : expect == "accept";
  const std::string input = input_of(row);
  const auto value = parse_json(input);
  if (value.has_value() != is_expected) return VectorOutcome::failed;
  if (!value) return outcome(value.error().code == ErrorCode::corrupt);
  // What was taken reads back the same from everything that we write.
  return outcome(parse_json(canonical_json(*value)).value() == *value &&
                 parse_json(pretty_json(*value)).value() == *value &&
                 parse_json(compact_json(*value)).value() == *value);
}

// The streaming reader gives the same verdict wherever the blocks begin: the document as the one
// element of an array.
VectorOutcome check_streamed(const JsonValue& row) {
  const std::string input = input_of(row);
  const auto value = parse_json(input);
  const bool is_deep = !value && value.error().message.find("256 levels") != std::string::npos;
  if (is_deep) return VectorOutcome::passed;  // one level more
  for (const std::size_t block : {std::size_t{1}, std::size_t{3}, std::size_t{65536}}) {
    MemorySource source("[" + input + "]", block);
    std::vector<JsonValue> elements;
    const auto read = stream_json(source, "", collect_elements(elements));
    // Commas and brackets may make an array of what is no document.
    const bool is_one = read.has_value() && elements.size() == 1;
    if (value && !(is_one && elements.front() == *value)) return VectorOutcome::failed;
    const auto whole = parse_json("[" + input + "]");
    if (read.has_value() != whole.has_value()) return VectorOutcome::failed;
    if (!whole && whole.error().message != read.error().message && block == 65536) {
      return VectorOutcome::failed;
    }
  }
  return VectorOutcome::passed;
}

bool must_be_refused(const JsonValue& row) {
  return has_flag(row, "python_only") || has_flag(row, "duplicate_keys") ||
         has_flag(row, "lone_surrogate");
}

// What the earlier program took and we refuse: NaN and infinities, lone surrogates, doubled names
// (of which it kept the last, so that its text is shorter).
bool is_gap(const std::string& input, const std::string& canonical) {
  const bool is_not_finite =
      canonical.find("NaN") != std::string::npos || canonical.find("Infinity") != std::string::npos;
  const bool has_doubled_name = input == R"({"a":1,"a":2})";
  return is_not_finite || has_doubled_name || without_lone_surrogates(canonical) != canonical;
}

// RFC 8785 writes 1.0 as 1, which we read as an integer.
JsonValue with_whole_numbers_as_integers(JsonValue value) {
  if (auto* elements = value.if_array()) {
    for (JsonValue& element : *elements)
      element = with_whole_numbers_as_integers(element);
  } else if (auto* members = value.if_object()) {
    for (JsonMember& member : *members) {
      member.value = with_whole_numbers_as_integers(member.value);
    }
  } else if (const double* number = value.if_double()) {
    const bool is_whole = std::floor(*number) == *number && std::fabs(*number) < 1e15;
    if (is_whole) return static_cast<std::int64_t>(*number);
  }
  return value;
}

std::string hex_digits_of(double value) {
  std::string text(16, '0');
  std::array<char, 16> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(),
                                     std::bit_cast<std::uint64_t>(value), 16);
  const auto size = static_cast<std::size_t>(written.ptr - digits.data());
  return text.replace(16 - size, size, digits.data(), size);
}

}  // namespace

TEST_CASE("the reader agrees with the public JSON sets") {
  for (const char* file : {"json/JSONTestSuite.jsonl", "json/hostile.jsonl",
                           "json/nul_and_bom.jsonl", "json/transform.jsonl"}) {
    run_vectors(file, check_verdict);
  }
}

TEST_CASE("the streaming reader agrees with the public JSON sets") {
  for (const char* file : {"json/JSONTestSuite.jsonl", "json/hostile.jsonl",
                           "json/nul_and_bom.jsonl", "json/transform.jsonl"}) {
    run_vectors(file, check_streamed);
  }
}

TEST_CASE("canonical, pretty and compact JSON are byte for byte CPython's") {
  run_vectors("canonical/python_json.jsonl", [](const JsonValue& row) {
    const auto value = parse_json(text_of(row, "input"));
    if (must_be_refused(row)) return outcome(!value);
    if (!value) return VectorOutcome::failed;
    // compact_json() keeps the order of members, so it is compared on the sorted document.
    const auto sorted = parse_json(canonical_json(*value));
    return outcome(canonical_json(*value) == text_of(row, "default_ascii") &&
                   pretty_json(*value) == text_of(row, "indent2_ascii") &&
                   compact_json(sorted.value()) == text_of(row, "compact_utf8"));
  });
}

TEST_CASE("doubles are written as CPython writes them") {
  run_vectors("canonical/doubles.jsonl", [](const JsonValue& row) {
    std::uint64_t bits = 0;
    const std::string hex = text_of(row, "ieee754");
    std::from_chars(hex.data(), hex.data() + hex.size(), bits, 16);
    std::string text;
    append_double(text, std::bit_cast<double>(bits));
    const auto read = parse_json(text);
    return outcome(text == text_of(row, "python_repr") && read && read->if_double() != nullptr &&
                   hex_digits_of(*read->if_double()) == hex);
  });
}

TEST_CASE("the examples of RFC 8785's author are read") {
  run_vectors("canonical/jcs_upstream.jsonl", [](const JsonValue& row) {
    const auto value = parse_json(as_text(base64_of(row, "input_b64")));
    const auto same = parse_json(text_of(row, "jcs"));
    if (!value || !same) return VectorOutcome::failed;
    return outcome(with_whole_numbers_as_integers(*value) == *same);
  });
}

TEST_CASE("the canonical form is the earlier program's") {
  const auto text = shared_file("fixtures/v1/canonical-vectors.json");
  if (!text) return;
  const auto file = parse_json(*text);
  REQUIRE(file);
  std::size_t run = 0;
  for (const JsonValue& row : *file->find("vectors")->if_array()) {
    const std::string input = text_of(row, "input");
    CAPTURE(input);
    ++run;
    const auto value = parse_json(input);
    const JsonValue* canonical = row.find("canonical");
    if (canonical == nullptr) {
      CHECK(!value);
    } else if (is_gap(input, *canonical->if_string())) {
      CHECK(!value);
    } else {
      REQUIRE(value);
      CHECK(canonical_json(*value) == *canonical->if_string());
    }
  }
  std::cout << "fixtures/v1/canonical-vectors.json: run " << run << '\n';
  CHECK(run > 0);
}
