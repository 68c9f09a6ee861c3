#include "bundle/evidence_reader.hpp"

#include "bundle/member_path.hpp"
#include "bundle/object_source.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

// More decisions that are no objects need not be told one by one.
constexpr std::size_t kMaxTold = 20;

class Reader {
 public:
  void take_decision(std::size_t index, const JsonValue& value) {
    if (value.is_object()) return;
    add("evidence.decisions", child_pointer("/decisions", index),
        std::string("a decision must be an object, and is a value of type ") + value.type_name());
  }

  void take_member(const std::string& name, const JsonValue& value) {
    const std::string* text = value.if_string();
    if (name == "product") {
      has_product_ = true;
      if (text == nullptr || *text != "CAVRA")
        add("evidence.product", "/product", "\"product\" must be \"CAVRA\"");
    } else if (name == "session_id") {
      has_session_ = true;
      if (text == nullptr || text->empty()) {
        add("evidence.session_id", "/session_id", "\"session_id\" must be a text, and not empty");
      } else {
        evidence_.session_id = *text;
      }
    } else if (name == "created_at") {
      if (text == nullptr) {
        add("evidence.created_at", "/created_at", "\"created_at\" must be a text");
      } else {
        evidence_.created_at = *text;
      }
    } else if (name == "decisions") {
      has_decisions_ = true;
      add("evidence.decisions", "/decisions",
          std::string("\"decisions\" must be an array, and is a value of type ") +
              value.type_name());
    }
  }

  void begin_decisions() { has_decisions_ = true; }

  Evidence finish() && {
    if (!has_product_) add("evidence.product", "", "the member \"product\" is missing");
    if (!has_session_) add("evidence.session_id", "", "the member \"session_id\" is missing");
    if (!has_decisions_) add("evidence.decisions", "", "the member \"decisions\" is missing");
    return std::move(evidence_);
  }

  Evidence fail(const Error& error) && {
    add("evidence.syntax", "", "cannot be parsed: " + error.message);
    return std::move(evidence_);
  }

 private:
  void add(const char* code, const std::string& pointer, const std::string& problem) {
    if (evidence_.findings.size() >= kMaxTold) return;
    evidence_.findings.push_back(
        {code, std::string(kEvidenceName) + (pointer.empty() ? "" : '#' + pointer),
         "evidence.json: " + problem + "; get the evidence from whoever recorded it"});
  }

  Evidence evidence_;
  bool has_product_ = false;
  bool has_session_ = false;
  bool has_decisions_ = false;
};

}  // namespace

Result<Evidence> read_evidence(ByteSource& source) {
  JsonObjectSource object(source);
  Reader reader;
  const JsonStreamHandler handler{
      .on_element =
          [&](std::size_t index, JsonValue&& value) {
            reader.take_decision(index, value);
            return Result<void>{};
          },
      .on_member =
          [&](const std::string& name, JsonValue&& value) {
            reader.take_member(name, value);
            return Result<void>{};
          },
      .on_array = [&] { reader.begin_decisions(); },
  };
  auto read = stream_json(object, "decisions", handler);
  if (read) return std::move(reader).finish();
  if (read.error().code != ErrorCode::corrupt) return std::move(read).error();
  return std::move(reader).fail(read.error());
}

}  // namespace cavra
