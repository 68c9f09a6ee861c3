#include "bundle/signature_json.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "cavra/hasher.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

struct Shape {
  std::string_view algorithm;
  bool has_key;  // key_id and public_key_sha256
  std::size_t value_bytes;
  bool is_hex;  // else base64
};

constexpr std::array kShapes{
    Shape{"SHA256", false, 32, true},
    Shape{"HS256", false, 32, false},
    Shape{"Ed25519", true, 64, false},
};

class Reader {
 public:
  Reader(const JsonValue& value, Findings& findings) : value_(value), findings_(findings) {}

  Signature read() {
    if (!value_.is_object()) {
      add("", std::string("must be an object, and is a value of type ") + value_.type_name());
      return {};
    }
    Signature signature;
    signature.algorithm = text("algorithm");
    const auto* shape = std::ranges::find(kShapes, signature.algorithm, &Shape::algorithm);
    if (shape == kShapes.end()) {
      if (!signature.algorithm.empty())
        add("/algorithm",
            "is " + quoted(signature.algorithm, 64) + ", and known are SHA256, HS256 and Ed25519");
      return signature;
    }
    refuse_unknown(*shape);
    if (shape->has_key) read_key(signature);
    read_value(*shape, signature);
    return signature;
  }

 private:
  void add(const std::string& pointer, const std::string& problem) {
    findings_.push_back({"manifest.signature", "manifest.json#/signature" + pointer,
                         "the signature " + problem + "; get the bundle as its signer made it"});
  }

  // The text of a required member, empty where something is wrong with it.
  std::string text(std::string_view name) {
    const JsonValue* member = value_.find(name);
    const std::string* found = member == nullptr ? nullptr : member->if_string();
    if (found != nullptr && !found->empty()) return *found;
    add(child_pointer("", name), "needs a text in " + quoted(name));
    return {};
  }

  void refuse_unknown(const Shape& shape) {
    for (const JsonMember& member : *value_.if_object()) {
      const std::string& name = member.name;
      if (name == "algorithm" || name == "value") continue;
      if (shape.has_key && (name == "key_id" || name == "public_key_sha256")) continue;
      add(child_pointer("", printable(name, 100)), "has a member " + quoted(name, 100) +
                                                       ", which " + std::string(shape.algorithm) +
                                                       " does not have and nothing signs");
    }
  }

  void read_key(Signature& signature) {
    signature.key_id = text("key_id");
    signature.public_key_sha256 = text("public_key_sha256");
    const std::string& fingerprint = signature.public_key_sha256;
    if (!fingerprint.empty() && (fingerprint.size() != 64 || !Digest::from_hex(fingerprint)))
      add("/public_key_sha256", "needs 64 lower-case hex digits in \"public_key_sha256\"");
  }

  void read_value(const Shape& shape, Signature& signature) {
    const std::string value = text("value");
    if (value.empty()) return;
    auto bytes = shape.is_hex ? from_hex(value) : from_base64(value);
    if (!bytes || bytes->size() != shape.value_bytes) {
      add("/value", "needs " + std::to_string(shape.value_bytes) + " bytes in " +
                        (shape.is_hex ? "lower-case hex" : "base64, in its one strict spelling,") +
                        " as \"value\"");
      return;
    }
    signature.value = std::move(*bytes);
  }

  const JsonValue& value_;
  Findings& findings_;
};

}  // namespace

Signature read_signature(const JsonValue& value, Findings& findings) {
  return Reader(value, findings).read();
}

JsonValue signature_json(const Signature& signature) {
  JsonValue json = JsonValue::object({{"algorithm", signature.algorithm}});
  if (!signature.key_id.empty()) json.set("key_id", signature.key_id);
  if (!signature.public_key_sha256.empty())
    json.set("public_key_sha256", signature.public_key_sha256);
  json.set("value", signature.value_text());
  return json;
}

}  // namespace cavra
