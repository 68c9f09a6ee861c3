#include "archive/crew.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "cavra/archive.hpp"

using namespace cavra;
using namespace cavra::engine;

TEST_CASE("every index is done once") {
  for (const std::size_t workers : {1U, 2U, 8U}) {
    std::vector<std::atomic<int>> done(1000);
    CHECK(run_crew(done.size(), workers, {}, [&](const StopFlag&) -> Job {
      return [&](std::size_t index) {
        ++done[index];
        return Result<void>{};
      };
    }));
    for (const auto& times : done)
      REQUIRE(times == 1);
  }
}

TEST_CASE("workers are those asked for, else those that the store wants, else one a core") {
  StoreDescription store;
  CHECK(worker_count(0, store) == worker_count(0));
  CHECK(worker_count(3, store) == 3);
  store.sessions_wanted = 12;
  CHECK(worker_count(0, store) == 12);
  CHECK(worker_count(3, store) == 3);
  store.sessions_wanted = 1;
  CHECK(worker_count(0, store) == 1);
  store.sessions_wanted = 4'000'000'000;
  CHECK(worker_count(0, store) == 32);
  CHECK(worker_count(256, store) == 256);
}

TEST_CASE("nothing to do is done") {
  CHECK(run_crew(0, 4, {}, [](const StopFlag&) -> Job {
    return [](std::size_t) -> Result<void> { return Error{ErrorCode::internal, "called"}; };
  }));
}

TEST_CASE("after a failure no job begins") {
  std::atomic<int> begun = 0;
  const auto result = run_crew(1000, 1, {}, [&](const StopFlag&) -> Job {
    return [&](std::size_t index) -> Result<void> {
      ++begun;
      if (index == 10) return Error{ErrorCode::io, "the tenth"};
      return {};
    };
  });
  CHECK(result.error().message == "the tenth");
  CHECK(begun == 11);
}

TEST_CASE("the most serious error of those in flight is kept") {
  std::atomic<int> waiting = 0;
  const auto result = run_crew(3, 3, {}, [&](const StopFlag& is_stopped) -> Job {
    return [&, is_stopped](std::size_t index) -> Result<void> {
      ++waiting;
      while (waiting < 3)
        std::this_thread::yield();
      if (index == 0) return Error{ErrorCode::io, "io"};
      while (!is_stopped())
        std::this_thread::yield();
      return index == 1 ? Error{ErrorCode::corrupt, "corrupt"}
                        : Error{ErrorCode::cancelled, "stopped"};
    };
  });
  CHECK(result.error().code == ErrorCode::corrupt);
}

TEST_CASE("errors rank as their exit codes do") {
  static constexpr std::array order{ErrorCode::corrupt, ErrorCode::refused, ErrorCode::unproven,
                                    ErrorCode::io, ErrorCode::cancelled};
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t k = 0; k < order.size(); ++k)
      CHECK(is_more_serious(order[i], order[k]) == (i < k));
  CHECK_FALSE(is_more_serious(ErrorCode::conflict, ErrorCode::forbidden));
  CHECK(is_more_serious(ErrorCode::timeout, ErrorCode::cancelled));
}

TEST_CASE("cancelling wins over every error") {
  std::atomic<bool> is_cancelled = false;
  const auto result = run_crew(
      5, 2, [&] { return is_cancelled.load(); },
      [&](const StopFlag&) -> Job {
        return [&](std::size_t) -> Result<void> {
          is_cancelled = true;
          return Error{ErrorCode::corrupt, "corrupt"};
        };
      });
  CHECK(result.error().code == ErrorCode::cancelled);
}

TEST_CASE("an exception in a worker is an error of the run, not its end") {
  const auto thrown = run_crew(5, 2, {}, [](const StopFlag&) -> Job {
    return [](std::size_t) -> Result<void> { throw std::runtime_error("out of luck"); };
  });
  CHECK(thrown.error().code == ErrorCode::internal);
  CHECK(thrown.error().message.find("out of luck") != std::string::npos);
}
