// The text of a receipt's statement, written and read: one spelling, member by member.
//
// A receipt may have a million objects, so neither side builds a tree of JSON values: the writer
// appends, the reader expects what the writer would have written. Format: docs/spec/receipt-v1.md.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "cavra/message_source.hpp"
#include "cavra/receipt.hpp"

namespace cavra::engine {

inline constexpr std::string_view kStatementStart =
    R"({"_type":"https://in-toto.io/Statement/v1","subject":[)";
inline constexpr std::string_view kBeforePredicate =
    R"(],"predicateType":"https://cavra.dev/receipt/v1","predicate":)";
inline constexpr std::string_view kBeforeActKind = R"({"act":{"kind":)";
inline constexpr std::string_view kBeforeClaimedAt = R"(,"claimed_at":)";
inline constexpr std::string_view kBeforePrevious = R"(,"previous":[)";
inline constexpr std::string_view kBeforeReason = R"(],"reason":)";
inline constexpr std::size_t kMaxPrevious = 1024;
inline constexpr std::array kActKinds{ActKind::archive, ActKind::retain, ActKind::set_hold,
                                      ActKind::clear_hold};
inline constexpr std::string_view kBeforeLock = R"(,"lock":)";
inline constexpr std::string_view kBeforeStrength = R"(,"lock_strength":)";
inline constexpr std::string_view kBeforeRetention = R"(,"retention":)";
inline constexpr std::string_view kBeforeObjects = R"(,"objects":[)";
inline constexpr std::string_view kStatementEnd = "]}}";

// The texts of the predicate behind the act, in their order: what stands before each, and where it
// is.
struct FactField {
  std::string_view before;
  std::string_view pointer;
  std::string ReceiptFacts::* text;
};
inline constexpr std::array kFactFields{
    FactField{R"(},"store":)", "/predicate/store", &ReceiptFacts::store},
    FactField{R"(,"location":)", "/predicate/location", &ReceiptFacts::location},
    FactField{R"(,"identity":)", "/predicate/identity", &ReceiptFacts::store_identity},
    FactField{R"(,"plugin":{"id":)", "/predicate/plugin/id", &ReceiptFacts::plugin_id},
    FactField{R"(,"version":)", "/predicate/plugin/version", &ReceiptFacts::plugin_version},
    FactField{R"(,"sha256":)", "/predicate/plugin/sha256", &ReceiptFacts::plugin_sha256},
    FactField{R"(},"archive_prefix":)", "/predicate/archive_prefix", &ReceiptFacts::archive_prefix},
    FactField{R"(,"bundle":{"session_id":)", "/predicate/bundle/session_id",
              &ReceiptFacts::session_id},
    FactField{R"(,"created_at":)", "/predicate/bundle/created_at", &ReceiptFacts::created_at},
    FactField{R"(,"manifest_sha256":)", "/predicate/bundle/manifest_sha256",
              &ReceiptFacts::manifest_sha256},
    FactField{R"(,"evidence_key":{"algorithm":)", "/predicate/bundle/evidence_key/algorithm",
              &ReceiptFacts::evidence_algorithm},
    FactField{R"(,"key_id":)", "/predicate/bundle/evidence_key/key_id",
              &ReceiptFacts::evidence_key_id},
    FactField{R"(,"public_key_sha256":)", "/predicate/bundle/evidence_key/public_key_sha256",
              &ReceiptFacts::evidence_key_sha256},
    FactField{R"(}},"reference":)", "/predicate/reference", &ReceiptFacts::reference},
};

// In quotes; `"` and `\` after a backslash, what is below U+0020 as \u00xx, all else as it is.
void append_json_string(std::string& out, std::string_view text);

// Gives the object of an index: called twice for each, once for subjects and once for objects.
using ObjectAt = std::function<ProvenObject(std::size_t index)>;

// The statement, an object at a time. Both are lent.
class StatementText final : public MessageSource {
 public:
  StatementText(const ReceiptFacts& facts, std::size_t count, const ObjectAt& object_at)
      : facts_(facts), count_(count), object_at_(object_at) {}

  [[nodiscard]] std::string_view next() override;
  void rewind() override { at_ = 0; }

 private:
  const ReceiptFacts& facts_;
  const std::size_t count_;
  const ObjectAt& object_at_;
  std::size_t at_ = 0;  // the piece: subjects with what stands before them, then objects, the end
  std::string piece_;
};

}  // namespace cavra::engine
