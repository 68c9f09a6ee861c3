// Reads a receipt's statement: exactly what StatementText writes, from bytes that anybody may
// have made.
#include <algorithm>
#include <charconv>
#include <optional>

#include "archive/statement.hpp"
#include "bundle/member_path.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "cavra/verify.hpp"

namespace cavra {

namespace engine {

namespace {

// Goes over the text and takes what it expects. Copyable: a copy reads the same text again.
class StatementCursor {
 public:
  explicit StatementCursor(std::string_view text) : text_(text) {}

  // Where the next value is, for messages: "/subject" and an index in it.
  void enter(std::string_view pointer, std::optional<std::size_t> index = {}) {
    pointer_ = pointer;
    index_ = index;
  }

  [[nodiscard]] Error wrong(std::string_view problem) const {
    std::string place(pointer_);
    if (index_) place += "/" + std::to_string(*index_);
    return {ErrorCode::corrupt,
            "receipt: " + place + " (byte " + std::to_string(at_) + "): " + std::string(problem)};
  }

  [[nodiscard]] bool take(std::string_view literal) {
    if (text_.substr(at_, literal.size()) != literal) return false;
    at_ += literal.size();
    return true;
  }

  [[nodiscard]] bool is_before(char c) const { return text_.substr(at_).starts_with(c); }

  [[nodiscard]] Result<void> expect(std::string_view literal) {
    if (take(literal)) return {};
    return wrong("expected " + quoted(literal, 100));
  }

  // A string as append_json_string() writes it.
  [[nodiscard]] Result<std::string> read_string();
  [[nodiscard]] Result<std::uint64_t> read_number();
  [[nodiscard]] Result<Digest> read_sha256();
  [[nodiscard]] Result<std::optional<std::int64_t>> read_time();
  [[nodiscard]] Result<Lock> read_lock();
  // The JSON object that begins here, without a closer look.
  [[nodiscard]] Result<std::string_view> read_object();

  [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }

 private:
  [[nodiscard]] Result<char> read_escape();

  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view pointer_;
  std::optional<std::size_t> index_;
};

Result<char> StatementCursor::read_escape() {
  if (take("\\")) return '\\';
  if (take("\"")) return '"';
  if (!take("u00")) return wrong("this escape is not used here");
  static constexpr std::string_view kHex = "0123456789abcdef";
  const auto digit = [this] { return at_ < text_.size() ? kHex.find(text_[at_++]) : kHex.npos; };
  const std::size_t high = digit();
  const std::size_t low = digit();
  if (high > 1 || low == kHex.npos) return wrong("this escape is not used here");
  return static_cast<char>(high << 4 | low);
}

Result<std::string> StatementCursor::read_string() {
  CAVRA_CHECK(expect("\""));
  std::string value;
  while (true) {
    const std::size_t stop = text_.find_first_of("\"\\", at_);
    if (stop == text_.npos) return wrong("a string does not end");
    const std::string_view plain = text_.substr(at_, stop - at_);
    if (std::ranges::any_of(plain, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
      return wrong("a string has a control character");
    value += plain;
    at_ = stop + 1;
    if (text_[stop] == '"') return value;
    CAVRA_TRY(const char c, read_escape());
    value += c;
  }
}

Result<std::uint64_t> StatementCursor::read_number() {
  std::uint64_t number = 0;
  const char* begin = text_.data() + at_;
  const auto [end, problem] = std::from_chars(begin, text_.data() + text_.size(), number);
  const bool has_leading_zero = end - begin > 1 && *begin == '0';
  if (problem != std::errc{} || has_leading_zero) return wrong("expected a whole number");
  at_ += static_cast<std::size_t>(end - begin);
  return number;
}

Result<Digest> StatementCursor::read_sha256() {
  CAVRA_TRY(const std::string text, read_string());
  const auto digest = Digest::from_hex(text);
  if (!digest || digest->size != 32) return wrong("expected 64 lower-case hex digits");
  return *digest;
}

// A store may answer any number, and format_utc() writes what no calendar has as "@" and seconds.
std::optional<std::int64_t> parse_time(const std::string& text) {
  std::int64_t unix_s = 0;
  if (text.starts_with('@')) {
    std::from_chars(text.data() + 1, text.data() + text.size(), unix_s);
  } else {
    const auto parsed = parse_rfc3339(text);
    if (!parsed) return std::nullopt;
    unix_s = parsed->at.unix_s;
  }
  if (format_utc({unix_s, 0}) != text) return std::nullopt;
  return unix_s;
}

Result<std::optional<std::int64_t>> StatementCursor::read_time() {
  if (take("null")) return std::optional<std::int64_t>{};
  CAVRA_TRY(const std::string text, read_string());
  const auto unix_s = parse_time(text);
  if (!unix_s) return wrong("expected a time such as \"2033-05-19T12:00:01Z\"");
  return unix_s;
}

Result<Lock> StatementCursor::read_lock() {
  Lock lock;
  CAVRA_CHECK(expect(R"({"legal_hold":)"));
  lock.legal_hold = take("true");
  if (!lock.legal_hold) CAVRA_CHECK(expect("false"));
  CAVRA_CHECK(expect(R"(,"mode":)"));
  CAVRA_TRY(const std::string mode, read_string());
  auto parsed = parse_lock_mode(mode);
  if (!parsed) return wrong(parsed.error().message);
  lock.mode = *parsed;
  CAVRA_CHECK(expect(R"(,"retain_until":)"));
  CAVRA_TRY(lock.retain_until_unix_s, read_time());
  CAVRA_CHECK(expect("}"));
  return lock;
}

Result<std::string_view> StatementCursor::read_object() {
  const std::size_t begin = at_;
  std::size_t depth = 0;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '{') ++depth;
    if (c == '"') {
      CAVRA_CHECK(read_string());
      --at_;
    }
    if (c == '}' && depth > 0) {
      --depth;
      if (depth == 0) return text_.substr(begin, ++at_ - begin);
    }
    if (depth == 0) break;
  }
  return wrong("expected an object");
}

struct Subject {
  std::string name;
  Digest sha256;
};

Result<Subject> read_subject(StatementCursor& cursor, std::size_t index) {
  cursor.enter("/subject", index);
  Subject subject;
  CAVRA_CHECK(cursor.expect(R"({"name":)"));
  CAVRA_TRY(subject.name, cursor.read_string());
  CAVRA_CHECK(cursor.expect(R"(,"digest":{"sha256":)"));
  CAVRA_TRY(subject.sha256, cursor.read_sha256());
  CAVRA_CHECK(cursor.expect("}}"));
  return subject;
}

Result<ProvenObject> read_proven_object(StatementCursor& cursor, std::size_t index) {
  cursor.enter("/predicate/objects", index);
  ProvenObject object;
  CAVRA_CHECK(cursor.expect(R"({"member":)"));
  CAVRA_TRY(object.member, cursor.read_string());
  CAVRA_CHECK(cursor.expect(R"(,"bytes":)"));
  CAVRA_TRY(object.bytes, cursor.read_number());
  CAVRA_CHECK(cursor.expect(R"(,"version":)"));
  CAVRA_TRY(object.version, cursor.read_string());
  CAVRA_CHECK(cursor.expect(kBeforeLock));
  CAVRA_TRY(object.lock, cursor.read_lock());
  CAVRA_CHECK(cursor.expect(R"(,"stored_at":)"));
  CAVRA_TRY(object.stored_at_unix_s, cursor.read_time());
  CAVRA_CHECK(cursor.expect(R"(,"proof":)"));
  CAVRA_TRY(const std::string proof, cursor.read_string());
  object.proof = proof == to_string(Proof::store_digest) ? Proof::store_digest : Proof::read_back;
  if (proof != to_string(object.proof)) return cursor.wrong("unknown proof " + quoted(proof, 60));
  CAVRA_CHECK(cursor.expect("}"));
  return object;
}

Result<RetentionDate> read_retention(StatementCursor& cursor) {
  cursor.enter("/predicate/retention");
  CAVRA_TRY(const std::string_view text, cursor.read_object());
  auto json = parse_json(text);
  if (!json) return cursor.wrong(json.error().message);
  auto date = RetentionDate::from_json(*json);
  if (!date) return cursor.wrong(date.error().message);
  if (compact_json(date->to_json()) != text)
    return cursor.wrong("it is not spelled as this program spells it");
  return *std::move(date);
}

Result<void> check_prefix(const StatementCursor& cursor, const ReceiptFacts& facts) {
  if (const auto digest = Digest::from_hex(facts.manifest_sha256); !digest || digest->size != 32)
    return cursor.wrong("the manifest's SHA-256 is not 64 lower-case hex digits");
  const std::string end = "/" + facts.manifest_sha256 + "/";
  if (!facts.archive_prefix.ends_with(end))
    return cursor.wrong("archive_prefix does not end in the manifest's SHA-256");
  return {};
}

Result<ActKind> read_act_kind(StatementCursor& cursor) {
  CAVRA_TRY(const std::string word, cursor.read_string());
  const auto kind = std::ranges::find(kActKinds, word,
                                      [](ActKind known) { return std::string(to_string(known)); });
  if (kind == kActKinds.end()) return cursor.wrong("unknown act " + quoted(word, 60));
  return *kind;
}

Result<std::vector<std::string>> read_previous(StatementCursor& cursor) {
  std::vector<std::string> previous;
  CAVRA_CHECK(cursor.expect(kBeforePrevious));
  if (cursor.is_before(']')) return previous;
  do {
    CAVRA_TRY(const Digest digest, cursor.read_sha256());
    if (previous.size() == kMaxPrevious) return cursor.wrong("it follows too many receipts");
    if (!previous.empty() && previous.back() >= digest.hex())
      return cursor.wrong("the receipts that it follows are not sorted");
    previous.push_back(digest.hex());
  } while (cursor.take(","));
  return previous;
}

// An archive has no clock; every later act has one, and a receipt before it.
Result<Act> read_act(StatementCursor& cursor) {
  cursor.enter("/predicate/act");
  Act act;
  CAVRA_CHECK(cursor.expect(kBeforeActKind));
  CAVRA_TRY(act.kind, read_act_kind(cursor));
  CAVRA_CHECK(cursor.expect(kBeforeClaimedAt));
  CAVRA_TRY(act.claimed_at_unix_s, cursor.read_time());
  CAVRA_TRY(act.previous, read_previous(cursor));
  CAVRA_CHECK(cursor.expect(kBeforeReason));
  CAVRA_TRY(act.reason, cursor.read_string());
  const bool is_archive = act.kind == ActKind::archive;
  if (is_archive && (act.claimed_at_unix_s || !act.reason.empty()))
    return cursor.wrong("an archive has no time and no reason");
  if (!is_archive && (!act.claimed_at_unix_s || act.previous.empty()))
    return cursor.wrong("a later act has a time and a receipt before it");
  return act;
}

Result<void> read_facts(StatementCursor& cursor, ReceiptFacts& facts) {
  CAVRA_TRY(facts.act, read_act(cursor));
  for (const FactField& field : kFactFields) {
    cursor.enter(field.pointer);
    CAVRA_CHECK(cursor.expect(field.before));
    CAVRA_TRY(facts.*field.text, cursor.read_string());
  }
  cursor.enter("/predicate/lock");
  CAVRA_CHECK(cursor.expect(kBeforeLock));
  CAVRA_TRY(facts.lock, cursor.read_lock());
  cursor.enter("/predicate/lock_strength");
  CAVRA_CHECK(cursor.expect(kBeforeStrength));
  CAVRA_TRY(const std::string strength, cursor.read_string());
  if (strength != strength_of(facts.lock.mode))
    return cursor.wrong("it is not what a lock of that mode is worth");
  CAVRA_CHECK(cursor.expect(kBeforeRetention));
  CAVRA_TRY(facts.retention, read_retention(cursor));
  return check_prefix(cursor, facts);
}

// Member paths are as hostile as a manifest's: they become file names when restored.
Result<void> check_members(const std::vector<ProvenObject>& objects,
                           const StatementCursor& cursor) {
  std::vector<std::string_view> paths;
  paths.reserve(objects.size());
  for (const ProvenObject& object : objects) {
    if (const std::string why = why_no_member_path(object.member); !why.empty())
      return cursor.wrong("the member path " + quoted(object.member) + " " + why);
    paths.emplace_back(object.member);
  }
  const auto twins = find_path_twins(paths);
  if (twins.empty()) return {};
  return cursor.wrong("the member " + quoted(paths[twins[0].second]) + " " +
                      std::string(twins[0].why) + " beside " + quoted(paths[twins[0].first]));
}

}  // namespace

}  // namespace engine

using engine::StatementCursor;

Result<Receipt> Receipt::from_statement(std::string_view statement) {
  StatementCursor cursor(statement);
  if (!is_utf8(statement)) return cursor.wrong("it is not UTF-8");
  CAVRA_CHECK(cursor.expect(engine::kStatementStart));
  // Names need the prefix, which comes later: they are read once to get by, and again with objects.
  StatementCursor subjects = cursor;
  std::size_t count = 0;
  do {
    CAVRA_TRY(const auto skipped, engine::read_subject(cursor, count++));
  } while (cursor.take(","));

  Receipt receipt;
  CAVRA_CHECK(cursor.expect(engine::kBeforePredicate));
  CAVRA_CHECK(engine::read_facts(cursor, receipt));
  CAVRA_CHECK(cursor.expect(engine::kBeforeObjects));
  if (count > kMaxMembers + 1) return cursor.wrong("it has too many objects");
  receipt.objects.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0 && (!subjects.take(",") || !cursor.take(",")))
      return cursor.wrong("there are not as many objects as subjects");
    CAVRA_TRY(const auto subject, engine::read_subject(subjects, i));
    CAVRA_TRY(ProvenObject object, engine::read_proven_object(cursor, i));
    if (subject.name != receipt.member_key(object.member))
      return cursor.wrong("the object is not the subject at the same place");
    object.sha256 = subject.sha256;
    receipt.objects.push_back(std::move(object));
  }
  cursor.enter("/predicate/objects");
  CAVRA_CHECK(cursor.expect(engine::kStatementEnd));
  if (!cursor.is_at_end()) return cursor.wrong("something follows the statement");
  CAVRA_CHECK(engine::check_members(receipt.objects, cursor));
  const ProvenObject& last = receipt.objects.back();
  if (last.member != kManifestName || last.sha256.hex() != receipt.manifest_sha256)
    return cursor.wrong("the last object is not the manifest of the bundle that it names");
  return receipt;
}

}  // namespace cavra
