#include <algorithm>
#include <array>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cavra/trust_roots.hpp"
#include "trust/trust_root_checks.hpp"

namespace cavra {

namespace {

constexpr std::size_t kMaxLettersOff = 2;

// Reads members of one root; each error names the member's place.
class RootReader {
 public:
  RootReader(const JsonValue& root, std::string_view where) : root_(root), where_(where) {}

  // Roots may have members of their owner's, but none that is one of ours misspelt: "Purpose" would
  // make a receipt key one for evidence.
  [[nodiscard]] Result<void> check_names() const {
    static const std::vector<std::string> known{
        "schema_version",    "product",        "key_id",     "owner",       "status", "algorithm",
        "public_key_sha256", "public_key_pem", "valid_from", "valid_until", "purpose"};
    for (const JsonMember& member : *root_.if_object()) {
      if (std::ranges::find(known, member.name) != known.end()) continue;
      std::string name = member.name;
      for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      const auto near = near_words(name, known, kMaxLettersOff);
      if (!near.empty())
        return error(member.name, "is no member of a trust root, and might be " +
                                      quoted(near.front()) + " misspelt; mend or remove it");
    }
    return {};
  }

  [[nodiscard]] Error error(std::string_view member, std::string_view problem) const {
    return {ErrorCode::corrupt,
            printable(child_pointer(where_, member)) + ": " + std::string(problem)};
  }

  [[nodiscard]] Result<std::string> text(std::string_view member) const {
    const JsonValue* value = root_.find(member);
    if (value == nullptr) return error(member, "is missing; a trust root has this member");
    if (const std::string* found = value->if_string()) return *found;
    return error(member,
                 std::string("is of type ") + value->type_name() + ", and must be a string");
  }

  [[nodiscard]] Result<void> require(std::string_view member, std::string_view wanted) const {
    CAVRA_TRY(const std::string found, text(member));
    if (found == wanted) return {};
    return error(member, "is " + quoted(found) + ", and must be " + quoted(wanted));
  }

  [[nodiscard]] Result<OffsetTimestamp> time(std::string_view member) const {
    CAVRA_TRY(const std::string found, text(member));
    auto parsed = parse_rfc3339(found);
    if (!parsed) return error(member, parsed.error().message);
    return *std::move(parsed);
  }

  // A null is "no end"; a missing member is not, as a misspelt one would be missing too.
  [[nodiscard]] Result<std::optional<OffsetTimestamp>> time_or_null(std::string_view member) const {
    if (const JsonValue* value = root_.find(member); value != nullptr && value->is_null())
      return std::optional<OffsetTimestamp>();
    CAVRA_TRY(const OffsetTimestamp found, time(member));
    return std::optional<OffsetTimestamp>(found);
  }

  [[nodiscard]] Result<KeyStatus> status() const {
    CAVRA_TRY(const std::string found, text("status"));
    auto parsed = parse_key_status(found);
    if (!parsed) return error("status", parsed.error().message);
    return *parsed;
  }

  [[nodiscard]] Result<KeyPurpose> purpose() const {
    if (root_.find("purpose") == nullptr) return KeyPurpose::evidence;  // as all of v1's roots
    CAVRA_TRY(const std::string found, text("purpose"));
    auto parsed = parse_key_purpose(found);
    if (!parsed) return error("purpose", parsed.error().message);
    return *parsed;
  }

  // The PEM's key, which must be the one that the fingerprint names.
  [[nodiscard]] Result<PublicKey> key() const {
    CAVRA_TRY(const std::string pem, text("public_key_pem"));
    CAVRA_TRY(const std::string fingerprint, text("public_key_sha256"));
    CAVRA_TRY(PublicKey key, PublicKey::from_pem(pem, child_pointer(where_, "public_key_pem")));
    if (key.fingerprint() == fingerprint) return key;
    return error("public_key_sha256", "is " + quoted(fingerprint) +
                                          ", and the key in public_key_pem has the fingerprint " +
                                          key.fingerprint() + "; one of them was changed");
  }

 private:
  const JsonValue& root_;
  std::string_view where_;
};

}  // namespace

const char* to_string(KeyPurpose purpose) noexcept {
  switch (purpose) {
    case KeyPurpose::evidence:
      return "evidence";
    case KeyPurpose::receipt:
      return "receipt";
  }
  return "unknown";
}

const char* to_string(KeyStatus status) noexcept {
  switch (status) {
    case KeyStatus::active:
      return "active";
    case KeyStatus::retired:
      return "retired";
    case KeyStatus::revoked:
      return "revoked";
  }
  return "unknown";
}

Result<KeyPurpose> parse_key_purpose(std::string_view text) {
  for (const KeyPurpose purpose : {KeyPurpose::evidence, KeyPurpose::receipt})
    if (text == to_string(purpose)) return purpose;
  return Error{ErrorCode::usage,
               "the purpose of a key is evidence or receipt, and not " + quoted(text)};
}

Result<KeyStatus> parse_key_status(std::string_view text) {
  for (const KeyStatus status : {KeyStatus::active, KeyStatus::retired, KeyStatus::revoked})
    if (text == to_string(status)) return status;
  return Error{ErrorCode::usage,
               "the status of a key is active, retired or revoked, and not " + quoted(text)};
}

namespace trust {

std::optional<RootProblem> find_root_problem(const TrustRoot& root) {
  if (root.key_id.empty()) return RootProblem{"key_id", "is empty; give the key an id"};
  if (root.valid_until && root.valid_until->at < root.valid_from.at)
    return RootProblem{"valid_until", "is before valid_from, so the key verifies nothing"};
  if (root.status == KeyStatus::retired && !root.valid_until)
    return RootProblem{"valid_until",
                       "is null, and a retired key needs an end: set it to the last moment at "
                       "which the key signed"};
  return std::nullopt;
}

}  // namespace trust

JsonValue TrustRoot::to_json() const {
  JsonValue json = JsonValue::object({
      {"schema_version", trust::kRootSchema},
      {"product", trust::kProduct},
      {"key_id", key_id},
      {"owner", owner},
      {"status", to_string(status)},
      {"algorithm", trust::kAlgorithm},
      {"public_key_sha256", key.fingerprint()},
      {"public_key_pem", key.pem()},
      {"valid_from", format_python(valid_from)},
      {"valid_until", valid_until ? JsonValue(format_python(*valid_until)) : JsonValue()},
  });
  if (purpose != KeyPurpose::evidence) json.set("purpose", to_string(purpose));
  return json;
}

Result<TrustRoot> TrustRoot::from_json(const JsonValue& value, std::string_view where) {
  const RootReader reader(value, where);
  if (!value.is_object())
    return Error{ErrorCode::corrupt, printable(where) + ": is of type " + value.type_name() +
                                         ", and a trust root is an object"};
  CAVRA_CHECK(reader.check_names());
  CAVRA_CHECK(reader.require("schema_version", trust::kRootSchema));
  CAVRA_CHECK(reader.require("product", trust::kProduct));
  CAVRA_CHECK(reader.require("algorithm", trust::kAlgorithm));
  CAVRA_TRY(std::string key_id, reader.text("key_id"));
  CAVRA_TRY(std::string owner, reader.text("owner"));
  CAVRA_TRY(const KeyStatus status, reader.status());
  CAVRA_TRY(const KeyPurpose purpose, reader.purpose());
  CAVRA_TRY(const PublicKey key, reader.key());
  CAVRA_TRY(const OffsetTimestamp valid_from, reader.time("valid_from"));
  CAVRA_TRY(const std::optional<OffsetTimestamp> valid_until, reader.time_or_null("valid_until"));
  TrustRoot root{.key_id = std::move(key_id),
                 .owner = std::move(owner),
                 .status = status,
                 .purpose = purpose,
                 .key = key,
                 .valid_from = valid_from,
                 .valid_until = valid_until};
  if (const auto problem = trust::find_root_problem(root))
    return reader.error(problem->member, problem->text);
  return root;
}

std::string TrustRoot::why_not_at(const Timestamp& created_at) const {
  if (status == KeyStatus::revoked) return "revoked";
  if (created_at < valid_from.at) return "not valid before " + format_utc(valid_from.at);
  if (valid_until && created_at > valid_until->at)
    return "not valid after " + format_utc(valid_until->at);
  return {};
}

}  // namespace cavra
