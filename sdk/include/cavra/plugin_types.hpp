// The values and host callbacks that a plugin written in C++ deals with: see cavra/plugin.hpp.
//
// Texts and spans are lent until the call returns. Call::is_cancelled() may be asked from any
// thread during the call; Source and the sinks only from the thread of the call. A Log may be kept
// as long as its store, and written to from any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/abi_struct.hpp"
#include "cavra/plugin.h"
#include "cavra/support/result.hpp"

namespace cavra::sdk {

// ---- values ----------------------------------------------------------------------------------

struct PluginInfo {
  std::string_view id;  // reverse-DNS
  std::string_view version;
  std::string_view vendor;
  std::string_view licence;          // SPDX expression
  std::string_view settings_schema;  // JSON schema, draft-04
};

enum class LockMode : std::uint32_t {
  none = CAVRA_MODE_NONE,
  advisory = CAVRA_MODE_ADVISORY,
  governance = CAVRA_MODE_GOVERNANCE,
  compliance = CAVRA_MODE_COMPLIANCE,
};

struct Lock {
  LockMode mode = LockMode::none;
  std::optional<std::int64_t> retain_until_unix_s;
  bool legal_hold = false;
  friend bool operator==(const Lock&, const Lock&) = default;
};

using Sha256 = std::array<std::byte, 32>;

struct PutRequest {
  std::string_view key;
  std::uint64_t length = 0;
  Sha256 sha256{};
  std::string_view media_type;
  std::string_view metadata_json;
  Lock lock;
  std::string_view archive_prefix;  // of the keys of its archive, with '/' at the end; or empty
};

struct PutResult {
  bool is_created = false;         // else it was there already
  bool is_digest_checked = false;  // the store itself compared the SHA-256
  std::string version;
};

struct ObjectInfo {
  std::uint64_t length = 0;
  std::optional<Sha256> sha256;  // the store's own digest of the stored bytes
  std::optional<std::int64_t> stored_at_unix_s;
  Lock lock;
  std::optional<bool> is_latest = true;  // none: only a listing would tell
  bool is_complete = true;               // false: present but not yet locked as its put asked
  std::string version;
};

struct ListRequest {
  std::string_view prefix;
  std::string_view cursor;  // empty at the start; else what the last page gave
  std::uint32_t limit = 1;
};

struct ListEntry {
  enum class Kind : std::uint32_t {
    object = CAVRA_ENTRY_OBJECT,
    delete_marker = CAVRA_ENTRY_DELETE_MARKER,
    incomplete_upload = CAVRA_ENTRY_INCOMPLETE_UPLOAD,
  };
  Kind kind = Kind::object;
  std::string_view key;
  std::string_view version;
  std::uint64_t length = 0;
  std::optional<std::int64_t> stored_at_unix_s;
  bool is_latest = true;
};

struct Right {
  std::string name;
  std::string needed_for;
  std::string reason;
};

// As cavra_store_info.
struct StoreInfo {
  std::string location;
  std::string identity;
  std::string key_prefix;
  LockMode mode = LockMode::none;
  bool has_versions = false;
  bool has_legal_hold = false;
  bool checks_sha256 = false;
  bool has_no_dot_ends = false;
  std::uint32_t max_key_part_bytes = 0;
  std::uint32_t max_key_bytes = CAVRA_MAX_KEY_BYTES;
  std::optional<std::int64_t> last_retain_until_unix_s;
  std::optional<std::int64_t> longest_retention_s;
  std::optional<std::uint64_t> largest_object_bytes;
  std::string strength;
  std::vector<Right> rights;
  std::uint32_t sessions_wanted = 0;  // at once, to do best; 0: as the host likes
};

struct ProbeItem {
  enum class Verdict : std::uint32_t {
    ok = CAVRA_PROBE_OK,
    missing = CAVRA_PROBE_MISSING,
    excess = CAVRA_PROBE_EXCESS,
    unknown = CAVRA_PROBE_UNKNOWN,
    note = CAVRA_PROBE_NOTE,
  };
  Verdict verdict = Verdict::note;
  std::string_view name;
  std::string_view message;
  std::int64_t least_retention_s = 0;  // of every new object, by the store's own rule; 0: none
};

enum class Attempt : std::uint32_t {
  remove = CAVRA_ATTEMPT_DELETE,
  overwrite = CAVRA_ATTEMPT_OVERWRITE,
  shorten = CAVRA_ATTEMPT_SHORTEN,
  clear = CAVRA_ATTEMPT_CLEAR,
};

enum class AttemptOutcome : std::uint32_t {
  refused_by_lock = CAVRA_ATTEMPT_REFUSED_BY_LOCK,
  refused_by_rights = CAVRA_ATTEMPT_REFUSED_BY_RIGHTS,
  succeeded = CAVRA_ATTEMPT_SUCCEEDED,
};

// ---- what the host lends -----------------------------------------------------------------------

// Turns what a host callback returned into a Result. The host has its own words for its failure:
// the status is what it wants back.
[[nodiscard]] inline Result<void> from_host(cavra_status status, const char* what) {
  if (status == CAVRA_OK) return {};
  return Error{static_cast<ErrorCode>(status), std::string("the host ended ") + what};
}

class Call {
 public:
  Call() = default;
  explicit Call(const cavra_call* call) noexcept {
    if (call != nullptr) call_ = abi::receive(*call);
  }

  [[nodiscard]] bool is_cancelled() const noexcept {
    return call_.is_cancelled != nullptr && call_.is_cancelled(call_.ctx) != 0;
  }
  // libstdc++'s and libc++'s steady_clock is CLOCK_MONOTONIC.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const noexcept {
    if (call_.deadline_monotonic_ms == 0) return std::nullopt;
    return std::chrono::steady_clock::time_point(
        std::chrono::milliseconds(call_.deadline_monotonic_ms));
  }
  // Errors: cancelled, timeout. To be asked at least every 250 ms (rule 11).
  [[nodiscard]] Result<void> check() const {
    if (is_cancelled()) return Error{ErrorCode::cancelled, "cancelled"};
    if (const auto last = deadline(); last && std::chrono::steady_clock::now() >= *last)
      return Error{ErrorCode::timeout, "the time for this call is over", true};
    return {};
  }

 private:
  cavra_call call_{};
};

// Takes lines for whoever looks for a fault: see cavra_log. Copies are the same log.
class Log {
 public:
  Log() = default;
  explicit Log(const cavra_log* log) noexcept {
    if (log != nullptr) log_ = abi::receive(*log);
  }

  // Whether somebody listens. Cheap: ask before a line is made.
  [[nodiscard]] bool is_wanted() const noexcept { return log_.write != nullptr; }
  // One line without its break, and without a secret. Nothing where nobody listens.
  void debug(std::string_view line) const noexcept {
    if (is_wanted()) log_.write(log_.ctx, abi::str(line));
  }

 private:
  cavra_log log_{};
};

struct OpenRequest {
  std::string_view settings_json;
  std::string_view base_folder;
  std::uint32_t max_sessions = 1;
  std::uint64_t max_buffer_bytes = 0;
  Call call;
  Log log;
  std::string_view state_folder;  // for hints alone: see cavra_open_request; empty: none
};

class Source {
 public:
  explicit Source(const cavra_source* source) noexcept : source_(abi::receive(*source)) {}

  [[nodiscard]] std::uint64_t length() const noexcept { return source_.length; }

  // Fewer bytes than asked for only at the end.
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) {
    std::size_t got = 0;
    CAVRA_CHECK(from_host(source_.read_at(source_.ctx, offset, buffer.data(), buffer.size(), &got),
                          "the reading"));
    if (got > buffer.size()) return Error{ErrorCode::internal, "the host read beyond the buffer"};
    return got;
  }

  // The host's verdict, before the object becomes complete. An error: leave the object absent.
  [[nodiscard]] Result<void> finish() {
    return from_host(source_.finish(source_.ctx), "the put: the bytes are not those announced");
  }

 private:
  cavra_source source_;
};

class Sink {
 public:
  explicit Sink(const cavra_sink* sink) noexcept : sink_(abi::receive(*sink)) {}
  [[nodiscard]] Result<void> write(std::span<const std::byte> data) {
    return from_host(sink_.write(sink_.ctx, data.data(), data.size()), "the reading back");
  }

 private:
  cavra_sink sink_;
};

class ListSink {
 public:
  explicit ListSink(const cavra_list_sink* sink) noexcept : sink_(abi::receive(*sink)) {}
  [[nodiscard]] Result<void> entry(const ListEntry& entry) {
    auto c = abi::make<cavra_list_entry>();
    c.kind = static_cast<std::uint32_t>(entry.kind);
    c.key = abi::str(entry.key);
    c.version = abi::str(entry.version);
    c.length = entry.length;
    c.stored_at_unix_s = entry.stored_at_unix_s.value_or(CAVRA_NO_DATE);
    c.is_latest = entry.is_latest ? 1 : 0;
    return from_host(sink_.entry(sink_.ctx, &c), "the listing");
  }

 private:
  cavra_list_sink sink_;
};

class ProbeSink {
 public:
  explicit ProbeSink(const cavra_probe_sink* sink) noexcept : sink_(abi::receive(*sink)) {}
  [[nodiscard]] Result<void> item(const ProbeItem& item) {
    auto c = abi::make<cavra_probe_item>();
    c.verdict = static_cast<std::uint32_t>(item.verdict);
    c.name = abi::str(item.name);
    c.message = abi::str(item.message);
    c.least_retention_s = item.least_retention_s;
    return from_host(sink_.item(sink_.ctx, &c), "the probe");
  }

 private:
  cavra_probe_sink sink_;
};

// One object of put_many(): the session sets `result`.
struct PutItem {
  PutItem(const PutRequest& wanted, Source bytes) : request(wanted), source(bytes) {}

  PutRequest request;
  Source source;
  Result<PutResult> result = Error{ErrorCode::internal, "put_many passed over this object"};
};

}  // namespace cavra::sdk
