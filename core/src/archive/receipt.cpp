#include "cavra/receipt.hpp"

#include <charconv>

#include "archive/statement.hpp"
#include "cavra/support/time.hpp"

namespace cavra {

namespace engine {

namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_time(std::string& out, const std::optional<std::int64_t>& unix_s) {
  if (unix_s) {
    append_json_string(out, format_utc({*unix_s, 0}));
  } else {
    out += "null";
  }
}

// As Lock::to_json() has it, without a tree for each of many objects.
void append_lock(std::string& out, const Lock& lock) {
  out += lock.legal_hold ? R"({"legal_hold":true,"mode":")" : R"({"legal_hold":false,"mode":")";
  out += to_string(lock.mode);
  out += R"(","retain_until":)";
  append_time(out, lock.retain_until_unix_s);
  out += '}';
}

void append_subject(std::string& out, const ReceiptFacts& facts, const ProvenObject& object) {
  out += R"({"name":)";
  append_json_string(out, facts.member_key(object.member));
  out += R"(,"digest":{"sha256":")";
  out += object.sha256.hex();
  out += R"("}})";
}

void append_object(std::string& out, const ProvenObject& object) {
  out += R"({"member":)";
  append_json_string(out, object.member);
  out += R"(,"bytes":)";
  append_number(out, object.bytes);
  out += R"(,"version":)";
  append_json_string(out, object.version);
  out += kBeforeLock;
  append_lock(out, object.lock);
  out += R"(,"stored_at":)";
  append_time(out, object.stored_at_unix_s);
  out += R"(,"proof":")";
  out += to_string(object.proof);
  out += R"("})";
}

void append_act(std::string& out, const Act& act) {
  out += kBeforeActKind;
  append_json_string(out, to_string(act.kind));
  out += kBeforeClaimedAt;
  append_time(out, act.claimed_at_unix_s);
  out += kBeforePrevious;
  for (std::size_t i = 0; i < act.previous.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, act.previous[i]);
  }
  out += kBeforeReason;
  append_json_string(out, act.reason);
}

// All that stands between subjects and objects.
void append_facts(std::string& out, const ReceiptFacts& facts) {
  out += kBeforePredicate;
  append_act(out, facts.act);
  for (const FactField& field : kFactFields) {
    out += field.before;
    append_json_string(out, facts.*field.text);
  }
  out += kBeforeLock;
  append_lock(out, facts.lock);
  out += kBeforeStrength;
  append_json_string(out, strength_of(facts.lock.mode));
  out += kBeforeRetention;
  out += compact_json(facts.retention.to_json());
  out += kBeforeObjects;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out += R"(\u00)";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

std::string_view StatementText::next() {
  piece_.clear();
  const std::size_t at = at_++;
  if (at == 0) piece_ += kStatementStart;
  if (at < count_) {
    if (at > 0) piece_ += ',';
    append_subject(piece_, facts_, object_at_(at));
  }
  if (at == count_) append_facts(piece_, facts_);
  if (at >= count_ && at < 2 * count_) {
    if (at > count_) piece_ += ',';
    append_object(piece_, object_at_(at - count_));
  }
  if (at == 2 * count_) piece_ += kStatementEnd;
  return piece_;
}

}  // namespace engine

const char* to_string(ActKind kind) noexcept {
  switch (kind) {
    case ActKind::archive:
      return "archive";
    case ActKind::retain:
      return "retain";
    case ActKind::set_hold:
      return "set_hold";
    case ActKind::clear_hold:
      return "clear_hold";
  }
  return "unknown";
}

const char* to_string(Proof proof) noexcept {
  return proof == Proof::store_digest ? "store-digest" : "read-back";
}

std::string ReceiptFacts::member_key(std::string_view member) const {
  static constexpr std::string_view kFolder = "bundle/";
  std::string key;
  key.reserve(archive_prefix.size() + kFolder.size() + member.size());
  return key.append(archive_prefix).append(kFolder).append(member);
}

std::string ReceiptFacts::receipt_key(std::string_view receipt_sha256) const {
  return archive_prefix + "receipts/" + std::string(receipt_sha256) + ".json";
}

std::string Receipt::statement() const {
  const engine::ObjectAt object_at = [this](std::size_t index) { return objects[index]; };
  engine::StatementText text(*this, objects.size(), object_at);
  std::string out;
  for (std::string_view piece = text.next(); !piece.empty(); piece = text.next())
    out += piece;
  return out;
}

}  // namespace cavra
