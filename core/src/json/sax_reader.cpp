#include "json/sax_reader.hpp"

#include "json/rapidjson_config.hpp"

#include <rapidjson/reader.h>

#include "json/json_number.hpp"

namespace cavra {
namespace {

// Iterative: depth costs heap, never stack. Full precision and "as strings" make RapidJSON hand
// over a number's text; ParseNumber below does it.
constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag |
                            rapidjson::kParseFullPrecisionFlag |
                            rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;

// RapidJSON refuses \ud800 without its other half, and takes \udc00 alone: it then gives the three
// bytes ED Bx xx, which are not UTF-8 and can't come from checked text.
bool has_surrogate(std::string_view text) {
  for (std::size_t i = 0; (i = text.find('\xED', i)) != std::string_view::npos; ++i) {
    if (i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0xA0) return true;
  }
  return false;
}

// RapidJSON's handler concept (rapidjson/reader.h, "Handler"), handed on to a SaxTarget.
class SaxHandler {
 public:
  SaxHandler(BlockStream& stream, SaxTarget& target) : stream_(stream), target_(target) {}

  bool Null() { return target_.scalar(nullptr); }
  bool Bool(bool value) { return target_.scalar(value); }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    auto number = parse_number({text, length});
    if (const char* const* problem = std::get_if<const char*>(&number)) return refuse(*problem);
    return target_.scalar(std::get<JsonValue>(std::move(number)));
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view value(text, length);
    if (has_surrogate(value)) return refuse(kLoneSurrogate, stream_.Tell() - 1);
    return target_.scalar(value);
  }
  bool StartObject() { return target_.start_object(); }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view name(text, length);
    if (has_surrogate(name)) return refuse(kLoneSurrogate, stream_.Tell() - 1);
    return target_.name(name, stream_.Tell() - 1);
  }
  bool EndObject(rapidjson::SizeType) { return target_.end_object(); }
  bool StartArray() { return target_.start_array(); }
  bool EndArray(rapidjson::SizeType) { return target_.end_array(); }

  // Never called with these flags.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  [[nodiscard]] SaxTarget::Refusal refusal() const {
    if (!problem_.empty()) return {problem_, offset_, std::nullopt};
    return target_.refusal();
  }
  [[nodiscard]] std::string& number_text() { return number_text_; }

  static constexpr std::string_view kLoneSurrogate =
      "half of a surrogate pair, which has no UTF-8, in the string that ends";

 private:
  bool refuse(std::string_view problem, std::optional<std::size_t> offset = std::nullopt) {
    problem_ = problem;
    offset_ = offset;
    return false;
  }

  BlockStream& stream_;
  SaxTarget& target_;
  std::string number_text_;
  std::string_view problem_;
  std::optional<std::size_t> offset_;
};

void take_digits(BlockStream& stream, std::string& text) {
  while (stream.Peek() >= '0' && stream.Peek() <= '9')
    text += stream.Take();
}

// Takes a number by RFC 8259 section 6 into `text`. kParseErrorNone, or what is wrong.
rapidjson::ParseErrorCode take_number(BlockStream& stream, std::string& text) {
  text.clear();
  if (stream.Peek() == '-') text += stream.Take();
  const std::size_t before_digits = text.size();
  if (stream.Peek() == '0') {
    text += stream.Take();
  } else {
    take_digits(stream, text);
  }
  if (text.size() == before_digits) return rapidjson::kParseErrorValueInvalid;
  if (stream.Peek() == '.') {
    text += stream.Take();
    take_digits(stream, text);
    if (text.back() == '.') return rapidjson::kParseErrorNumberMissFraction;
  }
  if (stream.Peek() == 'e' || stream.Peek() == 'E') {
    text += stream.Take();
    if (stream.Peek() == '+' || stream.Peek() == '-') text += stream.Take();
    const std::size_t before_power = text.size();
    take_digits(stream, text);
    if (text.size() == before_power) return rapidjson::kParseErrorNumberMissExponent;
  }
  return rapidjson::kParseErrorNone;
}

}  // namespace
}  // namespace cavra

// RapidJSON 1.1 refuses integers above 308 digits and the likes of 0e400 even where it is only
// asked for a number's text, so for our stream and handler this takes the place of its ParseNumber.
template <>
template <>
inline void rapidjson::Reader::ParseNumber<cavra::kFlags>(cavra::BlockStream& stream,
                                                          cavra::SaxHandler& handler) {
  const std::size_t start = stream.Tell();
  std::string& text = handler.number_text();
  if (const ParseErrorCode error = cavra::take_number(stream, text); error != kParseErrorNone) {
    parseResult_.Set(error, stream.Tell());
  } else if (!handler.RawNumber(text.data(), static_cast<SizeType>(text.size()), true)) {
    parseResult_.Set(kParseErrorTermination, start);
  }
}

namespace cavra {
namespace {

std::string_view describe(rapidjson::ParseErrorCode code) {
  using namespace rapidjson;
  switch (code) {
    case kParseErrorDocumentEmpty:
      return "there is no value";
    case kParseErrorDocumentRootNotSingular:
      return "something stands behind the document's end";
    case kParseErrorValueInvalid:
      return "no JSON value";
    case kParseErrorObjectMissName:
      return "no member name in double quotes";
    case kParseErrorObjectMissColon:
      return "no colon behind a member name";
    case kParseErrorObjectMissCommaOrCurlyBracket:
      return "no comma or } behind a member";
    case kParseErrorArrayMissCommaOrSquareBracket:
      return "no comma or ] behind an element";
    case kParseErrorStringUnicodeEscapeInvalidHex:
      return "a \\u without four hex digits";
    case kParseErrorStringUnicodeSurrogateInvalid:
      return "half of a surrogate pair";
    case kParseErrorStringEscapeInvalid:
      return "an unknown escape or a raw control character";
    case kParseErrorStringMissQuotationMark:
      return "a string without its closing quote";
    case kParseErrorStringInvalidEncoding:
      return "bytes that are not UTF-8";
    case kParseErrorNumberTooBig:
      return "a number that is too big";
    case kParseErrorNumberMissFraction:
      return "no digit behind the point of a number";
    case kParseErrorNumberMissExponent:
      return "no digit in the exponent of a number";
    default:
      return "not JSON";
  }
}

Error refusal_error(const BlockStream& stream, const SaxTarget::Refusal& refusal,
                    std::size_t offset) {
  if (refusal.error) return *refusal.error;
  return json_error(refusal.problem, stream.position(refusal.offset.value_or(offset)));
}

}  // namespace

Result<void> read_json(BlockStream& stream, SaxTarget& target) {
  // RapidJSON would say "no JSON value"; this is what people meet, so it has its own words.
  const bool has_mark = stream.Peek() == '\xEF';
  SaxHandler handler(stream, target);
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
  if (!result.IsError()) {
    if (stream.failure()) return *stream.failure();  // as `{}` and then a NUL
    return {};
  }
  if (stream.is_at_end() && stream.failure()) return *stream.failure();
  if (result.Code() == rapidjson::kParseErrorTermination) {
    return refusal_error(stream, handler.refusal(), result.Offset());
  }
  if (has_mark && result.Offset() == 0) {
    return json_error("a byte order mark, which JSON must not have,", stream.position(0));
  }
  const bool is_cut_off = stream.is_at_end() && result.Offset() == stream.Tell();
  return json_error(describe(result.Code()),
                    stream.position(result.Offset()) + (is_cut_off ? ", where the text ends" : ""));
}

}  // namespace cavra
