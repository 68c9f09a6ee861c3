#include "http/slow_names.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string_view>

namespace cavra::testing {

namespace {

constexpr std::chrono::seconds kLimit{10};

struct Names {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_slow = false;
  int asking = 0;
};

Names& names() {
  static Names all;
  return all;
}

void wait_while_slow() {
  std::unique_lock lock(names().mutex);
  ++names().asking;
  names().changed.wait_for(lock, kLimit, [] { return !names().is_slow; });
  --names().asking;
  names().changed.notify_all();
}

}  // namespace

SlowNames::SlowNames() {
  const std::scoped_lock lock(names().mutex);
  names().is_slow = true;
}

SlowNames::~SlowNames() {
  std::unique_lock lock(names().mutex);
  names().is_slow = false;
  names().changed.notify_all();
  names().changed.wait(lock, [] { return names().asking == 0; });
}

bool SlowNames::is_asked() const {
  const std::scoped_lock lock(names().mutex);
  return names().asking > 0;
}

}  // namespace cavra::testing

// libcurl finds this before the one of libc.
extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* name,
                                                                  const char* service,
                                                                  const addrinfo* hints,
                                                                  addrinfo** found) {
  const std::string_view asked = name == nullptr ? "" : name;
  if (asked == "slow.test") cavra::testing::wait_while_slow();
  if (asked == "slow.test" || asked == "unknown.test") return EAI_NONAME;
  static const auto of_the_system =
      reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return of_the_system(name, service, hints, found);
}
