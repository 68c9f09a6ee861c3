// Asks a store about one object version, and compares the answer with what must be there.
//
// The question behind both archiving (invariant I2) and status: the store's own answer, never what
// was sent.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "archive/store_session.hpp"
#include "cavra/hasher.hpp"
#include "cavra/lock.hpp"
#include "cavra/receipt.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

// What must be there.
struct WantedObject {
  std::string key;
  std::string version;          // empty: the store has none
  bool is_any_version = false;  // `version` is not known: the latest
  bool is_receipt = false;      // none of the bundle's
  Digest sha256;
  std::uint64_t bytes = 0;
  Lock lock;
  std::optional<std::int64_t> stored_at_unix_s{};  // the store's time of it, where that is known
};

// What an answer leaves to doubt, in the order in which it is looked at.
enum class Doubt { none, missing, version, incomplete, size, lock, time, digest };

// The finding that a doubt is: "store.missing", …; docs/findings.md.
[[nodiscard]] const char* code_of(Doubt doubt);

struct Answer {
  Doubt doubt = Doubt::none;
  std::string problem;  // for a person, goes on from the key; empty without doubt
  ObjectInfo info;
  Proof proof = Proof::read_back;
};

// All but the digest. Errors: the store could not be asked.
[[nodiscard]] Result<Answer> ask_state(StorageSession& session, const CallContext& call,
                                       const WantedObject& wanted);

struct DigestQuestion {
  const HasherFactory* hasher = nullptr;
  bool takes_store_digest = false;  // believe the store's own digest, where it gives one
  std::function<void(std::uint64_t)> on_bytes;
};

// Adds to an answer without doubt how the digest was shown. Errors: the store could not be asked.
[[nodiscard]] Result<void> ask_digest(StorageSession& session, const CallContext& call,
                                      const WantedObject& wanted, const DigestQuestion& question,
                                      Answer& answer);

// State and bytes. The bytes are looked at also where the lock or the time is in doubt.
struct FullAnswer {
  Answer state;             // without Doubt::digest
  std::string other_bytes;  // a problem as in Answer; empty: they are right, or were not looked at

  // The one answer: other bytes count before a lock that is too weak. So where the lock is in
  // doubt, the bytes are right.
  [[nodiscard]] Answer most_serious() &&;
};

// In one request where the store can. Errors: the store could not be asked.
[[nodiscard]] Result<FullAnswer> ask_all(StorageSession& session, const CallContext& call,
                                         const WantedObject& wanted,
                                         const DigestQuestion& question);

// An error that names the key: `put "a/b": …`.
[[nodiscard]] Error at_key(std::string_view act, std::string_view key, Error error);

}  // namespace cavra::engine
