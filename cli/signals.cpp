#include "signals.hpp"

#include <csignal>
#include <cstdlib>

#include <unistd.h>

#include <atomic>

namespace cavra::cli {

namespace {

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "used in a signal handler");

void on_signal(int number) {
  int none = 0;
  if (!received.compare_exchange_strong(none, number)) ::_exit(128 + number);
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  // A pipe without a reader, and a file at its size limit (`ulimit -f`), are failed writes that the
  // program tells; the signals would end it without a word.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

bool is_interrupted() noexcept {
  return received.load(std::memory_order_relaxed) != 0;
}

int interrupted_exit_code() noexcept {
  const int number = received.load(std::memory_order_relaxed);
  return number == 0 ? 130 : 128 + number;
}

}  // namespace cavra::cli
