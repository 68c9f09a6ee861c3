#include "http/xml.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <span>

#include "vectors.hpp"

namespace cavra::http {
namespace {

using testing::outcome;
using testing::text_of;
using testing::VectorOutcome;
using namespace std::string_view_literals;

XmlDocument document_of(std::string_view text) {
  auto parsed = XmlDocument::parse(text);
  CAPTURE(text);
  REQUIRE_MESSAGE(parsed, parsed.error().message);
  return *std::move(parsed);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i)
    out += text;
  return out;
}

TEST_CASE("elements are found by local name, in the order of the document") {
  const auto document = document_of(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<s3:List xmlns:s3='urn:x' a='1'>\n"
      "  <Key>first</Key><s3:Key>second</s3:Key>\n"
      "  <Other><Key>inner</Key></Other>\n"
      "</s3:List>\n");
  const XmlElement root = document.root();
  CHECK(root.name() == "List");
  CHECK(root.children().size() == 3);
  REQUIRE(root.children("Key").size() == 2);
  CHECK(root.children("Key")[1].text() == "second");
  CHECK(root.child("Key").text() == "first");
  CHECK(root.text_of("Other").empty());
  CHECK(root.child("Other").text_of("Key") == "inner");
  CHECK_FALSE(root.child("s3:Key"));
  CHECK_FALSE(root.child("a"));
}

TEST_CASE("what is not there has no name, text or children") {
  const XmlElement none = document_of("<E/>").root().child("Missing").child("Deeper");
  CHECK_FALSE(none);
  CHECK(none.name().empty());
  CHECK(none.text().empty());
  CHECK(none.text_of("X").empty());
  CHECK(none.children().empty());
  CHECK_FALSE(XmlElement());
}

TEST_CASE("a document may be moved while its elements are lent") {
  auto first = document_of("<E>text</E>");
  const XmlElement root = first.root();
  auto second = std::move(first);
  CHECK(root.text() == "text");
  first = std::move(second);
  CHECK(first.root().text() == "text");
}

TEST_CASE("text is as written, with references expanded and line ends as LF") {
  struct Row {
    std::string_view xml, text;
  };
  for (const auto& [xml, text] : {
           Row{"<E>  spaced\t </E>", "  spaced\t "},
           Row{"<E> </E>", " "},
           Row{"<E>\n<!-- one --> <![CDATA[ ]]> </E>", "\n   "},
           Row{"<E>a<!-- b -->c<?d e?>f<G>h</G>i</E>", "acfi"},
           Row{"<E>&lt;&gt;&amp;&quot;&apos;</E>", "<>&\"'"},
           Row{"<E>&amp;amp;&#38;lt;</E>", "&amp;&lt;"},
           Row{"<E>&#65;&#x42;&#x000000000043;&#233;&#xE9;&#x1F512;</E>", "ABCéé🔒"},
           Row{"<E>&#9;&#xA;&#xD;&#x10FFFF;&#xFFFD;</E>", "\t\n\r\U0010FFFF\uFFFD"},
           Row{"<E><![CDATA[c<d>&e;]]]]><![CDATA[>]]></E>", "c<d>&e;]]>"},
           Row{"<E>a\r\nb\rc\n<![CDATA[d\r\ne]]></E>", "a\nb\nc\nd\ne"},
           Row{"<E>]] > ]]&gt;</E>", "]] > ]]>"},
           Row{"<E>\xef\xbb\xbf\x7f</E>", "\xef\xbb\xbf\x7f"},
           Row{"<E></E>", ""},
           Row{"<E a='>' b=\"/>\"/>", ""},
       }) {
    CAPTURE(xml);
    CHECK(document_of(xml).root().text() == text);
  }
}

TEST_CASE("these are documents") {
  for (const std::string_view xml : {
           "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><E/>"sv,
           "<?xml version='1.0'\n encoding = 'Utf-8'\tstandalone='yes' ?><E/>"sv,
           "<?xml version=\"1.1\"?>\n<!-- a --><?b?><?b c?>\n<E/>\n<!-- d --><?e f ?>\n"sv,
           // A service keeps the connection open while it works.
           "\n   \n  <?xml version=\"1.0\"?>   <E/>"sv,
           "<?xml-stylesheet href=\"file:///etc/passwd\"?><E/>"sv,
           "<E\n>x</E\n>"sv,
           "<E a = '1'\tb=\"&#60;&lt;'\" />"sv,
           "<E xmlns:xi=\"urn:x\"><xi:include href=\"file:///etc/passwd\" parse=\"text\"/></E>"sv,
           "<_é-.1/>"sv,
           "<E><!-- - --><!----></E>"sv,
       }) {
    CAPTURE(xml);
    const auto parsed = XmlDocument::parse(xml);
    CHECK_MESSAGE(parsed, parsed.error().message);
  }
}

struct Refused {
  std::string_view xml, error;
};

void check_refused(std::span<const Refused> rows) {
  for (const auto& [xml, error] : rows) {
    CAPTURE(xml);
    const auto parsed = XmlDocument::parse(xml);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::corrupt);
    CHECK_MESSAGE(parsed.error().message.find(error) != std::string::npos, parsed.error().message);
  }
}

TEST_CASE("what is not one whole element is refused, and where") {
  static constexpr std::array rows{
      Refused{"", "XML: at byte 0: there is no element in it"},
      Refused{" \n", "XML: at byte 2: there is no element in it"},
      Refused{"<!-- a -->", "XML: at byte 10: there is no element in it"},
      Refused{"{}", "XML: at byte 0: text outside of the root element"},
      Refused{"x<E/>", "XML: at byte 0: text outside"},
      Refused{"<E/>x", "XML: at byte 4: text outside"},
      Refused{"<E/>&#32;", "XML: at byte 4: text outside"},
      Refused{"<E/><![CDATA[]]>", "text outside"},
      Refused{"\xef\xbb\xbf\xef\xbb\xbf<E/>", "XML: at byte 3: text outside"},
      Refused{"<E/><E/>", "XML: at byte 5: a second element"},
      Refused{"<E></E><F></F>", "a second element"},
      Refused{"</E>", "an end tag without its element"},
      Refused{"<E/></E>", "an end tag without its element"},
      Refused{"<E><F></E></F>", "mismatch"},
      Refused{"<Error></Err>", "mismatch"},
      Refused{"<Err></Error>", "mismatch"},
      Refused{"<a:E></b:E>", "mismatch"},
      Refused{"<E><F></F>", "XML: at byte 10: it is cut off"},
      Refused{"<E></E x='1'>", "something behind its name"},
      Refused{"<E></ E>", "an end tag without a name"},
      Refused{"<E></>", "an end tag without a name"},
  };
  check_refused(rows);
}

TEST_CASE("characters that XML does not have") {
  static constexpr std::array rows{
      Refused{"<E>\0</E>"sv, "XML: at byte 3: a character that XML does not have"},
      Refused{"<E/>\0"sv, "XML: at byte 4: a character"},
      Refused{"<E>\x1b</E>", "a character"},
      Refused{"<E a='\x01'/>", "a character"},
      Refused{"<!--\x0c--><E/>", "a character"},
      Refused{"<E>\xef\xbf\xbe</E>", "XML: at byte 3: a character"},
      Refused{"<E>\xef\xbf\xbf</E>", "a character"},
      Refused{"<E>\xff\xfe</E>", "not UTF-8"},
      Refused{"<E>\xe9</E>", "not UTF-8"},
      Refused{"<E>\xc0\xaf</E>", "not UTF-8"},
      Refused{"<E>\xed\xa0\x80</E>", "not UTF-8"},
      Refused{"<E>\xf4\x90\x80\x80</E>", "not UTF-8"},
      Refused{"<E/>\xc3", "not UTF-8"},
      Refused{"\xff\xfe<\0E\0/\0>\0"sv, "not UTF-8"},
      Refused{"<\0E\0/\0>\0"sv, "a character"},
  };
  check_refused(rows);
}

TEST_CASE("a declaration of something else") {
  static constexpr std::array rows{
      Refused{"<?xml version=\"1.0\" encoding=\"UTF-16\"?><E/>", "another encoding than UTF-8"},
      Refused{"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><E/>", "another encoding"},
      Refused{"<?xml version=\"1.0\" encoding=\"\"?><E/>", "another encoding"},
      Refused{"<?xml version=\"1.0\" encoding=UTF-8?><E/>", "something else in it"},
      Refused{"<?xml version=\"2.0\"?><E/>", "version 1"},
      Refused{"<?xml version=\"1.\"?><E/>", "version 1"},
      Refused{"<?xml encoding=\"UTF-8\"?><E/>", "version 1"},
      Refused{"<?xml version=\"1.0\"encoding=\"UTF-8\"?><E/>", "something else in it"},
      Refused{"<?xml version=\"1.0\" standalone=\"maybe\"?><E/>", "neither yes nor no"},
      Refused{"<?xml?><E/>", "not at the start"},
      Refused{"<?xml version=\"1.0\"?><?xml version=\"1.0\"?><E/>", "not at the start"},
      Refused{"<E><?XML a?></E>", "not at the start"},
  };
  check_refused(rows);
}

TEST_CASE("entities and documents of others") {
  static constexpr std::array rows{
      Refused{"<!DOCTYPE e><e/>", "XML: at byte 0: a DOCTYPE"},
      Refused{"<!DOCTYPE e [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><e>&x;</e>", "a DOCTYPE"},
      Refused{"<E><!DOCTYPE e></E>", "a DOCTYPE"},
      Refused{"<E><!ENTITY x \"y\"></E>", "a DOCTYPE"},
      Refused{"<E>&x;</E>", "XML: at byte 3: an entity"},
      Refused{"<E>&AMP;</E>", "an entity"},
      Refused{"<E>&</E>", "an entity"},
      Refused{"<E>& amp;</E>", "an entity"},
      Refused{"<E>&amp</E>", "an entity"},
      Refused{"<E a='&b;'/>", "an entity"},
      Refused{"<E>&#0;</E>", "no character"},
      Refused{"<E>&#1;</E>", "no character"},
      Refused{"<E>&#xD800;</E>", "no character"},
      Refused{"<E>&#xFFFE;</E>", "no character"},
      Refused{"<E>&#x110000;</E>", "no character"},
      Refused{"<E>&#xFFFFFFFF;</E>", "no character"},
      Refused{"<E>&#4294967361;</E>", "no character"},  // 65, where 32 bits wrap
      Refused{"<E>&#x100000000000041;</E>", "no character"},
      Refused{"<E>&#-65;</E>", "no character"},
      Refused{"<E>&#X41;</E>", "no character"},
      Refused{"<E>&#;</E>", "no character"},
      Refused{"<E>&#65</E>", "without its semicolon"},
      Refused{"<E>&#65a;</E>", "without its semicolon"},
  };
  check_refused(rows);
}

TEST_CASE("slips of form") {
  static constexpr std::array rows{
      Refused{"< E/>", "a tag without a name"},
      Refused{"<1/>", "a tag without a name"},
      Refused{"<:F/>", "a tag without a name"},
      Refused{"<a:b:c/>", "a tag without a name"},
      Refused{"<a:/>", "a tag without a name"},
      Refused{"<E/ >", "another letter in it"},
      Refused{"<E a='1'b='2'/>", "another letter in it"},
      Refused{"<E a='1' a='2'/>", "the same attribute twice"},
      Refused{"<E a/>", "without a value"},
      Refused{"<E a=1/>", "without quotes"},
      Refused{"<E a='<'/>", "a tag inside of an attribute"},
      Refused{"<E ='1'/>", "no attribute"},
      Refused{"<E>]]></E>", "\"]]>\" in text"},
      Refused{"<!-- a -- b --><E/>", "two dashes"},
      Refused{"<!-- a ---><E/>", "two dashes"},
      Refused{"<E/><?1 b?>", "an instruction without a name"},
      Refused{"<E/><?a/b?>", "another letter in its name"},
  };
  check_refused(rows);
}

TEST_CASE("a document that is cut off anywhere is refused") {
  constexpr std::string_view kWhole =
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding='UTF-8' standalone=\"no\" ?>\n"
      "<!-- c --><?pi p?>\n"
      "<a:List xmlns:a=\"urn:x\" b='&lt;'>\n <Key>k &amp; &#x41;é</Key><![CDATA[<]] >]]>"
      "<!-- in --><F /><?q?></a:List >";
  REQUIRE(XmlDocument::parse(kWhole));
  for (std::size_t length = 0; length < kWhole.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(XmlDocument::parse(kWhole.substr(0, length)));
  }
}

TEST_CASE("depth, elements and attributes have a limit, and size costs no stack") {
  const auto nested = [](std::size_t depth) {
    return repeated("<a>", depth) + repeated("</a>", depth);
  };
  CHECK(XmlDocument::parse(nested(XmlDocument::kMaxDepth)));
  CHECK(XmlDocument::parse(repeated("<a>", 63) + "<a/>" + repeated("</a>", 63)));
  CHECK_FALSE(XmlDocument::parse(nested(XmlDocument::kMaxDepth + 1)));
  CHECK_FALSE(XmlDocument::parse(repeated("<a>", 64) + "<a/>" + repeated("</a>", 64)));
  CHECK_FALSE(XmlDocument::parse(repeated("<a>", 5'000'000)));

  CHECK(document_of("<a>" + repeated("<b/>", 499'999) + "</a>").root().children().size() ==
        499'999);
  const auto too_many = XmlDocument::parse("<a>" + repeated("<b/>", 500'000) + "</a>");
  REQUIRE_FALSE(too_many);
  CHECK(too_many.error().message == "XML: at byte 2000000: too many elements");

  std::string attributes;
  for (int i = 0; i < 64; ++i)
    attributes += " a" + std::to_string(i) + "=''";
  CHECK(XmlDocument::parse("<a" + attributes + "><b" + attributes + "/></a>"));
  const auto too_wide = XmlDocument::parse("<a" + attributes + " b=''/>");
  REQUIRE_FALSE(too_wide);
  CHECK(too_wide.error().message.ends_with(": too many attributes"));
}

// Each of them would take minutes, if it were looked at again from each of its places.
TEST_CASE("long runs of one thing are read in one pass") {
  constexpr std::size_t kTimes = 2'000'000;
  CHECK(document_of("<a>" + repeated("&amp;", kTimes) + "</a>").root().text().size() == kTimes);
  CHECK(document_of("<a>" + repeated("]]", kTimes) + "</a>").root().text().size() == 2 * kTimes);
  CHECK(XmlDocument::parse(repeated("<!---->", kTimes) + "<a/>"));
  CHECK_FALSE(XmlDocument::parse("<a>" + repeated("&#", kTimes)));
  CHECK_FALSE(XmlDocument::parse("<a>&#" + repeated("0", kTimes)));
  CHECK_FALSE(XmlDocument::parse(repeated("<!--", kTimes)));
  CHECK_FALSE(XmlDocument::parse("<a>" + repeated("<![CDATA[", kTimes)));
  CHECK_FALSE(XmlDocument::parse(repeated("<?a ", kTimes)));
  CHECK_FALSE(XmlDocument::parse("<a " + repeated("b", kTimes)));
  CHECK_FALSE(XmlDocument::parse(repeated(" ", kTimes)));
}

TEST_CASE("what is escaped comes back") {
  CHECK(xml_escaped("a<b>&\"c'\r\n") == "a&lt;b&gt;&amp;\"c'&#13;\n");
  CHECK(xml_escaped("").empty());
  for (const std::string_view text :
       {"<![CDATA[x]]>", "&amp;&#13;\r\n\r", "\"'é\U0001F512", " \t\n "}) {
    CAPTURE(text);
    CHECK(document_of("<E>" + xml_escaped(text) + "</E>").root().text() == text);
  }
}

// ---- public vectors ----

void append_leaves(std::string& out, const XmlElement& element, const std::string& above) {
  const std::string path = above + "/" + std::string(element.name());
  const auto children = element.children();
  if (children.empty()) out += path + "=" + quoted(element.text(), 1'000'000) + "\n";
  for (const XmlElement& child : children)
    append_leaves(out, child, path);
}

std::string expected_leaves(const JsonValue& row) {
  std::string out;
  for (const JsonValue& leaf : *row.find("leaves")->if_array()) {
    const auto& pair = *leaf.if_array();
    out += *pair.at(0).if_string() + "=" + quoted(*pair.at(1).if_string(), 1'000'000) + "\n";
  }
  return out;
}

std::string body_of(const JsonValue& row) {
  const JsonValue* build = row.find("build");
  if (build == nullptr || build->is_null())
    return std::string(as_text(testing::base64_of(row, "data_b64")));
  const auto times = static_cast<std::size_t>(testing::integer_of(*build, "times"));
  return text_of(*build, "prefix") + repeated(text_of(*build, "repeat_open"), times) +
         repeated(text_of(*build, "repeat_close"), times);
}

// What may be taken or not ("either") is decided above.
VectorOutcome check_body(const JsonValue& row) {
  const auto parsed = XmlDocument::parse(body_of(row));
  const std::string verdict = text_of(row, "verdict");
  if (!parsed) return outcome(verdict != "accept");
  if (verdict == "either" && row.find("leaves") == nullptr) return VectorOutcome::passed;
  std::string leaves;
  append_leaves(leaves, parsed->root(), "");
  return outcome(verdict != "refuse" && parsed->root().name() == text_of(row, "root") &&
                 leaves == expected_leaves(row));
}

TEST_CASE("bodies of S3, Azure, and of nobody agree with the public sets") {
  testing::run_vectors("xml/bodies.jsonl", check_body);
  testing::run_vectors("xml/botocore_responses.jsonl", check_body);
}

}  // namespace
}  // namespace cavra::http
