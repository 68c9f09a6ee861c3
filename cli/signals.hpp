// Ctrl-C and SIGTERM: the first asks the work to stop cleanly, the second ends the program at once.
#pragma once

namespace cavra::cli {

// Once, from main, before any thread.
void install_signal_handlers();

// Whether a signal has asked to stop. Any thread; cheap.
[[nodiscard]] bool is_interrupted() noexcept;

// 130 or 143 for the signal that came.
[[nodiscard]] int interrupted_exit_code() noexcept;

}  // namespace cavra::cli
