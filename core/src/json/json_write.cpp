#include <algorithm>
#include <array>

#include "cavra/json.hpp"
#include "json/json_number.hpp"

namespace cavra {
namespace {

struct Layout {
  std::string_view item_separator;
  std::string_view name_separator;
  bool is_ascii;
  bool is_sorted;
  bool is_indented;
};

// Python 3.11, json.dumps: sort_keys=True; the same with indent=2; RFC 8259 at its shortest.
constexpr Layout kCanonical{", ", ": ", true, true, false};
constexpr Layout kPretty{",", ": ", true, true, true};
constexpr Layout kCompact{",", ":", false, false, false};

constexpr char32_t kReplacement = 0xFFFD;

// The code point at `at`, which is moved behind it. Bytes that are not UTF-8 give U+FFFD each.
char32_t take_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  static constexpr std::array<char32_t, 5> kFirst{0, 0, 0x80, 0x800, 0x10000};
  static constexpr std::array<unsigned char, 5> kBits{0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t point = lead & kBits[length];
  bool is_good = (lead < 0x80 || lead >= 0xC2) && lead < 0xF5 && at + length <= text.size();
  for (std::size_t i = 1; is_good && i < length; ++i) {
    is_good = (byte(at + i) & 0xC0) == 0x80;
    point = point << 6 | (byte(at + i) & 0x3Fu);
  }
  is_good =
      is_good && point >= kFirst[length] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
  at += is_good ? length : 1;
  return is_good ? point : kReplacement;
}

class Writer {
 public:
  explicit Writer(const Layout& layout, std::size_t depth = 0) : layout_(layout), depth_(depth) {}

  void write(const JsonValue& value) {
    if (const auto* members = value.if_object()) {
      write_object(*members, nullptr);
    } else if (const auto* elements = value.if_array()) {
      write_array(*elements);
    } else if (const auto* text = value.if_string()) {
      write_string(*text);
    } else if (const auto* integer = value.if_integer()) {
      out_ += std::to_string(*integer);
    } else if (const auto* number = value.if_double()) {
      append_double(out_, *number);
    } else if (const auto* big = value.if_big_integer()) {
      out_ += big->digits;
    } else if (const auto* truth = value.if_bool()) {
      out_ += *truth ? "true" : "false";
    } else {
      out_ += "null";
    }
  }

  void write_object(const JsonValue::Object& members, const std::string_view* omit) {
    std::vector<const JsonMember*> order;
    order.reserve(members.size());
    for (const JsonMember& member : members) {
      if (omit == nullptr || member.name != *omit) order.push_back(&member);
    }
    // By code point, which is by byte in UTF-8.
    const auto name = [](const JsonMember* member) -> const std::string& { return member->name; };
    if (layout_.is_sorted) std::ranges::sort(order, {}, name);
    begin('{');
    for (const JsonMember* member : order) {
      separate(member == order.front());
      write_string(member->name);
      out_ += layout_.name_separator;
      write(member->value);
    }
    end('}', order.empty());
  }

  std::string take() { return std::move(out_); }

 private:
  void write_array(const JsonValue::Array& elements) {
    begin('[');
    for (const JsonValue& element : elements) {
      separate(&element == elements.data());
      write(element);
    }
    end(']', elements.empty());
  }

  void begin(char bracket) {
    out_ += bracket;
    ++depth_;
  }

  void separate(bool is_first) {
    if (!is_first) out_ += layout_.item_separator;
    if (layout_.is_indented) new_line();
  }

  void end(char bracket, bool is_empty) {
    --depth_;
    if (layout_.is_indented && !is_empty) new_line();
    out_ += bracket;
  }

  void new_line() {
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  void write_string(std::string_view text) {
    out_ += '"';
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t start = at;
      while (at < text.size() && is_plain(text[at]))
        ++at;
      out_ += text.substr(start, at - start);
      if (at < text.size()) write_special(text, at);
    }
    out_ += '"';
  }

  static bool is_plain(char c) { return c >= ' ' && c < '\x7F' && c != '"' && c != '\\'; }

  // Takes one character that is_plain() refuses.
  void write_special(std::string_view text, std::size_t& at) {
    const std::size_t start = at;
    const char32_t point = take_code_point(text, at);
    switch (point) {
      case '"':
        out_ += "\\\"";
        return;
      case '\\':
        out_ += "\\\\";
        return;
      case '\b':
        out_ += "\\b";
        return;
      case '\f':
        out_ += "\\f";
        return;
      case '\n':
        out_ += "\\n";
        return;
      case '\r':
        out_ += "\\r";
        return;
      case '\t':
        out_ += "\\t";
        return;
      default:
        break;
    }
    if (point < ' ' || layout_.is_ascii) return write_escape(point);
    if (point == kReplacement) {
      out_ += "\xEF\xBF\xBD";
    } else {
      out_ += text.substr(start, at - start);
    }
  }

  void write_escape(char32_t point) {
    if (point > 0xFFFF) {
      write_unit(0xD800 + ((point - 0x10000) >> 10));
      point = 0xDC00 + ((point - 0x10000) & 0x3FF);
    }
    write_unit(point);
  }

  void write_unit(char32_t unit) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    out_ += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4)
      out_ += kDigits[unit >> shift & 0xF];
  }

  const Layout& layout_;
  std::size_t depth_;
  std::string out_;
};

std::string write(const JsonValue& value, const Layout& layout, std::size_t depth) {
  Writer writer(layout, depth);
  writer.write(value);
  return writer.take();
}

}  // namespace

std::string canonical_json(const JsonValue& value) {
  return write(value, kCanonical, 0);
}

std::string canonical_json_without(const JsonValue& object, std::string_view omit) {
  const auto* members = object.if_object();
  if (members == nullptr) return canonical_json(object);
  Writer writer(kCanonical);
  writer.write_object(*members, &omit);
  return writer.take();
}

std::string pretty_json(const JsonValue& value, std::size_t depth) {
  return write(value, kPretty, depth);
}

std::string compact_json(const JsonValue& value) {
  return write(value, kCompact, 0);
}

}  // namespace cavra
