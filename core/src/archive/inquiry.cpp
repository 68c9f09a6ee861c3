#include "archive/inquiry.hpp"

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"

namespace cavra::engine {

namespace {

Answer doubt(Doubt doubt, std::string problem) {
  return {.doubt = doubt, .problem = std::move(problem), .info = {}, .proof = {}};
}

std::string version_words(std::string_view version) {
  return version.empty() ? "no version" : "version " + quoted(version, 100);
}

// What is wrong with the store's answer, if anything.
Answer judge(const WantedObject& wanted, const ObjectInfo& info) {
  if (!wanted.is_any_version && info.version != wanted.version)
    return doubt(Doubt::version, "asked for " + version_words(wanted.version) +
                                     ", the store answers for " + version_words(info.version));
  if (!info.is_complete)
    return doubt(Doubt::incomplete, "it is there, and not yet locked as its put asked");
  if (info.length != wanted.bytes)
    return doubt(Doubt::size, "it has " + std::to_string(info.length) +
                                  " bytes in the store, not " + std::to_string(wanted.bytes));
  if (!is_sufficient(info.lock, wanted.lock))
    return doubt(Doubt::lock, "the store shows " + describe(info.lock) + ", and " +
                                  describe(wanted.lock) + " is needed");
  if (wanted.stored_at_unix_s && info.stored_at_unix_s &&
      *wanted.stored_at_unix_s != *info.stored_at_unix_s)
    return doubt(Doubt::time, "the store has it since " + format_utc({*info.stored_at_unix_s, 0}) +
                                  ", not " + format_utc({*wanted.stored_at_unix_s, 0}));
  return {};
}

Result<Digest> read_back(StorageSession& session, const CallContext& call,
                         const WantedObject& wanted, const DigestQuestion& question,
                         std::uint64_t& bytes) {
  const auto hasher = (*question.hasher)();
  CAVRA_CHECK(session.get(call, wanted.key, wanted.version, 0,
                          [&](std::span<const std::byte> data) -> Result<void> {
                            bytes += data.size();
                            if (bytes > wanted.bytes)
                              return Error{ErrorCode::corrupt, "more bytes than it should have"};
                            hasher->update(data);
                            if (question.on_bytes) question.on_bytes(data.size());
                            return {};
                          }));
  return hasher->finish();
}

}  // namespace

const char* code_of(Doubt doubt) {
  switch (doubt) {
    case Doubt::none:
      break;
    case Doubt::missing:
      return "store.missing";
    case Doubt::version:
      return "store.version";
    case Doubt::size:
      return "store.size";
    case Doubt::incomplete:
    case Doubt::lock:
      return "store.lock";
    case Doubt::time:
      return "store.time";
    case Doubt::digest:
      return "store.digest";
  }
  return "store";
}

Result<Answer> ask_state(StorageSession& session, const CallContext& call,
                         const WantedObject& wanted) {
  auto info = session.stat(call, wanted.key, wanted.version);
  if (!info && info.error().code == ErrorCode::not_found)
    return doubt(Doubt::missing, wanted.version.empty()
                                     ? "it is not there"
                                     : "the store does not have " + version_words(wanted.version));
  if (!info) return at_key("ask for", wanted.key, std::move(info).error());
  Answer answer = judge(wanted, *info);
  answer.info = *std::move(info);
  return answer;
}

Result<void> ask_digest(StorageSession& session, const CallContext& call,
                        const WantedObject& wanted, const DigestQuestion& question,
                        Answer& answer) {
  const auto differs = [&answer](const std::string& how) {
    answer.doubt = Doubt::digest;
    answer.problem = "its bytes in the store are others: " + how;
  };
  if (question.takes_store_digest && answer.info.sha256) {
    answer.proof = Proof::store_digest;
    if (*answer.info.sha256 != wanted.sha256)
      differs("the store's SHA-256 is " + answer.info.sha256->hex() + ", not " +
              wanted.sha256.hex());
    return {};
  }
  answer.proof = Proof::read_back;
  std::uint64_t bytes = 0;
  auto digest = read_back(session, call, wanted, question, bytes);
  if (!digest) {
    // The sink ended the call, or the store itself says that what it has is rotten.
    if (digest.error().code == ErrorCode::corrupt) {
      differs(printable(digest.error().message));
    } else if (digest.error().code == ErrorCode::not_found) {
      answer.doubt = Doubt::missing;
      answer.problem = "the store answers for it, and does not give its bytes";
    } else {
      return at_key("read back", wanted.key, std::move(digest).error());
    }
  } else if (*digest != wanted.sha256) {
    differs("read back, " + std::to_string(bytes) + " bytes have the SHA-256 " + digest->hex() +
            ", not " + wanted.sha256.hex());
  }
  return {};
}

Error at_key(std::string_view act, std::string_view key, Error error) {
  error.message = std::string(act) + " " + quoted(key) + ": " + error.message;
  return error;
}

}  // namespace cavra::engine
