// The XML that services answer with, read strictly, and the little that they are sent.
//
// A whole document or an error: what is cut off, has text or a second element beside its root, a
// DOCTYPE, a NUL, ill-formed UTF-8, or says another encoding than UTF-8 is refused (pugixml alone
// takes most of that), and so is every other slip of form; see xml_check.hpp. Nothing is fetched,
// no entity but the five of XML and character references is expanded. Names are local names:
// prefixes are dropped. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/support/result.hpp"

namespace cavra::http {

// An element, lent by its document.
class XmlElement {
 public:
  XmlElement() = default;  // no element: has no children and no text

  [[nodiscard]] explicit operator bool() const noexcept { return node_ != nullptr; }
  [[nodiscard]] std::string_view name() const;  // without prefix
  // All character data directly in it, as written (no trimming).
  [[nodiscard]] std::string text() const;
  // The first child of that local name, or no element.
  [[nodiscard]] XmlElement child(std::string_view name) const;
  [[nodiscard]] std::vector<XmlElement> children() const;  // all elements, in document order
  [[nodiscard]] std::vector<XmlElement> children(std::string_view name) const;
  // "", where it has none of that name (prefix and all).
  [[nodiscard]] std::string_view attribute(const char* name) const;
  // child(name).text()
  [[nodiscard]] std::string text_of(std::string_view name) const;

 private:
  friend class XmlDocument;
  explicit XmlElement(void* node) : node_(node) {}
  void* node_ = nullptr;  // pugi::xml_node_struct
};

class XmlDocument {
 public:
  static constexpr std::size_t kMaxDepth = 64;

  // Errors: corrupt, with the offset.
  [[nodiscard]] static Result<XmlDocument> parse(std::string_view text);
  XmlDocument(XmlDocument&&) noexcept;
  XmlDocument& operator=(XmlDocument&&) noexcept;
  ~XmlDocument();

  [[nodiscard]] XmlElement root() const;

 private:
  struct State;
  explicit XmlDocument(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Text as character data: & < > and carriage returns escaped. What XML 1.0 cannot hold at all
// (other control characters, ill-formed UTF-8) is the caller's to refuse before.
[[nodiscard]] std::string xml_escaped(std::string_view text);

}  // namespace cavra::http
