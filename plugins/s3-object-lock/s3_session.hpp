// S3Session: the calls of one worker on a bucket. One thread at a time; the store outlives it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "object_versions.hpp"
#include "s3_store.hpp"

namespace cavra::s3 {

class S3Session {
 public:
  S3Session(S3Store& store, std::unique_ptr<http::Session> session)
      : store_(store), session_(std::move(session)) {}
  ~S3Session() { store_.service().sessions().give_back(std::move(session_)); }
  S3Session(const S3Session&) = delete;
  S3Session& operator=(const S3Session&) = delete;

  // So many share one look for what others put at the same moment.
  static constexpr std::uint32_t kMaxBatchObjects = 128;

  // The calls of cavra_storage_v1 and of its batches, with its error codes.
  [[nodiscard]] Result<sdk::PutResult> put(const sdk::Call& call, const sdk::PutRequest& request,
                                           sdk::Source& source);
  [[nodiscard]] Result<void> put_many(const sdk::Call& call, std::span<sdk::PutItem> items);
  // Each version is durable once it is answered.
  [[nodiscard]] static Result<void> barrier(const sdk::Call&) { return {}; }
  [[nodiscard]] Result<sdk::ObjectInfo> stat(const sdk::Call& call, std::string_view key,
                                             std::string_view version);
  [[nodiscard]] Result<void> get(const sdk::Call& call, std::string_view key,
                                 std::string_view version, std::uint64_t offset, sdk::Sink& sink);
  [[nodiscard]] Result<sdk::ObjectInfo> read(const sdk::Call& call, std::string_view key,
                                             std::string_view version, sdk::Sink& sink);
  [[nodiscard]] Result<std::string> list(const sdk::Call& call, const sdk::ListRequest& request,
                                         sdk::ListSink& sink);
  [[nodiscard]] Result<void> raise_lock(const sdk::Call& call, std::string_view key,
                                        std::string_view version, const sdk::Lock& lock);
  [[nodiscard]] Result<void> set_hold(const sdk::Call& call, std::string_view key,
                                      std::string_view version);
  [[nodiscard]] Result<void> clear_hold(const sdk::Call& call, std::string_view key,
                                        std::string_view version);
  [[nodiscard]] Result<void> probe(const sdk::Call& call, sdk::ProbeSink& sink);
  [[nodiscard]] Result<void> seal(const sdk::Call& call, std::string_view prefix);
  [[nodiscard]] Result<sdk::AttemptOutcome> attempt(const sdk::Call& call, sdk::Attempt act,
                                                    std::string_view key, std::string_view version);

 private:
  [[nodiscard]] Asking asking(const sdk::Call& call) { return {store_.service(), *session_, call}; }
  [[nodiscard]] Result<sdk::PutResult> put_one(const Asking& ask, sdk::PutItem& item);
  [[nodiscard]] Result<http::Response> read_from(const Asking& ask, std::string_view key,
                                                 std::string_view version, std::uint64_t offset,
                                                 sdk::Sink& sink);
  [[nodiscard]] Result<sdk::ObjectInfo> info_of(const Asking& ask, std::string_view key,
                                                std::string_view version, ShownVersion shown);
  [[nodiscard]] Result<sdk::Lock> lock_shown_by(const Asking& ask, std::string_view key,
                                                const ShownVersion& shown);

  S3Store& store_;
  std::unique_ptr<http::Session> session_;
};

}  // namespace cavra::s3
