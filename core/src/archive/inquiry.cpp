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

// The digest of what comes back, as far as it comes.
class BytesBack {
 public:
  BytesBack(const WantedObject& wanted, const DigestQuestion& question)
      : wanted_(wanted), question_(question), hasher_((*question.hasher)()) {}

  [[nodiscard]] ByteSink sink() {
    return [this](std::span<const std::byte> data) -> Result<void> {
      bytes_ += data.size();
      if (bytes_ > wanted_.bytes)
        return Error{ErrorCode::corrupt, "more bytes than it should have"};
      hasher_->update(data);
      if (question_.on_bytes) question_.on_bytes(data.size());
      return {};
    };
  }
  // What is wrong with them; empty where nothing is.
  [[nodiscard]] std::string differs() {
    const Digest digest = hasher_->finish();
    if (digest == wanted_.sha256) return {};
    return "read back, " + std::to_string(bytes_) + " bytes have the SHA-256 " + digest.hex() +
           ", not " + wanted_.sha256.hex();
  }

 private:
  const WantedObject& wanted_;
  const DigestQuestion& question_;
  std::unique_ptr<Hasher> hasher_;
  std::uint64_t bytes_ = 0;
};

std::string other_bytes(const std::string& how) {
  return "its bytes in the store are others: " + how;
}

Answer not_there(const WantedObject& wanted) {
  return doubt(Doubt::missing, wanted.version.empty()
                                   ? "it is not there"
                                   : "the store does not have " + version_words(wanted.version));
}

// Whether what is there may still have the bytes wanted.
bool is_there(Doubt doubt) {
  return doubt == Doubt::none || doubt == Doubt::incomplete || doubt == Doubt::lock ||
         doubt == Doubt::time;
}

// For a store that tells its state with the bytes.
Result<FullAnswer> read_all(StorageSession& session, const CallContext& call,
                            const WantedObject& wanted, const DigestQuestion& question) {
  FullAnswer all;
  BytesBack bytes(wanted, question);
  auto info = session.read(call, wanted.key, wanted.version, bytes.sink());
  if (!info) {
    if (info.error().code == ErrorCode::not_found) {
      all.state = not_there(wanted);
    } else if (info.error().code == ErrorCode::corrupt) {
      all.other_bytes = other_bytes(printable(info.error().message));
    } else {
      return at_key("read back", wanted.key, std::move(info).error());
    }
    return all;
  }
  all.state = judge(wanted, *info);
  if (is_there(all.state.doubt))
    if (const std::string how = bytes.differs(); !how.empty()) all.other_bytes = other_bytes(how);
  all.state.info = *std::move(info);
  return all;
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
  if (!info && info.error().code == ErrorCode::not_found) return not_there(wanted);
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
    answer.problem = other_bytes(how);
  };
  if (question.takes_store_digest && answer.info.sha256) {
    answer.proof = Proof::store_digest;
    if (*answer.info.sha256 != wanted.sha256)
      differs("the store's SHA-256 is " + answer.info.sha256->hex() + ", not " +
              wanted.sha256.hex());
    return {};
  }
  answer.proof = Proof::read_back;
  BytesBack bytes(wanted, question);
  auto read = session.get(call, wanted.key, wanted.version, 0, bytes.sink());
  if (!read) {
    // The sink ended the call, or the store itself says that what it has is rotten.
    if (read.error().code == ErrorCode::corrupt) {
      differs(printable(read.error().message));
    } else if (read.error().code == ErrorCode::not_found) {
      answer.doubt = Doubt::missing;
      answer.problem = "the store answers for it, and does not give its bytes";
    } else {
      return at_key("read back", wanted.key, std::move(read).error());
    }
  } else if (const std::string how = bytes.differs(); !how.empty()) {
    differs(how);
  }
  return {};
}

Answer FullAnswer::most_serious() && {
  if (!other_bytes.empty()) {
    state.doubt = Doubt::digest;
    state.problem = std::move(other_bytes);
  }
  return std::move(state);
}

Result<FullAnswer> ask_all(StorageSession& session, const CallContext& call,
                           const WantedObject& wanted, const DigestQuestion& question) {
  if (session.reads_state() && !question.takes_store_digest)
    return read_all(session, call, wanted, question);
  FullAnswer all;
  CAVRA_TRY(all.state, ask_state(session, call, wanted));
  if (!is_there(all.state.doubt)) return all;
  Answer bytes{.doubt = Doubt::none, .problem = {}, .info = all.state.info, .proof = {}};
  CAVRA_CHECK(ask_digest(session, call, wanted, question, bytes));
  all.state.proof = bytes.proof;
  if (bytes.doubt == Doubt::missing)
    all.state = std::move(bytes);
  else
    all.other_bytes = std::move(bytes.problem);
  return all;
}

Error at_key(std::string_view act, std::string_view key, Error error) {
  error.message = std::string(act) + " " + quoted(key) + ": " + error.message;
  return error;
}

}  // namespace cavra::engine
