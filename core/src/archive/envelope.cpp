#include "archive/envelope.hpp"

#include <algorithm>
#include <utility>

#include "archive/statement.hpp"
#include "cavra/json.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {

namespace engine {

namespace {

constexpr std::string_view kEnvelopeStart = R"({"payload":")";
constexpr std::string_view kBeforeKeyId =
    R"(","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":)";
constexpr std::string_view kBeforeSignature = R"(,"sig":")";
constexpr std::string_view kEnvelopeEnd = "\"}]}\n";

// A multiple of 3, as base64 makes 4 characters of 3 bytes.
constexpr std::size_t kBlockBytes = std::size_t{3} << 16;

std::string pae_header(std::string_view payload_type, std::size_t payload_bytes) {
  return "DSSEv1 " + std::to_string(payload_type.size()) + " " + std::string(payload_type) + " " +
         std::to_string(payload_bytes) + " ";
}

// What is signed: the payload with a header before it, which says how long it is.
class PaeMessage final : public MessageSource {
 public:
  explicit PaeMessage(MessageSource& payload) : payload_(payload) {
    std::size_t bytes = 0;
    payload_.rewind();
    for (std::string_view piece = payload_.next(); !piece.empty(); piece = payload_.next())
      bytes += piece.size();
    header_ = pae_header(kReceiptPayloadType, bytes);
    payload_.rewind();
  }

  [[nodiscard]] std::string_view next() override {
    return std::exchange(has_begun_, true) ? payload_.next() : header_;
  }
  void rewind() override {
    has_begun_ = false;
    payload_.rewind();
  }

 private:
  MessageSource& payload_;
  std::string header_;
  bool has_begun_ = false;
};

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

// Bytes that base64 of so many characters stands for, if it is base64.
std::size_t decoded_bytes(std::string_view base64) {
  const std::size_t padding = base64.ends_with("==") ? 2 : base64.ends_with('=') ? 1 : 0;
  return base64.size() / 4 * 3 - std::min(padding, base64.size());
}

// Turns an envelope, whose payload has `payload_chars` characters, into the message that is signed.
// The text is up to 1 GiB, so it is decoded where it lies: what is written stays behind what is
// still to be read, because 3 bytes come of 4 characters and a block is longer than the header.
Result<std::size_t> decode_in_place(std::string& text, std::size_t payload_chars) {
  static constexpr std::size_t kBlockChars = kBlockBytes / 3 * 4;
  const std::size_t end = kEnvelopeStart.size() + payload_chars;
  const std::string header = pae_header(
      kReceiptPayloadType,
      decoded_bytes(std::string_view(text).substr(kEnvelopeStart.size(), payload_chars)));
  std::string written = header;  // of the block before: goes in once the next one was read
  std::size_t to = 0;
  for (std::size_t from = kEnvelopeStart.size(); from < end; from += kBlockChars) {
    const std::string_view block =
        std::string_view(text).substr(from, std::min(kBlockChars, end - from));
    const auto bytes = from_base64(block);
    if (!bytes || (from + kBlockChars < end && bytes->size() != kBlockBytes))
      return no_envelope("its payload is no base64");
    text.replace(to, written.size(), written);
    to += written.size();
    written = as_text(*bytes);
  }
  text.resize(to);
  text += written;
  return header.size();
}

}  // namespace

Result<void> sign_envelope(MessageSource& payload, const Signer& receipt_key,
                           const TextSink& sink) {
  if (receipt_key.algorithm() != "Ed25519")
    return Error{ErrorCode::usage,
                 "a receipt is signed with an Ed25519 key, and the receipt key "
                 "makes " +
                     quoted(receipt_key.algorithm(), 40) + " signatures"};
  const std::string_view key_id = receipt_key.key_id();
  if (key_id.empty() || !is_utf8(key_id))
    return Error{ErrorCode::usage, "the receipt key has no key id in UTF-8"};
  PaeMessage pae(payload);
  CAVRA_TRY(const Signature signature, receipt_key.sign_pieces(pae));
  return write_envelope(payload, key_id, signature.value, sink);
}

Result<void> write_envelope(MessageSource& payload, std::string_view key_id,
                            std::span<const std::byte> signature, const TextSink& sink) {
  CAVRA_CHECK(sink(kEnvelopeStart));
  payload.rewind();
  std::string block;
  for (std::string_view piece = payload.next(); !piece.empty(); piece = payload.next()) {
    block += piece;
    if (block.size() < kBlockBytes) continue;
    const std::size_t whole = block.size() / 3 * 3;  // base64 of the pieces is base64 of the whole
    CAVRA_CHECK(sink(to_base64(as_bytes(std::string_view(block).substr(0, whole)))));
    block.erase(0, whole);
  }
  CAVRA_CHECK(sink(to_base64(as_bytes(block))));
  std::string tail(kBeforeKeyId);
  append_json_string(tail, key_id);
  tail += kBeforeSignature;
  tail += to_base64(signature);
  tail += kEnvelopeEnd;
  return sink(tail);
}

Result<SignedStatement> read_envelope(std::string text) {
  if (text.size() > kMaxReceiptBytes) return no_envelope("it is above 1 GiB");
  if (!text.starts_with(kEnvelopeStart)) return no_envelope("it does not begin as one");
  std::string_view rest = std::string_view(text).substr(kEnvelopeStart.size());
  const std::size_t payload_chars = std::min(rest.find('"'), rest.size());
  rest.remove_prefix(payload_chars);
  if (!rest.starts_with(kBeforeKeyId))
    return no_envelope("after the payload comes something else than one signature");
  rest.remove_prefix(kBeforeKeyId.size());
  if (!rest.ends_with(kEnvelopeEnd)) return no_envelope("it does not end as one");
  rest.remove_suffix(kEnvelopeEnd.size());
  const std::size_t key_id_end = rest.rfind(kBeforeSignature);
  if (key_id_end == rest.npos) return no_envelope("it has no signature");

  SignedStatement statement;
  CAVRA_TRY(statement.key_id, read_key_id(rest.substr(0, key_id_end)));
  auto signature = from_base64(rest.substr(key_id_end + kBeforeSignature.size()));
  if (!signature || signature->size() != 64)
    return no_envelope("its signature is not the base64 of 64 bytes");
  statement.signature = *std::move(signature);
  CAVRA_TRY(statement.payload_at, decode_in_place(text, payload_chars));
  statement.pae = std::move(text);
  return statement;
}

}  // namespace engine

std::string dsse_pae(std::string_view payload_type, std::string_view payload) {
  return engine::pae_header(payload_type, payload.size()).append(payload);
}

Result<std::string> sign_receipt(const Receipt& receipt, const Signer& receipt_key) {
  const engine::ObjectAt object_at = [&](std::size_t index) { return receipt.objects[index]; };
  engine::StatementText statement(receipt, receipt.objects.size(), object_at);
  std::string envelope;
  CAVRA_CHECK(engine::sign_envelope(statement, receipt_key, [&](std::string_view text) {
    envelope += text;
    return Result<void>{};
  }));
  return envelope;
}

}  // namespace cavra
