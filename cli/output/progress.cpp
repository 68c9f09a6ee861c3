#include "progress.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "output.hpp"

namespace cavra::cli {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Nothing is shown for work that is over before a person would look.
constexpr std::int64_t kFirstDrawMs = 300;
constexpr std::int64_t kIntervalMs = 100;

bool is_capable_terminal() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

std::string clock_text(double seconds) {
  const auto whole = std::lround(seconds);
  char text[32];
  std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  return text;
}

}  // namespace

Progress::Progress(std::string what, std::uint64_t total_bytes, bool is_wanted)
    : what_(std::move(what)),
      total_(total_bytes),
      is_shown_(is_wanted && is_capable_terminal()),
      began_(steady_clock::now()),
      next_draw_ms_(kFirstDrawMs) {}

Progress::~Progress() {
  if (is_shown_) std::fputs("\r\033[K", stderr);
}

void Progress::show(std::uint64_t bytes_done) noexcept {
  if (!is_shown_) return;
  // Workers report in no order: the most is how far it is.
  std::uint64_t done = done_.load(std::memory_order_relaxed);
  while (done < bytes_done && !done_.compare_exchange_weak(done, bytes_done)) {
  }
  const auto now = steady_clock::now();
  const std::int64_t elapsed = duration_cast<milliseconds>(now - began_).count();
  std::int64_t due = next_draw_ms_.load(std::memory_order_relaxed);
  if (elapsed < due || !next_draw_ms_.compare_exchange_strong(due, elapsed + kIntervalMs)) return;
  const std::unique_lock lock(drawing_, std::try_to_lock);
  if (lock) draw(now);
}

void Progress::draw(steady_clock::time_point now) {
  const double seconds =
      static_cast<double>(duration_cast<milliseconds>(now - began_).count()) / 1000;
  const auto done = done_.load(std::memory_order_relaxed);
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string line = what_ + "  " + human_bytes(done);
  if (total_ > 0) {
    const std::uint64_t shown = done < total_ ? done : total_;
    line += " of " + human_bytes(total_) + "  " + std::to_string(shown * 100 / total_) + "%";
  }
  line += "  " + human_bytes(static_cast<std::uint64_t>(rate)) + "/s";
  if (total_ > done && rate > 0)
    line += "  " + clock_text(static_cast<double>(total_ - done) / rate) + " left";
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
}

}  // namespace cavra::cli
