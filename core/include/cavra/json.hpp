// JSON as this project reads and writes it: strict in, and out byte for byte as CPython's json.
//
// Reading refuses what RFC 8259 leaves open: a doubled member name, a byte order mark, a NUL, a
// lone surrogate, NaN and infinities, ill-formed UTF-8, more than kMaxJsonDepth levels. Numbers
// keep their exact integer digits. Values are plain and copyable; const use from any thread.
// Format: docs/spec/json.md. RapidJSON stays behind this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cavra/support/result.hpp"

namespace cavra {

inline constexpr std::size_t kMaxJsonDepth = 256;

class JsonValue;

struct JsonMember;  // name and value

// An integer that does not fit into 64 bits, by its decimal digits (with '-' where negative).
struct BigInteger {
  std::string digits;
  friend bool operator==(const BigInteger&, const BigInteger&) = default;
};

// One JSON value. What parse_json() gives is at most kMaxJsonDepth deep, and what a program builds
// must be too: copying, comparing and writing go down by recursion. Strings are UTF-8.
class JsonValue {
 public:
  using Array = std::vector<JsonValue>;
  // In the order of the text. Names are unique.
  using Object = std::vector<JsonMember>;

  JsonValue() noexcept;  // null
  JsonValue(std::nullptr_t) noexcept;
  JsonValue(bool value) noexcept;
  JsonValue(int value) noexcept;
  JsonValue(std::int64_t value) noexcept;
  JsonValue(std::uint64_t value);
  JsonValue(double value) noexcept;  // finite
  JsonValue(BigInteger value);
  JsonValue(std::string value);
  JsonValue(std::string_view value);
  JsonValue(const char* value);
  JsonValue(Array value) noexcept;
  JsonValue(Object value) noexcept;

  [[nodiscard]] static JsonValue array();
  [[nodiscard]] static JsonValue object();
  [[nodiscard]] static JsonValue object(std::initializer_list<JsonMember> members);

  [[nodiscard]] bool is_null() const noexcept;
  [[nodiscard]] bool is_object() const noexcept;
  [[nodiscard]] bool is_array() const noexcept;
  [[nodiscard]] bool is_string() const noexcept;

  // Null where the value is of another type. An integer written as 1.0 is a double, as in Python.
  [[nodiscard]] const bool* if_bool() const noexcept;
  [[nodiscard]] const std::int64_t* if_integer() const noexcept;
  [[nodiscard]] const double* if_double() const noexcept;
  [[nodiscard]] const BigInteger* if_big_integer() const noexcept;
  [[nodiscard]] const std::string* if_string() const noexcept;
  [[nodiscard]] const Array* if_array() const noexcept;
  [[nodiscard]] Array* if_array() noexcept;
  [[nodiscard]] const Object* if_object() const noexcept;
  [[nodiscard]] Object* if_object() noexcept;

  // "null", "boolean", "integer", "number", "string", "array", "object": for messages.
  [[nodiscard]] const char* type_name() const noexcept;

  // The member of that name, or null: also where this is no object. Linear: objects are small.
  [[nodiscard]] const JsonValue* find(std::string_view name) const noexcept;
  // Adds or replaces a member; this must be an object. Linear.
  JsonValue& set(std::string name, JsonValue value);
  // Appends; this must be an array.
  void push_back(JsonValue value);

  // Equal values of equal type (1 is not 1.0, and true is not 1); the order of members does not
  // count.
  friend bool operator==(const JsonValue& a, const JsonValue& b);

  JsonValue(const JsonValue& other);
  JsonValue& operator=(const JsonValue& other);
  JsonValue(JsonValue&& other) noexcept;
  JsonValue& operator=(JsonValue&& other) noexcept;
  ~JsonValue();

 private:
  // 40 bytes, and no allocation of its own: a manifest has millions of them.
  std::variant<std::monostate, bool, std::int64_t, BigInteger, double, std::string, Array, Object>
      value_;
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

// Here, where JsonMember is complete.
inline JsonValue::JsonValue() noexcept = default;
inline JsonValue::JsonValue(JsonValue&&) noexcept = default;
inline JsonValue& JsonValue::operator=(JsonValue&&) noexcept = default;
inline JsonValue::~JsonValue() = default;

// A JSON pointer (RFC 6901) one token deeper: child_pointer("/files", "a/b") is "/files/a~1b".
[[nodiscard]] std::string child_pointer(std::string_view parent, std::string_view token);
[[nodiscard]] std::string child_pointer(std::string_view parent, std::size_t index);

// Reads one document from memory. Errors: corrupt, with what is wrong, the byte offset, line and
// column in the message; never part of the text.
[[nodiscard]] Result<JsonValue> parse_json(std::string_view text);

// Where a streamed document comes from. read() fills at most `buffer` and gives the number of
// bytes, 0 at the end.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual Result<std::size_t> read(std::span<std::byte> buffer) = 0;
};

// What a streamed document has, told piece by piece. Elements of the streamed array are whole
// values; no more than one is held. An error that a callback returns ends the reading.
struct JsonStreamHandler {
  // Each element of the array: index and value.
  std::function<Result<void>(std::size_t, JsonValue&&)> on_element;
  // Each other member of the top-level object, whole.
  std::function<Result<void>(const std::string& name, JsonValue&&)> on_member;
  // The array begins: told also where it stays empty.
  std::function<void()> on_array = {};
};

// Limits of one streamed element or member, in bytes of text.
inline constexpr std::size_t kMaxStreamedValueBytes = std::size_t{16} << 20;

// Reads one document in bounded memory: either an array at the top, whose elements are streamed,
// or an object, whose member `array_member` is (where it is an array). Same strictness as
// parse_json; doubled names are refused at the top level and within each value. Errors: corrupt
// with offset; what source or handler return.
[[nodiscard]] Result<void> stream_json(ByteSource& source, std::string_view array_member,
                                       const JsonStreamHandler& handler);

// Reads JSON Lines in bounded memory: one value a line, LF or CRLF, blank lines ignored, the last
// line with or without an end. `on_value` gets the number of the value (from 0) and the value; an
// error that it returns ends the reading. Errors: corrupt with line and column, also for a line
// above kMaxStreamedValueBytes; what source or callback return.
[[nodiscard]] Result<void> stream_json_lines(
    ByteSource& source, const std::function<Result<void>(std::size_t, JsonValue&&)>& on_value);

// As v1 hashes and signs (docs/spec/bundle-v1.md, "Canonical form"): Python's
// json.dumps(sort_keys=True), one line, ", " and ": ", ASCII only.
[[nodiscard]] std::string canonical_json(const JsonValue& value);
// The same without the top-level member `omit`.
[[nodiscard]] std::string canonical_json_without(const JsonValue& object, std::string_view omit);

// Python's json.dumps(indent=2, sort_keys=True), ASCII only, no newline at the end. `depth` is
// the level at which the text stands: continuation lines are indented by 2 × depth.
[[nodiscard]] std::string pretty_json(const JsonValue& value, std::size_t depth = 0);

// RFC 8259 on one line without spaces, UTF-8 as it is, members in their order.
[[nodiscard]] std::string compact_json(const JsonValue& value);

// A draft-04 schema, compiled. Refused when it is made: remote $ref, other drafts and their
// keywords, a reference that leads nowhere or to itself, a keyword of the wrong shape, patterns
// above 256 bytes or outside of the subset in docs/spec/json.md. "format" is not checked.
// Immutable: any thread.
class JsonSchema {
 public:
  // Errors: usage, with the place in the schema.
  [[nodiscard]] static Result<JsonSchema> compile(std::string_view schema_text);

  struct Violation {
    std::string pointer;  // JSON pointer to the value that breaks the rule; "" is the document
    std::string
        problem;  // what is wrong, for a person: `unknown member "bukcet" (did you mean "bucket"?)`
  };
  // All that it finds, at most 100; empty when the document fits. A document with a NUL character
  // in a string or name never fits.
  [[nodiscard]] std::vector<Violation> validate(const JsonValue& document) const;

  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;
  ~JsonSchema();

 private:
  struct Impl;
  explicit JsonSchema(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The candidates nearest to `word` by edit distance (at most 3 edits, at most 3 of them): for
// "did you mean".
[[nodiscard]] std::vector<std::string> near_words(std::string_view word,
                                                  std::span<const std::string> candidates,
                                                  std::size_t max_edits = 3);

}  // namespace cavra
