#include "archive/envelope.hpp"

#include <algorithm>
#include <utility>

#include "cavra/support/encoding.hpp"

namespace cavra {

namespace engine {

namespace {

constexpr std::string_view kEnvelopeStart = R"({"payload":")";
constexpr std::string_view kBeforeKeyId =
    R"(","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":)";
constexpr std::string_view kBeforeSignature = R"(,"sig":")";
constexpr std::string_view kEnvelopeEnd = "\"}]}\n";

// A multiple of 3, so that base64 of the pieces is base64 of the whole.
constexpr std::size_t kBlockBytes = std::size_t{3} << 16;

std::string pae_header(std::string_view payload_type, std::size_t payload_bytes) {
  return "DSSEv1 " + std::to_string(payload_type.size()) + " " + std::string(payload_type) + " " +
         std::to_string(payload_bytes) + " ";
}

Error no_envelope(std::string_view problem) {
  return {ErrorCode::corrupt, "not a receipt: " + std::string(problem)};
}

// A key id is free text, and its spelling here is append_json_string()'s.
Result<std::string> read_key_id(std::string_view spelled) {
  const auto json = parse_json(spelled);
  const std::string* text = json ? json->if_string() : nullptr;
  if (text == nullptr) return no_envelope("its keyid is no string");
  std::string again;
  append_json_string(again, *text);
  if (again != spelled) return no_envelope("its keyid has another spelling than this program's");
  return *text;
}

// Block by block: the text is up to 1 GiB, and there is one copy of what it says.
Result<std::string> decode_payload(std::string_view text) {
  static constexpr std::size_t kBlockChars = kBlockBytes / 3 * 4;
  std::string payload;
  payload.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += kBlockChars) {
    const auto bytes = from_base64(text.substr(at, kBlockChars));
    const bool is_last = text.size() - at <= kBlockChars;
    if (!bytes || (!is_last && bytes->size() != kBlockBytes))
      return no_envelope("its payload is no base64");
    payload += as_text(*bytes);
  }
  return payload;
}

}  // namespace

Result<SignedStatement> sign_statement(const ReceiptFacts& facts, std::size_t count,
                                       const ObjectAt& object_at, const Signer& receipt_key) {
  if (receipt_key.algorithm() != "Ed25519")
    return Error{ErrorCode::usage,
                 "a receipt is signed with an Ed25519 key, and the receipt key "
                 "makes " +
                     quoted(receipt_key.algorithm(), 40) + " signatures"};
  SignedStatement made;
  made.key_id = receipt_key.key_id();
  if (made.key_id.empty() || !is_utf8(made.key_id))
    return Error{ErrorCode::usage, "the receipt key has no key id in UTF-8"};
  const std::size_t bytes = statement_bytes(facts, count, object_at);
  const std::string header = pae_header(kReceiptPayloadType, bytes);
  made.pae.reserve(header.size() + bytes);
  made.pae = header;
  made.payload_at = header.size();
  append_statement(made.pae, facts, count, object_at);
  CAVRA_TRY(const Signature signature, receipt_key.sign(as_bytes(made.pae)));
  made.signature = to_base64(signature.value);
  return made;
}

Result<void> write_envelope(const SignedStatement& statement, const TextSink& sink) {
  CAVRA_CHECK(sink(kEnvelopeStart));
  const std::string_view payload = statement.payload();
  for (std::size_t at = 0; at < payload.size(); at += kBlockBytes)
    CAVRA_CHECK(sink(to_base64(as_bytes(payload.substr(at, kBlockBytes)))));
  std::string tail(kBeforeKeyId);
  append_json_string(tail, statement.key_id);
  tail += kBeforeSignature;
  tail += statement.signature;
  tail += kEnvelopeEnd;
  return sink(tail);
}

Result<Envelope> read_envelope(std::string_view text) {
  if (text.size() > kMaxReceiptBytes) return no_envelope("it is above 1 GiB");
  if (!text.starts_with(kEnvelopeStart)) return no_envelope("it does not begin as one");
  text.remove_prefix(kEnvelopeStart.size());
  const std::size_t payload_end = text.find('"');
  const std::string_view payload = text.substr(0, payload_end);
  text.remove_prefix(payload.size());
  if (!text.starts_with(kBeforeKeyId))
    return no_envelope("after the payload comes something else than one signature");
  text.remove_prefix(kBeforeKeyId.size());
  if (!text.ends_with(kEnvelopeEnd)) return no_envelope("it does not end as one");
  text.remove_suffix(kEnvelopeEnd.size());
  const std::size_t key_id_end = text.rfind(kBeforeSignature);
  if (key_id_end == text.npos) return no_envelope("it has no signature");

  Envelope envelope;
  CAVRA_TRY(envelope.key_id, read_key_id(text.substr(0, key_id_end)));
  auto signature = from_base64(text.substr(key_id_end + kBeforeSignature.size()));
  if (!signature || signature->size() != 64)
    return no_envelope("its signature is not the base64 of 64 bytes");
  envelope.signature = *std::move(signature);
  CAVRA_TRY(envelope.payload, decode_payload(payload));
  return envelope;
}

}  // namespace engine

std::string dsse_pae(std::string_view payload_type, std::string_view payload) {
  return engine::pae_header(payload_type, payload.size()).append(payload);
}

Result<std::string> sign_receipt(const Receipt& receipt, const Signer& receipt_key) {
  const auto object_at = [&](std::size_t index) { return receipt.objects[index]; };
  CAVRA_TRY(const auto statement,
            engine::sign_statement(receipt, receipt.objects.size(), object_at, receipt_key));
  std::string envelope;
  CAVRA_CHECK(engine::write_envelope(statement, [&](std::string_view text) {
    envelope += text;
    return Result<void>{};
  }));
  return envelope;
}

}  // namespace cavra
