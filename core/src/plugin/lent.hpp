// What the host lends to a plugin for one call: the call itself, the bytes to store, and sinks; and
// a log for as long as a store is open.
//
// All but the log live on the stack of one call. The callbacks check what the plugin passes, throw
// nothing, and remember the host's own error, which says more than the status that comes back. They
// answer only the thread of the call (rule 8 of cavra/plugin.h), but for is_cancelled and the log.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cavra/plugin.h"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra::plugin {

// The first thing that went wrong in a callback: either the host's own failure, or a breach of the
// contract by the plugin.
class Trouble {
 public:
  // Runs a callback's body. A failure is kept, and its status goes to the plugin.
  template <class Body>
  cavra_status answer(Body&& body) noexcept;

  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }
  [[nodiscard]] bool is_breach() const noexcept { return is_breach_ || is_elsewhere_; }
  // What the host has to say once the call is over; nothing where all went well.
  [[nodiscard]] std::optional<Error> verdict() const;

  // For bodies: the plugin broke the contract.
  Error breach(std::string what);

 private:
  cavra_status keep(Error error) noexcept;

  std::thread::id thread_ = std::this_thread::get_id();
  std::optional<Error> error_;
  bool is_breach_ = false;
  std::atomic<bool> is_elsewhere_ = false;  // a callback came from another thread
};

class LentCall {
 public:
  explicit LentCall(const CallContext& context);
  LentCall(const LentCall&) = delete;
  LentCall& operator=(const LentCall&) = delete;
  [[nodiscard]] const cavra_call* get() const noexcept { return &call_; }
  [[nodiscard]] bool is_cancelled() const noexcept;
  // Nothing while the call may go on. Errors: cancelled, timeout. Callbacks ask it, so that a
  // plugin that calls back for ever comes to an end.
  [[nodiscard]] Result<void> check() const;
  // Gives the next page of a listing its time.
  void begin_next_page();

 private:
  void set_deadline(std::chrono::steady_clock::time_point deadline);

  const CallContext& context_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  cavra_call call_;
};

class LentSource {
 public:
  LentSource(ObjectSource& source, const LentCall& call);
  LentSource(const LentSource&) = delete;
  LentSource& operator=(const LentSource&) = delete;
  [[nodiscard]] const cavra_source* get() const noexcept { return &lent_; }
  [[nodiscard]] const Trouble& trouble() const noexcept { return trouble_; }
  [[nodiscard]] bool is_finished() const noexcept { return is_finished_; }

 private:
  Result<void> read_at(std::uint64_t offset, void* buffer, std::size_t length, std::size_t* got);
  Result<void> finish();

  ObjectSource& source_;
  const LentCall& call_;
  cavra_source lent_;
  std::uint64_t length_;
  std::uint64_t read_to_ = 0;  // all bytes before it have been read at least once
  bool is_finished_ = false;
  Trouble trouble_;
};

class LentByteSink {
 public:
  LentByteSink(const ByteSink& sink, const LentCall& call);
  LentByteSink(const LentByteSink&) = delete;
  LentByteSink& operator=(const LentByteSink&) = delete;
  [[nodiscard]] const cavra_sink* get() const noexcept { return &lent_; }
  [[nodiscard]] const Trouble& trouble() const noexcept { return trouble_; }

 private:
  const ByteSink& sink_;
  const LentCall& call_;
  cavra_sink lent_;
  Trouble trouble_;
};

// Takes the entries of one listing, page by page, and checks their order.
class LentListSink {
 public:
  LentListSink(const std::string& prefix, const ListSink& sink, const LentCall& call);
  LentListSink(const LentListSink&) = delete;
  LentListSink& operator=(const LentListSink&) = delete;
  [[nodiscard]] const cavra_list_sink* get() const noexcept { return &lent_; }
  [[nodiscard]] const Trouble& trouble() const noexcept { return trouble_; }
  void begin_page(std::uint32_t limit) noexcept { room_ = limit_ = limit; }
  [[nodiscard]] bool is_page_empty() const noexcept { return room_ == limit_; }

 private:
  Result<void> take(const cavra_list_entry* entry);

  const std::string& prefix_;
  const ListSink& sink_;
  const LentCall& call_;
  cavra_list_sink lent_;
  std::uint32_t limit_ = 0;
  std::uint32_t room_ = 0;  // of them left
  std::string last_object_key_;
  std::string last_upload_key_;
  std::optional<ListEntry> last_;
  Trouble trouble_;
};

// Any thread, as `write` is.
class LentLog {
 public:
  explicit LentLog(std::function<void(std::string_view line)> write);
  LentLog(const LentLog&) = delete;
  LentLog& operator=(const LentLog&) = delete;
  // Null where nobody listens.
  [[nodiscard]] const cavra_log* get() const noexcept { return write_ ? &lent_ : nullptr; }

 private:
  std::function<void(std::string_view line)> write_;
  cavra_log lent_;
};

class LentProbeSink {
 public:
  explicit LentProbeSink(const LentCall& call);
  LentProbeSink(const LentProbeSink&) = delete;
  LentProbeSink& operator=(const LentProbeSink&) = delete;
  [[nodiscard]] const cavra_probe_sink* get() const noexcept { return &lent_; }
  [[nodiscard]] const Trouble& trouble() const noexcept { return trouble_; }
  [[nodiscard]] std::vector<ProbeItem> take_items() { return std::move(items_); }

 private:
  const LentCall& call_;
  cavra_probe_sink lent_;
  std::vector<ProbeItem> items_;
  Trouble trouble_;
};

}  // namespace cavra::plugin
