#include "plugin/lent.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "cavra/abi_struct.hpp"
#include "cavra/support/encoding.hpp"
#include "plugin/answers.hpp"
#include "plugin/foreign_text.hpp"

namespace cavra::plugin {

namespace {

constexpr std::size_t kMaxProbeItems = 1000;
constexpr std::size_t kMaxLogLineBytes = CAVRA_MAX_TEXT_BYTES;

std::int64_t to_monotonic_ms(std::chrono::steady_clock::time_point at) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch());
  return std::max<std::int64_t>(ms.count(), 1);  // 0 is no deadline
}

}  // namespace

// ---- Trouble -----------------------------------------------------------------------------------

template <class Body>
cavra_status Trouble::answer(Body&& body) noexcept {
  if (std::this_thread::get_id() != thread_) {
    is_elsewhere_ = true;
    return CAVRA_E_USAGE;
  }
  // Once something failed, the call is over for the host.
  if (error_) return is_breach_ ? CAVRA_E_USAGE : static_cast<cavra_status>(error_->code);
  try {
    Result<void> result = std::forward<Body>(body)();
    return result ? CAVRA_OK : keep(std::move(result).error());
  } catch (const std::exception& thrown) {
    return keep({ErrorCode::internal, thrown.what()});
  } catch (...) {
    return keep({ErrorCode::internal, "unknown exception"});
  }
}

cavra_status Trouble::keep(Error error) noexcept {
  error_ = std::move(error);
  return is_breach_ ? CAVRA_E_USAGE : static_cast<cavra_status>(error_->code);
}

Error Trouble::breach(std::string what) {
  is_breach_ = true;
  return {ErrorCode::internal, std::move(what)};
}

std::optional<Error> Trouble::verdict() const {
  if (is_elsewhere_)
    return Error{ErrorCode::internal, "called the host back from another thread than the call's"};
  return error_;
}

// ---- LentCall ----------------------------------------------------------------------------------

LentCall::LentCall(const CallContext& context) : context_(context), call_(abi::make<cavra_call>()) {
  if (context.deadline) set_deadline(*context.deadline);
  call_.ctx = this;
  call_.is_cancelled = [](void* ctx) -> std::uint32_t {
    return static_cast<const LentCall*>(ctx)->is_cancelled() ? 1 : 0;
  };
}

void LentCall::set_deadline(std::chrono::steady_clock::time_point deadline) {
  deadline_ = deadline;
  call_.deadline_monotonic_ms = to_monotonic_ms(deadline);
}

void LentCall::begin_next_page() {
  if (context_.page_timeout > std::chrono::milliseconds::zero())
    set_deadline(std::chrono::steady_clock::now() + context_.page_timeout);
}

bool LentCall::is_cancelled() const noexcept {
  try {
    return context_.is_cancelled && context_.is_cancelled();
  } catch (...) {
    return true;
  }
}

Result<void> LentCall::check() const {
  if (is_cancelled()) return Error{ErrorCode::cancelled, "interrupted"};
  if (deadline_ && std::chrono::steady_clock::now() > *deadline_)
    return Error{ErrorCode::timeout, "the store took too long; try again", true};
  return {};
}

// ---- LentSource --------------------------------------------------------------------------------

LentSource::LentSource(ObjectSource& source, const LentCall& call)
    : source_(source), call_(call), lent_(abi::make<cavra_source>()), length_(source.length()) {
  lent_.length = length_;
  lent_.ctx = this;
  lent_.read_at = [](void* ctx, std::uint64_t offset, void* buffer, std::size_t length,
                     std::size_t* got) -> cavra_status {
    auto& self = *static_cast<LentSource*>(ctx);
    return self.trouble_.answer([&] { return self.read_at(offset, buffer, length, got); });
  };
  lent_.finish = [](void* ctx) -> cavra_status {
    auto& self = *static_cast<LentSource*>(ctx);
    return self.trouble_.answer([&] { return self.finish(); });
  };
}

Result<void> LentSource::read_at(std::uint64_t offset, void* buffer, std::size_t length,
                                 std::size_t* got) {
  CAVRA_CHECK(call_.check());
  if (got == nullptr || (buffer == nullptr && length > 0))
    return trouble_.breach("read without a place to put the bytes");
  if (offset > length_)
    return trouble_.breach("read at " + std::to_string(offset) + " of an object of " +
                           std::to_string(length_) + " bytes");
  if (offset > read_to_)
    return trouble_.breach("read at " + std::to_string(offset) + " before the bytes from " +
                           std::to_string(read_to_) + " on");
  const std::span<std::byte> room(static_cast<std::byte*>(buffer),
                                  std::min<std::uint64_t>(length, length_ - offset));
  std::size_t filled = 0;
  while (filled < room.size()) {
    CAVRA_TRY(const std::size_t more, source_.read_at(offset + filled, room.subspan(filled)));
    if (more == 0 || more > room.size() - filled)
      return Error{ErrorCode::corrupt, "ends after " + std::to_string(offset + filled) +
                                           " bytes of " + std::to_string(length_)};
    filled += more;
  }
  read_to_ = std::max(read_to_, offset + filled);
  *got = filled;
  return {};
}

Result<void> LentSource::finish() {
  if (is_finished_) return trouble_.breach("asked for the verdict twice");
  if (read_to_ != length_)
    return trouble_.breach("asked for the verdict after " + std::to_string(read_to_) +
                           " bytes of " + std::to_string(length_));
  is_finished_ = true;
  return source_.finish();
}

// ---- sinks -------------------------------------------------------------------------------------

LentByteSink::LentByteSink(const ByteSink& sink, const LentCall& call)
    : sink_(sink), call_(call), lent_(abi::make<cavra_sink>()) {
  lent_.ctx = this;
  lent_.write = [](void* ctx, const void* data, std::size_t length) -> cavra_status {
    auto& self = *static_cast<LentByteSink*>(ctx);
    return self.trouble_.answer([&]() -> Result<void> {
      CAVRA_CHECK(self.call_.check());
      if (data == nullptr && length > 0) return self.trouble_.breach("gave a length and no bytes");
      return self.sink_({static_cast<const std::byte*>(data), length});
    });
  };
}

LentListSink::LentListSink(const std::string& prefix, const ListSink& sink, const LentCall& call)
    : prefix_(prefix), sink_(sink), call_(call), lent_(abi::make<cavra_list_sink>()) {
  lent_.ctx = this;
  lent_.entry = [](void* ctx, const cavra_list_entry* entry) -> cavra_status {
    auto& self = *static_cast<LentListSink*>(ctx);
    return self.trouble_.answer([&] { return self.take(entry); });
  };
}

Result<void> LentListSink::take(const cavra_list_entry* entry) {
  CAVRA_CHECK(call_.check());
  if (room_ == 0) return trouble_.breach("told more entries than were asked for");
  --room_;
  auto told = read_list_entry(entry);
  if (!told) return trouble_.breach(std::move(told).error().message);
  if (!told->key.starts_with(prefix_))
    return trouble_.breach("told " + quoted(told->key, 200) + ", which is not under the prefix");
  const bool is_upload = told->kind == ListEntry::Kind::incomplete_upload;
  std::string& before = is_upload ? last_upload_key_ : last_object_key_;
  if (told->key < before)
    return trouble_.breach("told " + quoted(told->key, 200) + " after " + quoted(before, 200));
  if (last_ && last_->kind == told->kind && last_->key == told->key &&
      last_->version == told->version)
    return trouble_.breach("told " + quoted(told->key, 200) + " twice");
  before = told->key;
  last_ = *told;
  return sink_(*told);
}

// ---- LentLog -----------------------------------------------------------------------------------

LentLog::LentLog(std::function<void(std::string_view line)> write)
    : write_(std::move(write)), lent_(abi::make<cavra_log>()) {
  lent_.ctx = this;
  lent_.write = [](void* ctx, cavra_str line) {
    try {
      static_cast<LentLog*>(ctx)->write_(printable(abi::view(line), kMaxLogLineBytes));
    } catch (...) {  // a line less, and nobody to tell
    }
  };
}

// ---- the probe's sink --------------------------------------------------------------------------

LentProbeSink::LentProbeSink(const LentCall& call)
    : call_(call), lent_(abi::make<cavra_probe_sink>()) {
  lent_.ctx = this;
  lent_.item = [](void* ctx, const cavra_probe_item* item) -> cavra_status {
    auto& self = *static_cast<LentProbeSink*>(ctx);
    return self.trouble_.answer([&]() -> Result<void> {
      CAVRA_CHECK(self.call_.check());
      if (self.items_.size() == kMaxProbeItems) return self.trouble_.breach("does not end");
      auto read = read_probe_item(item);
      if (!read) return self.trouble_.breach(std::move(read).error().message);
      self.items_.push_back(*std::move(read));
      return {};
    });
  };
}

}  // namespace cavra::plugin
