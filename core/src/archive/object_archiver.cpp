#include "archive/object_archiver.hpp"

#include "cavra/support/encoding.hpp"

namespace cavra::engine {

namespace {

// Bytes that somebody else put there are a conflict; all else is for the next run to complete.
Error not_proven(const WantedObject& wanted, const Answer& answer, bool is_created) {
  const bool has_other_bytes = answer.doubt == Doubt::size || answer.doubt == Doubt::digest;
  if (has_other_bytes && !is_created)
    return {ErrorCode::conflict, quoted(wanted.key) +
                                     ": the store says that it has this object "
                                     "already, but " +
                                     answer.problem};
  return {ErrorCode::unproven,
          quoted(wanted.key) + ": the store took it and does not prove it: " + answer.problem};
}

}  // namespace

Result<void> ObjectArchiver::raise(const WantedObject& wanted, const Answer& answer,
                                   bool is_created) {
  CAVRA_TRY(StorageSession* const session, writer_.get());
  Lock with_hold = answer.info.lock;
  with_hold.legal_hold = true;
  const bool lacks_hold_only = is_sufficient(with_hold, wanted.lock);
  auto done = lacks_hold_only
                  ? session->set_hold(limits_.context(), wanted.key, wanted.version)
                  : session->raise_lock(limits_.context(), wanted.key, wanted.version, wanted.lock);
  if (done) return {};
  Error error = std::move(done).error();
  const bool says_no = error.code == ErrorCode::refused || error.code == ErrorCode::forbidden;
  // A store that drops the lock of its own put and cannot raise it has not shown the lock. Where
  // the object was there before, the right to raise is what is missing.
  if (error.code == ErrorCode::unsupported || (is_created && says_no))
    error.code = ErrorCode::unproven;
  error.message = answer.problem + ", and raising it failed: " + error.message;
  return at_key("raise the lock of", wanted.key, std::move(error));
}

Result<Answer> ObjectArchiver::ask(const WantedObject& wanted, bool is_created) {
  CAVRA_TRY(StorageSession* const session, prover_.get());
  CAVRA_TRY(FullAnswer all, ask_all(*session, limits_.context(wanted.bytes), wanted, question_));
  Answer answer = std::move(all).most_serious();
  // Raising cannot be undone: by now it is known that these are the right bytes.
  if (answer.doubt != Doubt::lock) return answer;
  CAVRA_CHECK(raise(wanted, answer, is_created));
  CAVRA_TRY(Answer raised, ask_state(*session, limits_.context(), wanted));
  if (raised.doubt == Doubt::none) ++tally_.raised;
  raised.proof = answer.proof;
  return raised;
}

Result<Answer> ObjectArchiver::raise_lock(const WantedObject& wanted) {
  return ask(wanted, false);
}

Result<Answer> ObjectArchiver::clear_hold(const WantedObject& wanted) {
  CAVRA_TRY(StorageSession* const shows, prover_.get());
  CAVRA_TRY(Answer answer, ask_state(*shows, limits_.context(), wanted));
  // Also where none is shown: not everybody who may clear a hold is shown it.
  if (answer.doubt == Doubt::none) {
    const bool was_shown = answer.info.lock.legal_hold;
    CAVRA_TRY(StorageSession* const writes, writer_.get());
    auto cleared = writes->clear_hold(limits_.context(), wanted.key, wanted.version);
    if (!cleared) return at_key("clear the hold of", wanted.key, std::move(cleared).error());
    CAVRA_TRY(answer, ask_state(*shows, limits_.context(), wanted));
    if (answer.info.lock.legal_hold)
      return Error{ErrorCode::unproven,
                   quoted(wanted.key) + ": the store still shows the legal hold that it cleared"};
    tally_.cleared += was_shown ? 1 : 0;
  }
  if (answer.doubt == Doubt::none)
    CAVRA_CHECK(ask_digest(*shows, limits_.context(wanted.bytes), wanted, question_, answer));
  return answer;
}

Result<void> ObjectArchiver::prove(PendingObject& object, const PutResult& put) {
  const PutRequest& request = object.request;
  ++(put.is_created ? tally_.created : tally_.already_present);
  const WantedObject wanted{.key = request.key,
                            .version = put.version,
                            .sha256 = request.sha256,
                            .bytes = request.length,
                            .lock = request.lock};
  CAVRA_TRY(Answer answer, ask(wanted, put.is_created));
  if (answer.doubt != Doubt::none) return not_proven(wanted, answer, put.is_created);
  object.shown = {.version = std::move(answer.info.version),
                  .lock = answer.info.lock,
                  .stored_at_unix_s = answer.info.stored_at_unix_s,
                  .proof = answer.proof,
                  .is_latest = answer.info.is_latest};
  return {};
}

Result<PutResult> ObjectArchiver::put(StorageSession& session, PendingObject& object) const {
  const PutRequest& request = object.request;
  auto put = session.put(limits_.context(request.length), request, *object.source);
  if (!put) return at_key("put", request.key, std::move(put).error());
  return put;
}

// All or nothing is not asked of a batch: what got there is found by the next run.
Result<std::vector<PutResult>> ObjectArchiver::put_batch(StorageSession& session,
                                                         std::span<PendingObject> objects) const {
  std::vector<BatchItem> items(objects.size());
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    items[i].request = &objects[i].request;
    items[i].source = objects[i].source.get();
    bytes += objects[i].request.length;
  }
  const auto at_batch = [&](const char* act, Error error) {
    return at_key(act, objects.front().request.key + " and the objects after it", std::move(error));
  };
  if (auto put = session.put_many(limits_.context(bytes), items); !put)
    return at_batch("put", std::move(put).error());
  std::optional<Error> worst;
  std::vector<PutResult> results;
  for (BatchItem& item : items) {
    if (item.result) {
      results.push_back(*std::move(item.result));
    } else if (!worst || is_more_serious(item.result.error().code, worst->code)) {
      worst = at_key("put", item.request->key, std::move(item.result).error());
    }
  }
  if (worst) return *std::move(worst);
  if (auto done = session.barrier(limits_.context(bytes)); !done)
    return at_batch("make durable", std::move(done).error());
  return results;
}

Result<void> ObjectArchiver::archive(std::span<PendingObject> objects) {
  CAVRA_TRY(StorageSession* const session, writer_.get());
  if (objects.size() > 1 && objects.size() <= session->max_batch_objects()) {
    CAVRA_TRY(const auto results, put_batch(*session, objects));
    for (std::size_t i = 0; i < objects.size(); ++i)
      CAVRA_CHECK(prove(objects[i], results[i]));
    return {};
  }
  for (PendingObject& object : objects) {
    CAVRA_TRY(const PutResult result, put(*session, object));
    CAVRA_CHECK(prove(object, result));
  }
  return {};
}

}  // namespace cavra::engine
