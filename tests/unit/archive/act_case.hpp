// An archive, and later acts on it, in the fake store.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "archive/archive_test_data.hpp"
#include "cavra/later_act.hpp"

namespace cavra::testing {

inline constexpr std::int64_t kNow = kRetainUntil - 1000;
inline constexpr std::int64_t kLater = kRetainUntil + 86400;

struct ActCase {
  ArchiveCase run;
  ArchiveOutcome archived;
  std::function<void()> after_plan;  // once

  explicit ActCase(bool legal_hold = false) {
    run.legal_hold = legal_hold;
    archived = must(run.run());
    run.store.events.clear();
  }

  [[nodiscard]] CheckedReceipt first() const { return run.receipt_of(archived); }
  [[nodiscard]] static LaterAct retain(std::int64_t until = kLater) {
    return {ActKind::retain, until, "", {kNow, 5}};
  }
  [[nodiscard]] static LaterAct hold(ActKind kind, std::int64_t now = kNow) {
    return {kind, {}, "case 17", {now, 0}};
  }
  [[nodiscard]] Result<ArchiveOutcome> try_act(const LaterAct& act, const CheckedReceipt& receipt) {
    FakeBackend writer(run.store);
    FakeBackend prover(run.store);
    CAVRA_TRY(const ActPlan plan, plan_act(receipt, act, prover, run.options));
    if (after_plan) std::exchange(after_plan, nullptr)();
    return carry_out(receipt, act, plan, writer, prover, *run.key, run.options);
  }
  [[nodiscard]] ArchiveOutcome act(const LaterAct& act) { return must(try_act(act, first())); }
  [[nodiscard]] CheckedReceipt receipt_of(const ArchiveOutcome& outcome) const {
    return run.receipt_of(outcome);
  }
  [[nodiscard]] StatusReport status_of(const CheckedReceipt& receipt) {
    StatusOptions options{.workers = 2, .receipt_roots = &run.roots, .now = {kNow, 0}};
    return must(status(receipt, run.prover, options));
  }
  // Every object and receipt that is in the store has this lock.
  void check_locks(const Lock& lock) {
    for (const std::string& key : run.store.keys()) {
      CAPTURE(key);
      CHECK(describe(run.store.latest(key)->lock) == describe(lock));
    }
  }
  void check_fails(const LaterAct& act, ErrorCode code, std::string_view word) {
    const auto outcome = try_act(act, first());
    REQUIRE_FALSE(outcome);
    CAPTURE(outcome.error().message);
    CHECK(std::string_view(to_string(outcome.error().code)) == to_string(code));
    CHECK(contains(outcome.error().message, word));
  }
  [[nodiscard]] std::size_t receipts() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        run.store.keys(), [](const std::string& key) { return contains(key, "/receipts/"); }));
  }
};

inline Lock with_hold(Lock lock) {
  lock.legal_hold = true;
  return lock;
}

}  // namespace cavra::testing
