#include "xml.hpp"

#include <new>
#include <pugixml.hpp>

#include "xml_check.hpp"

namespace cavra::http {
namespace {

// Text as written, blanks too. References are expanded, line ends are LF.
constexpr unsigned kOptions =
    pugi::parse_cdata | pugi::parse_ws_pcdata | pugi::parse_escapes | pugi::parse_eol;

// A page of a listing has 5,000 entries at most (Azure), with some forty elements in each; no
// element of an answer has more than two attributes.
constexpr XmlLimits kLimits{
    .max_depth = XmlDocument::kMaxDepth, .max_elements = 500'000, .max_attributes = 64};

pugi::xml_node node_of(void* node) {
  return pugi::xml_node(static_cast<pugi::xml_node_struct*>(node));
}

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') + 1);  // npos + 1 is 0
}

}  // namespace

std::string_view XmlElement::name() const {
  return local_name(node_of(node_));
}

std::string_view XmlElement::attribute(const char* name) const {
  return node_of(node_).attribute(name).value();
}

std::string XmlElement::text() const {
  std::string out;
  for (const pugi::xml_node& child : node_of(node_).children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) out += child.value();
  }
  return out;
}

XmlElement XmlElement::child(std::string_view name) const {
  for (const pugi::xml_node& child : node_of(node_).children()) {
    if (child.type() == pugi::node_element && local_name(child) == name)
      return XmlElement(child.internal_object());
  }
  return {};
}

std::vector<XmlElement> XmlElement::children() const {
  std::vector<XmlElement> found;
  for (const pugi::xml_node& child : node_of(node_).children()) {
    if (child.type() == pugi::node_element) found.push_back(XmlElement(child.internal_object()));
  }
  return found;
}

std::vector<XmlElement> XmlElement::children(std::string_view name) const {
  std::vector<XmlElement> found = children();
  std::erase_if(found, [&](const XmlElement& child) { return child.name() != name; });
  return found;
}

std::string XmlElement::text_of(std::string_view name) const {
  return child(name).text();
}

struct XmlDocument::State {
  pugi::xml_document document;
};

XmlDocument::XmlDocument(std::unique_ptr<State> state) : state_(std::move(state)) {}
XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;
XmlDocument::~XmlDocument() = default;

Result<XmlDocument> XmlDocument::parse(std::string_view text) {
  CAVRA_CHECK(check_xml(text, kLimits));
  auto state = std::make_unique<State>();
  const pugi::xml_parse_result parsed =
      state->document.load_buffer(text.data(), text.size(), kOptions, pugi::encoding_utf8);
  if (parsed.status == pugi::status_out_of_memory) throw std::bad_alloc();
  if (!parsed) return xml_error(parsed.description(), static_cast<std::size_t>(parsed.offset));
  return XmlDocument(std::move(state));
}

XmlElement XmlDocument::root() const {
  return XmlElement(state_->document.document_element().internal_object());
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace cavra::http
