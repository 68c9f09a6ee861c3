#include "cavra/lock.hpp"

#include <doctest/doctest.h>

#include <array>

namespace cavra {
namespace {

constexpr std::int64_t kDate = 2'000'000'001;  // 2033-05-18T03:33:21Z
constexpr std::array kModes{LockMode::none, LockMode::advisory, LockMode::governance,
                            LockMode::compliance};

TEST_CASE("the modes have their words and the ABI's numbers, the strongest last") {
  struct Row {
    LockMode mode;
    std::uint32_t number;
    std::string_view word;
  };
  for (const auto& [mode, number, word] :
       {Row{LockMode::none, 0, "none"}, Row{LockMode::advisory, 10, "advisory"},
        Row{LockMode::governance, 20, "governance"}, Row{LockMode::compliance, 30, "compliance"}}) {
    CAPTURE(word);
    CHECK(static_cast<std::uint32_t>(mode) == number);
    CHECK(to_string(mode) == word);
    const auto parsed = parse_lock_mode(word);
    REQUIRE(parsed);
    CHECK(*parsed == mode);
  }
  CHECK(std::string_view(to_string(static_cast<LockMode>(25))) == "unknown");
}

TEST_CASE("a mode's strength in words says NOT LOCKED below governance") {
  for (const LockMode mode : kModes) {
    CAPTURE(to_string(mode));
    const std::string_view words = strength_of(mode);
    CHECK(words.starts_with("NOT LOCKED: ") == (mode < LockMode::governance));
    CHECK(words.starts_with("locked: ") == (mode >= LockMode::governance));
  }
}

TEST_CASE("parse_lock_mode refuses other words and spellings") {
  for (const std::string_view text :
       {"", "COMPLIANCE", "Compliance", "compliance ", "locked", "unknown", "25", "none\n"}) {
    CAPTURE(text);
    const auto mode = parse_lock_mode(text);
    REQUIRE_FALSE(mode);
    CHECK(mode.error().code == ErrorCode::usage);
    CHECK(mode.error().message.find("none, advisory, governance, compliance") != std::string::npos);
    CHECK(mode.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("a lock is sufficient in its mode when the other's mode is as strong") {
  for (const LockMode have : kModes) {
    for (const LockMode want : kModes) {
      CAPTURE(to_string(have));
      CAPTURE(to_string(want));
      CHECK(is_sufficient({have, kDate, false}, {want, kDate, false}) == (have >= want));
    }
  }
}

TEST_CASE("a lock is sufficient in its date when the other's is not before it") {
  struct Row {
    std::optional<std::int64_t> have;
    std::optional<std::int64_t> want;
    bool is_sufficient;
  };
  for (const auto& [have, want, expected] :
       {Row{kDate, kDate, true}, Row{kDate + 1, kDate, true}, Row{kDate - 1, kDate, false},
        Row{std::nullopt, kDate, false}, Row{kDate, std::nullopt, true},
        Row{std::nullopt, std::nullopt, true}, Row{std::nullopt, 0, false}, Row{-1, 0, false}}) {
    CAPTURE(have.value_or(-99));
    CAPTURE(want.value_or(-99));
    CHECK(is_sufficient({LockMode::governance, have, false}, {LockMode::governance, want, false}) ==
          expected);
  }
}

TEST_CASE("a wanted legal hold must be there, and one more does no harm") {
  const auto lock = [](bool hold) { return Lock{LockMode::compliance, kDate, hold}; };
  CHECK(is_sufficient(lock(true), lock(true)));
  CHECK(is_sufficient(lock(true), lock(false)));
  CHECK_FALSE(is_sufficient(lock(false), lock(true)));
}

TEST_CASE("strength in one part never makes up for another") {
  CHECK_FALSE(
      is_sufficient({LockMode::compliance, kDate - 1, true}, {LockMode::governance, kDate, false}));
  CHECK_FALSE(is_sufficient({LockMode::governance, kDate + 999, true},
                            {LockMode::compliance, kDate, false}));
}

TEST_CASE("both is sufficient for each of two locks, and no more than that") {
  const Lock a{LockMode::compliance, kDate, false};
  const Lock b{LockMode::governance, kDate + 1, true};
  CHECK(both(a, b) == Lock{LockMode::compliance, kDate + 1, true});
  CHECK(both(b, a) == both(a, b));
  CHECK(both(a, {}) == a);
  CHECK(both({}, {}) == Lock{});
  CHECK(both({LockMode::none, -5, false}, {}).retain_until_unix_s == -5);  // no date is the weakest
}

TEST_CASE("describe says a lock in words") {
  struct Row {
    Lock lock;
    std::string_view text;
  };
  for (const auto& [lock, text] :
       {Row{{LockMode::governance, kDate, false}, "governance until 2033-05-18T03:33:21Z"},
        Row{{LockMode::compliance, kDate, true},
            "compliance until 2033-05-18T03:33:21Z, legal hold"},
        Row{{LockMode::advisory, std::nullopt, false}, "advisory without a date"},
        Row{{LockMode::none, kDate, false}, "none until 2033-05-18T03:33:21Z"}, Row{{}, "no lock"},
        Row{{LockMode::none, std::nullopt, true}, "legal hold only"}}) {
    CHECK(describe(lock) == text);
  }
}

TEST_CASE("a lock reads back from what it writes") {
  for (const LockMode mode : kModes) {
    for (const bool hold : {false, true}) {
      for (const std::optional<std::int64_t> date :
           {std::optional<std::int64_t>(), std::optional<std::int64_t>(kDate),
            std::optional<std::int64_t>(0), std::optional<std::int64_t>(253402300799)}) {
        const Lock lock{mode, date, hold};
        CAPTURE(describe(lock));
        const auto read = Lock::from_json(lock.to_json());
        REQUIRE(read);
        CHECK(*read == lock);
      }
    }
  }
  CHECK(compact_json(Lock{LockMode::compliance, kDate, true}.to_json()) ==
        R"({"legal_hold":true,"mode":"compliance","retain_until":"2033-05-18T03:33:21Z"})");
  CHECK(compact_json(Lock{}.to_json()) ==
        R"({"legal_hold":false,"mode":"none","retain_until":null})");
}

TEST_CASE("a lock's JSON has one spelling, and errors tell the place") {
  struct Row {
    std::string_view text;
    std::string_view pointer;
  };
  for (const auto& [text, pointer] : {
           Row{R"([])", "it must be"},
           Row{R"("none")", "it must be"},
           Row{R"({"mode":"none","retain_until":null})", "/legal_hold: "},
           Row{R"({"legal_hold":0,"mode":"none","retain_until":null})", "/legal_hold: "},
           Row{R"({"legal_hold":true,"retain_until":null})", "/mode: "},
           Row{R"({"legal_hold":true,"mode":30,"retain_until":null})", "/mode: "},
           Row{R"({"legal_hold":true,"mode":"strict","retain_until":null})", "/mode: "},
           Row{R"({"legal_hold":true,"mode":"none"})", "/retain_until: "},
           Row{R"({"legal_hold":true,"mode":"none","retain_until":2000000001})", "/retain_until: "},
           Row{R"({"legal_hold":true,"mode":"none","retain_until":"soon"})", "/retain_until: "},
           Row{R"({"legal_hold":true,"mode":"none","retain_until":"@253402300800"})",
               "/retain_until: "},
           // Another spelling of a moment, or a fraction of a second.
           Row{R"({"legal_hold":true,"mode":"none","retain_until":"2033-05-18T03:33:21+00:00"})",
               "/retain_until: "},
           Row{R"({"legal_hold":true,"mode":"none","retain_until":"2033-05-18T03:33:21.5Z"})",
               "/retain_until: "},
           Row{R"({"legal_hold":true,"mode":"none","retain_until":null,"more":1})",
               "unknown member"},
       }) {
    CAPTURE(text);
    const auto json = parse_json(text);
    REQUIRE(json);
    const auto lock = Lock::from_json(*json);
    REQUIRE_FALSE(lock);
    CHECK(lock.error().code == ErrorCode::corrupt);
    CAPTURE(lock.error().message);
    CHECK(lock.error().message.starts_with(pointer));
  }
}

}  // namespace
}  // namespace cavra
