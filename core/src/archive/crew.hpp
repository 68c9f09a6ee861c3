// Runs one job for each index in several threads, and keeps the most serious error.
#pragma once

#include <cstddef>
#include <functional>

#include "cavra/support/result.hpp"

namespace cavra::engine {

// Callable from any thread.
using StopFlag = std::function<bool()>;
using Job = std::function<Result<void>(std::size_t index)>;
// Makes the job of one thread, in that thread: what it holds (a session) is that thread's alone.
// The flag is true once work in flight should end: cancelled, or a job has failed.
using JobMaker = std::function<Job(const StopFlag& is_stopped)>;

// Jobs begin in order of their index. After the first failure no other job begins. Errors: the most
// serious of those that jobs returned; cancelled where the caller cancelled.
[[nodiscard]] Result<void> run_crew(std::size_t count, std::size_t workers,
                                    const StopFlag& is_cancelled, const JobMaker& make_job);

// Whether `a` is to be told rather than `b`: by the exit codes 1 > 4 > 5 > 3 (docs/exit-codes.md).
[[nodiscard]] bool is_more_serious(ErrorCode a, ErrorCode b) noexcept;

}  // namespace cavra::engine
