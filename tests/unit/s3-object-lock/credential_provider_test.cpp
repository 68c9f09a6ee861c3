#include "s3-object-lock/credential_provider.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include "cloud/host_call.hpp"

namespace cavra::s3 {
namespace {

using namespace std::chrono_literals;
using cloud::testing::HostCall;

constexpr std::int64_t kStart = 1'900'000'000;

// Credentials "1", "2", … that last for so long, or what the test says.
struct Source {
  std::atomic<std::int64_t> now = kStart;
  std::optional<std::int64_t> lasts_s = 3600;
  std::optional<Error> failure;
  std::atomic<int> fetched = 0;
  std::function<void()> during;  // each fetch

  CredentialProvider provider{[this](const sdk::Call&) { return fetch(); },
                              [this] { return now.load(); }, kAwsMargins};

  Result<AwsCredentials> fetch() {
    const int number = ++fetched;
    if (during) during();
    if (failure) return *failure;
    AwsCredentials made;
    made.access_key_id = std::to_string(number);
    if (lasts_s) made.expires_unix_s = now + *lasts_s;
    return made;
  }
  // The id of what it gives, or the error's message.
  std::string get() {
    HostCall host;
    const auto given = provider.get(host.call());
    return given ? (*given)->access_key_id : given.error().message;
  }
};

// A fetch that goes on until the test lets it.
class Gate {
 public:
  void pass() {
    reached_.set_value();
    opened_.get_future().wait();
  }
  void wait_until_reached() { reached_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> reached_;
  std::promise<void> opened_;
};

TEST_CASE("credentials are fetched once, and again before they run out") {
  Source source;
  CHECK(source.get() == "1");
  CHECK(source.get() == "1");
  source.now = kStart + 3600 - 900;
  CHECK(source.get() == "1");
  source.now = kStart + 3600 - 899;
  CHECK(source.get() == "2");
  CHECK(source.fetched == 2);
}

TEST_CASE("credentials without an end are fetched once") {
  Source source;
  source.lasts_s.reset();
  CHECK(source.get() == "1");
  source.now = kStart + 1'000'000'000;
  CHECK(source.get() == "1");
}

TEST_CASE("a fetch that fails early leaves the old ones, and late it is an error") {
  Source source;
  CHECK(source.get() == "1");
  source.failure = Error{ErrorCode::io, "no answer", true};
  source.now = kStart + 3600 - 899;
  CHECK(source.get() == "1");
  CHECK(source.fetched == 2);
  CHECK(source.get() == "1");  // not asked again at once
  CHECK(source.fetched == 2);
  source.now = kStart + 3600 - 839;
  CHECK(source.get() == "1");
  CHECK(source.fetched == 3);
  source.now = kStart + 3600 - 599;
  CHECK(source.get() == "no answer");
  CHECK(source.get() == "no answer");
  source.failure.reset();
  CHECK(source.get() == "6");
}

TEST_CASE("credentials that last for a short time only are not fetched for each use") {
  Source source;
  source.lasts_s = 300;
  CHECK(source.get() == "1");
  source.now = kStart + 59;
  CHECK(source.get() == "1");
  source.now = kStart + 60;
  CHECK(source.get() == "2");
  source.lasts_s = 30;
  source.now = kStart + 120;
  CHECK(source.get() == "3");
  source.now = kStart + 151;
  CHECK(source.get() == "4");
}

TEST_CASE("credentials that have run out when they come are an error about the clock") {
  Source source;
  source.lasts_s = 0;
  CHECK(source.get() ==
        "the credentials that were just fetched ran out at 2030-03-17T17:46:40Z, and it is "
        "2030-03-17T17:46:40Z by this machine's clock: is it right?");
}

TEST_CASE("forgotten credentials are fetched again, once for all who had them") {
  Source source;
  HostCall host;
  const auto first = source.provider.get(host.call());
  REQUIRE(first);
  source.provider.forget(*first);
  CHECK(source.get() == "2");
  source.provider.forget(*first);
  CHECK(source.get() == "2");
  CHECK((*first)->access_key_id == "1");  // who still holds them may
}

TEST_CASE("of many threads one fetches, and all get the same") {
  Source source;
  Gate gate;
  source.during = [&] { gate.pass(); };
  std::vector<std::future<std::string>> all;
  for (int i = 0; i < 8; ++i)
    all.push_back(std::async(std::launch::async, [&] { return source.get(); }));
  gate.wait_until_reached();
  gate.open();
  for (auto& each : all)
    CHECK(each.get() == "1");
  CHECK(source.fetched == 1);
}

TEST_CASE("while one fetches early, others go on with the old ones") {
  Source source;
  CHECK(source.get() == "1");
  Gate gate;
  source.during = [&] { gate.pass(); };
  source.now = kStart + 3600 - 800;
  auto fetching = std::async(std::launch::async, [&] { return source.get(); });
  gate.wait_until_reached();
  CHECK(source.get() == "1");
  gate.open();
  CHECK(fetching.get() == "2");
}

TEST_CASE("who waits for a fetch is ended by the own call") {
  Source source;
  Gate gate;
  source.during = [&] { gate.pass(); };
  auto fetching = std::async(std::launch::async, [&] { return source.get(); });
  gate.wait_until_reached();
  HostCall short_call(50ms);
  const auto late = source.provider.get(short_call.call());
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::timeout);
  HostCall cancelled;
  cancelled.cancel();
  const auto gone = source.provider.get(cancelled.call());
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == ErrorCode::cancelled);
  gate.open();
  CHECK(fetching.get() == "1");
}

// The second thread is known to wait only by the time that it had; if it was late it fetches, and
// the number says so.
TEST_CASE("who waited for a fetch that failed does not fetch for itself") {
  Source source;
  Gate gate;
  source.failure = Error{ErrorCode::forbidden, "refused", false};
  source.during = [&] { gate.pass(); };
  auto fetching = std::async(std::launch::async, [&] { return source.get(); });
  gate.wait_until_reached();
  std::promise<void> begins;
  auto waiting = std::async(std::launch::async, [&] {
    begins.set_value();
    return source.get();
  });
  begins.get_future().wait();
  // Its first look at the lock comes long before this one's third.
  HostCall meanwhile(250ms);
  CHECK_FALSE(source.provider.get(meanwhile.call()));
  gate.open();
  CHECK(fetching.get() == "refused");
  CHECK(waiting.get() == "refused");
  CHECK(source.fetched == 1);
}

TEST_CASE("a fetch that ended with its own call is not the failure of those who wait") {
  Source source;
  Gate gate;
  source.during = [&] {
    if (source.fetched == 1) {
      gate.pass();
      source.failure = Error{ErrorCode::cancelled, "cancelled", false};
    } else {
      source.failure.reset();
    }
  };
  auto fetching = std::async(std::launch::async, [&] { return source.get(); });
  gate.wait_until_reached();
  auto waiting = std::async(std::launch::async, [&] { return source.get(); });
  gate.open();
  CHECK(fetching.get() == "cancelled");
  CHECK(waiting.get() == "2");
}

TEST_CASE("a fetch that throws leaves the provider as it was") {
  Source source;
  source.during = [] { throw std::runtime_error("thrown"); };
  CHECK_THROWS(source.get());
  source.during = nullptr;
  CHECK(source.get() == "2");
}

}  // namespace
}  // namespace cavra::s3
