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

void append_facts(std::string& out, const ReceiptFacts& facts) {
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
}

// Writes the statement piece by piece: flush(out) may take away what has been written.
template <class Flush>
void write_statement(std::string& out, const ReceiptFacts& facts, std::size_t count,
                     const ObjectAt& object_at, const Flush& flush) {
  out += kStatementStart;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    append_subject(out, facts, object_at(i));
    flush(out);
  }
  out += kBeforePredicate;
  append_facts(out, facts);
  out += kBeforeObjects;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    append_object(out, object_at(i));
    flush(out);
  }
  out += kStatementEnd;
  flush(out);
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

std::size_t statement_bytes(const ReceiptFacts& facts, std::size_t count,
                            const ObjectAt& object_at) {
  std::size_t bytes = 0;
  std::string piece;
  write_statement(piece, facts, count, object_at, [&bytes](std::string& out) {
    bytes += out.size();
    out.clear();
  });
  return bytes;
}

void append_statement(std::string& out, const ReceiptFacts& facts, std::size_t count,
                      const ObjectAt& object_at) {
  write_statement(out, facts, count, object_at, [](const std::string&) {});
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
  const auto object_at = [this](std::size_t index) { return objects[index]; };
  std::string out;
  out.reserve(engine::statement_bytes(*this, objects.size(), object_at));
  engine::append_statement(out, *this, objects.size(), object_at);
  return out;
}

}  // namespace cavra
