// What a plugin lists, as the host takes it: page by page, in order, to its end.
#include <thread>

#include "plugin/rubbish_store.hpp"

using namespace cavra;
using namespace cavra::testing;
using namespace std::string_literals;

TEST_CASE("rubbish in a listing is refused") {
  struct Row {
    const char* kind;
    std::string message;
  };
  const std::array rows{
      Row{"outside", "told \"elsewhere\", which is not under the prefix"},
      Row{"null", "told a null entry"},
      Row{"empty key", "key \"\" is no key"},
      Row{"key UTF-8", "key \"key UTF-8/\\xc3\" is no key"},
      Row{"key NUL", "key \"key NUL/a\\u0000b\" is no key"},
      Row{"long key", "key has 1033 bytes"},
      Row{"entry kind", "kind 9 does not exist"},
      Row{"flag", "is_latest is 7, neither 0 nor 1"},
      Row{"date", "stored_at_unix_s is @9223372036854775807, outside of the years 1 to 9999"},
      Row{"version", "version has characters that cannot be seen: \"\\u0001\""},
      Row{"twice", "told \"twice/a\" twice"},
      Row{"descends", "told \"descends/a\" after \"descends/b\""},
      Row{"too many", "told more entries than were asked for"},
      Row{"cursor length", "gives a cursor longer than its place"},
      Row{"stuck", "gives the same cursor again"},
      Row{"empty page", "gives a page without entries and says that there are more"},
      Row{"alternates", "does not end: 100000 pages have come"},
      Row{"counts up", "does not end: 100000 pages have come"},
  };
  const Opened store;
  for (const auto& [kind, message] : rows) {
    CAPTURE(kind);
    const std::string prefix = kind + "/"s;
    const auto listed = store->list({}, prefix, [](const ListEntry&) { return Result<void>(); });
    REQUIRE_FALSE(listed);
    CHECK(text_of(listed.error()) ==
          "internal: " + kBug + "list " + quoted(prefix) + ": " + message);
  }
}

TEST_CASE("a listing goes through all pages, and tells foreign names too") {
  const Opened store;
  std::vector<std::string> told;
  const auto listed = store->list({}, "in order/", [&](const ListEntry& entry) {
    told.push_back(entry.key.substr(9) + '@' + entry.version);
    return Result<void>();
  });
  CHECK(listed);
  CHECK((told == std::vector<std::string>{"a@2", "a@1", "zz@u", "b\nc@1", "d//e@"}));
}

TEST_CASE("a listing ends with the sink's own error, or when it is cancelled") {
  const Opened store;
  const ListSink full = [](const ListEntry&) -> Result<void> {
    return Error{ErrorCode::refused, "seen enough"};
  };
  CHECK(text_of(store->list({}, "in order/", full).error()) ==
        "refused: seen enough; the plugin of store \"vault\" went on all the same");
  CHECK(text_of(store->list({}, "swallows/", full).error()) ==
        "refused: seen enough; the plugin of store \"vault\" went on all the same");
  const CallContext cancelled{.deadline = {}, .is_cancelled = [] { return true; }};
  CHECK(
      text_of(store->list(cancelled, "empty page/", [](const ListEntry&) { return Result<void>(); })
                  .error()) == "cancelled: list \"empty page/\": interrupted");
}

TEST_CASE("a plugin that calls back for ever ends when it is cancelled, or at the deadline") {
  const Opened store;
  const ByteSink nowhere = [](std::span<const std::byte>) { return Result<void>(); };
  const ListSink unread = [](const ListEntry&) { return Result<void>(); };
  int asked = 0;
  const CallContext cancelled{.deadline = {}, .is_cancelled = [&] { return ++asked > 5; }};
  const auto soon = [] {
    return CallContext{.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20),
                       .is_cancelled = {}};
  };
  const std::string late = "timeout: the store took too long; try again";
  const std::string went_on = "; the plugin of store \"vault\" went on all the same";

  CHECK(text_of(store->get(cancelled, "for ever", "", 0, nowhere).error()) ==
        "cancelled: interrupted" + went_on);
  CHECK(text_of(store->get(soon(), "for ever", "", 0, nowhere).error()) == late + went_on);
  asked = 0;
  CHECK(text_of(store->list(cancelled, "counts up/", unread).error()).starts_with("cancelled: "));
  const auto listed = store->list(soon(), "counts up/", unread);
  CHECK(text_of(listed.error()).starts_with("timeout: "));
  CHECK(listed.error().retryable);
  asked = 0;
  CHECK(put("reads for ever", TestSource("0123456789"), cancelled) == "cancelled: interrupted");
  CHECK(put("reads for ever", TestSource("0123456789"), soon()) == late);
}

TEST_CASE("each page of a listing has its own time, where it is said so") {
  const Opened store;
  const auto list_slowly = [&store](std::chrono::milliseconds page_timeout) {
    const CallContext call{.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1),
                           .is_cancelled = {},
                           .page_timeout = page_timeout};
    std::string last;
    return store->list(call, "in order/", [&](const ListEntry& entry) {
      // The entries of each page take as long as half of what it has, or more.
      const bool begins_page = last.empty() || entry.key == "in order/b\nc";
      last = entry.key;
      if (begins_page) std::this_thread::sleep_for(std::chrono::milliseconds(600));
      return Result<void>();
    });
  };
  CHECK(list_slowly(std::chrono::seconds(60)));
  const auto late = list_slowly(std::chrono::milliseconds(0));
  REQUIRE_FALSE(late);
  CHECK(text_of(late.error()).starts_with("timeout: "));
}
