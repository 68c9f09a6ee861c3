#include "aws_config_file.hpp"

#include <functional>
#include <map>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "python_text.hpp"

namespace cavra::s3 {
namespace {

// Reads line by line, as RawConfigParser._read of Python's configparser does.
class Parser {
 public:
  explicit Parser(std::string path) { file_.path = std::move(path); }

  Result<void> take(std::string_view line) {
    ++line_;
    if (!is_utf8(line)) return error(line_, "it is not in UTF-8");
    const std::string_view content = trim(line);
    if (content.starts_with('#') || content.starts_with(';')) return {};
    if (content.empty()) {
      ++blank_lines_;
      return {};
    }
    const std::size_t indent = indent_of(line);
    if (value_ != nullptr && indent > indent_) return go_on(content);
    indent_ = indent;
    value_ = nullptr;
    // From the first bracket to the last one; what follows that is ignored.
    const std::size_t end = content.rfind(']');
    if (content.front() == '[' && end != std::string_view::npos && end > 1)
      return open_section(content.substr(1, end - 1));
    return add_key(content);
  }

  AwsFile finish() && { return std::move(file_); }

 private:
  Error error(std::size_t line, std::string_view problem) const {
    return {ErrorCode::usage, aws_file_place(file_.path, line) + ": " + std::string(problem),
            false};
  }

  Result<void> open_section(std::string_view name) {
    if (name == "DEFAULT") {
      values_ = &file_.defaults;  // may come again
      return {};
    }
    const auto [known, is_new] = section_lines_.emplace(name, line_);
    if (!is_new)
      return error(line_,
                   "this section is there already, on line " + std::to_string(known->second));
    values_ =
        &file_.sections.emplace_back(AwsSection{.name = std::string(name), .values = {}}).values;
    return {};
  }

  Result<void> add_key(std::string_view content) {
    if (values_ == nullptr) return error(line_, "it stands before the first [section]");
    const std::size_t end = content.find_first_of("=:");
    if (end == 0 || end == std::string_view::npos)
      return error(line_, "it is no [section], and no key with a '=' after it");
    const auto [key, is_new] = values_->try_emplace(to_lower(trim(content.substr(0, end))));
    if (!is_new)
      return error(line_, "this key is there already, on line " + std::to_string(key->second.line));
    value_ = &key->second;
    value_->text = trim(content.substr(end + 1));
    value_->line = line_;
    is_nested_ = value_->text.empty();
    blank_lines_ = 0;
    return {};
  }

  // An indented line belongs to the key above.
  Result<void> go_on(std::string_view content) {
    if (is_nested_) return add_nested(content);
    value_->text.append(blank_lines_ + 1, '\n').append(content);
    blank_lines_ = 0;
    return {};
  }

  Result<void> add_nested(std::string_view content) {
    while (!content.empty()) {
      const std::string_view pair = trim(take_split_line(content));
      if (pair.empty()) continue;
      const std::size_t end = pair.find('=');
      if (end == std::string_view::npos)
        return error(line_, "it is indented below a key, and has no '='");
      value_->nested.insert_or_assign(std::string(trim(pair.substr(0, end))),
                                      cloud::WipedText(trim(pair.substr(end + 1))));
    }
    return {};
  }

  AwsFile file_;
  std::map<std::string, std::size_t, std::less<>> section_lines_;
  AwsValues* values_ = nullptr;  // of the section that is open
  AwsValue* value_ = nullptr;    // of the key that indented lines belong to
  bool is_nested_ = false;
  std::size_t indent_ = 0;  // of that key, or of the last section
  std::size_t blank_lines_ = 0;
  std::size_t line_ = 0;
};

}  // namespace

Result<AwsFile> parse_aws_file(std::string_view text, std::string path) {
  if (text.size() > kMaxAwsFileBytes)
    return Error{ErrorCode::usage,
                 quoted(path) + ": it has more than " + std::to_string(kMaxAwsFileBytes) +
                     " bytes; is it the right file?",
                 false};
  Parser parser(std::move(path));
  while (!text.empty())
    CAVRA_CHECK(parser.take(take_line(text)));
  return std::move(parser).finish();
}

std::string aws_file_place(const std::string& path, std::size_t line) {
  return quoted(path) + ", line " + std::to_string(line);
}

}  // namespace cavra::s3
