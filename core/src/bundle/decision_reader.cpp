#include "bundle/decision_reader.hpp"

#include <algorithm>
#include <vector>

#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

// In v1's own layout "decisions" stands within the first hundred bytes.
constexpr std::size_t kPeekBytes = std::size_t{64} << 10;

// A source whose first bytes can be looked at before.
class PeekedSource final : public ByteSource {
 public:
  explicit PeekedSource(ByteSource& source) : source_(source) {}

  Result<std::string_view> peek() {
    first_.resize(kPeekBytes);
    std::size_t size = 0;
    while (size < first_.size()) {
      CAVRA_TRY(const std::size_t got, source_.read(std::span(first_).subspan(size)));
      if (got == 0) break;
      size += got;
    }
    first_.resize(size);
    return as_text(first_);
  }

  Result<std::size_t> read(std::span<std::byte> buffer) override {
    const auto left = std::span(first_).subspan(given_);
    if (left.empty()) return source_.read(buffer);
    const std::size_t size = std::min(left.size(), buffer.size());
    std::ranges::copy(left.first(size), buffer.begin());
    given_ += size;
    return size;
  }

 private:
  ByteSource& source_;
  std::vector<std::byte> first_;
  std::size_t given_ = 0;
};

// The end of the string that begins at `at` (its opening quote): the place of its closing quote.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at, text.size());
}

Error in_decision(std::size_t index, Error error) {
  error.message = "decision " + std::to_string(index + 1) + ": " + error.message;
  return error;
}

// What is wrong with the caller's document is the caller's to mend.
Error as_usage(Error error) {
  if (error.code == ErrorCode::corrupt)
    return {ErrorCode::usage, "the decisions cannot be parsed: " + error.message};
  return error;
}

class EvidenceReader {
 public:
  Result<void> take_member(const std::string& name, const JsonValue& value) {
    const std::string* text = value.if_string();
    if (name == "session_id") {
      if (text == nullptr || text->empty()) return fail("/session_id must be a text");
      session_id_ = *text;
    }
    if (name == "product" && (text == nullptr || *text != "CAVRA"))
      return fail("/product must be \"CAVRA\"");
    return {};
  }

  void begin_decisions() { has_decisions_ = true; }

  Result<std::string> finish() && {
    if (!has_decisions_) return fail("/decisions must be there, and an array");
    return std::move(session_id_);
  }

 private:
  static Error fail(const std::string& problem) {
    return {ErrorCode::usage, "the earlier evidence.json: " + problem};
  }

  std::string session_id_;
  bool has_decisions_ = false;
};

}  // namespace

DecisionFormat detect_decision_format(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return DecisionFormat::json_lines;
  if (text[first] == '[') return DecisionFormat::array;
  int depth = 0;
  for (std::size_t i = first; i < text.size(); ++i) {
    if (text[i] == '{' || text[i] == '[') ++depth;
    if ((text[i] == '}' || text[i] == ']') && --depth == 0) break;
    if (text[i] != '"') continue;
    const std::size_t end = end_of_string(text, i);
    const std::string_view name = text.substr(i + 1, end - i - 1);
    const std::size_t next = text.find_first_not_of(" \t\r\n", std::min(end + 1, text.size()));
    const bool is_name = depth == 1 && next != std::string_view::npos && text[next] == ':';
    if (is_name && name == "decisions") return DecisionFormat::evidence;
    i = end;
  }
  return DecisionFormat::json_lines;
}

Result<std::string> read_decisions(
    ByteSource& source, DecisionFormat format,
    const std::function<Result<void>(const JsonValue&)>& on_decision) {
  PeekedSource peeked(source);
  if (format == DecisionFormat::automatic) {
    CAVRA_TRY(const std::string_view first, peeked.peek());
    format = detect_decision_format(first);
  }
  const auto take = [&](std::size_t index, JsonValue&& value) -> Result<void> {
    if (auto taken = on_decision(value); !taken) return in_decision(index, taken.error());
    return {};
  };
  if (format == DecisionFormat::json_lines) {
    if (auto read = stream_json_lines(peeked, take); !read) return as_usage(read.error());
    return std::string();
  }
  EvidenceReader evidence;
  const JsonStreamHandler handler{
      .on_element = take,
      .on_member = [&](const std::string& name,
                       JsonValue&& value) { return evidence.take_member(name, value); },
      .on_array = [&] { evidence.begin_decisions(); },
  };
  if (auto read = stream_json(peeked, "decisions", handler); !read) return as_usage(read.error());
  return std::move(evidence).finish();
}

}  // namespace cavra
