// Progress shows bytes, rate and time left on one line of a terminal: ten times a second at most.
//
// Silent where standard error is no terminal, with --quiet, --json and TERM=dumb. show() is
// callable from any thread; the line is removed when the object goes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace cavra::cli {

class Progress {
 public:
  // `total_bytes` 0: not known.
  Progress(std::string what, std::uint64_t total_bytes, bool is_wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // How many bytes are done by now, in all.
  void show(std::uint64_t bytes_done) noexcept;

 private:
  void draw(std::chrono::steady_clock::time_point now);

  std::string what_;
  std::uint64_t total_;
  bool is_shown_;
  std::chrono::steady_clock::time_point began_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::int64_t> next_draw_ms_{0};
  std::mutex drawing_;
};

}  // namespace cavra::cli
