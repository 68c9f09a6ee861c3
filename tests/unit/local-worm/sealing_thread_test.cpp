// Who has CAP_LINUX_IMMUTABLE while a store is used: the sealing thread, and nobody else.
#include <doctest/doctest.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "worm_under_test.hpp"

using namespace worm_test;
namespace fs = std::filesystem;

namespace {

// What /proc says of one thread, by the names that it uses.
using Status = std::map<std::string, std::string>;

Status status_of(const fs::path& task) {
  Status status;
  std::ifstream lines(task / "status");
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(":\t");
    if (colon != std::string::npos) status[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return status;
}

bool has_bit(const std::string& mask, int bit) {
  return ((std::stoull(mask, nullptr, 16) >> bit) & 1) != 0;
}

// Those of its sets that have CAP_LINUX_IMMUTABLE.
std::string sets_of(const Status& status) {
  std::string sets;
  for (const char* const set : {"CapInh", "CapPrm", "CapEff", "CapAmb"})
    if (has_bit(status.at(set), CAP_LINUX_IMMUTABLE)) sets += std::string(set) + " ";
  return sets;
}

// "NAME: SETS" of each thread of this process that has it in any, but the tests' own.
std::vector<std::string> holders() {
  const std::vector<std::string>& own = threads_of_the_tests();
  std::vector<std::string> all;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    if (std::ranges::find(own, task.path().filename().native()) != own.end()) continue;
    const Status status = status_of(task.path());
    if (status.empty()) continue;  // it has just ended
    if (const std::string sets = sets_of(status); !sets.empty())
      all.push_back(status.at("Name") + ": " + sets);
  }
  return all;
}

// What setpriv and systemd's AmbientCapabilities= give to a program of that user.
void become_user_with_ambient_capability(unsigned uid) {
  become_user_with_capability(uid);
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  ::syscall(SYS_capget, &header, data.data());
  data[0].inheritable = data[0].permitted;
  if (::syscall(SYS_capset, &header, data.data()) != 0 ||
      ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_LINUX_IMMUTABLE, 0, 0) != 0)
    ::_exit(94);
}

std::vector<Session::Object> many_objects(const std::string& folder,
                                          const std::function<void(std::uint64_t)>& on_read) {
  std::vector<Session::Object> objects;
  for (int i = 0; i < 100; ++i)
    objects.push_back({folder + "/" + std::to_string(i), {.text = "x", .on_read = on_read}});
  return objects;
}

}  // namespace

TEST_CASE("while objects come in from several threads, one thread alone has the privilege") {
  for (const fs::path& place : new_lockable_places()) {
    CAPTURE(place);
    std::mutex mutex;
    std::map<std::vector<std::string>, int> seen;
    const auto look = [&](std::uint64_t) {
      const auto now = holders();
      const std::scoped_lock lock(mutex);
      ++seen[now];
    };
    const auto archive = [&](const std::string& folder) {
      Worm worm(place / "worm");
      for (const auto& put : worm->put_many(many_objects(folder, look)))
        CHECK(put.status == CAVRA_OK);
      CHECK(worm->barrier().status == CAVRA_OK);
      CHECK(worm->put(folder + "/alone", {.text = "x", .on_read = look}).status == CAVRA_OK);
      CHECK(worm->set_hold(folder + "/alone").status == CAVRA_OK);
      CHECK(worm->seal(folder + "/").status == CAVRA_OK);
      look(0);
    };
    archive("s/first");  // so that those to come are not the first to come in
    seen.clear();
    std::vector<std::thread> threads;
    // These begin with all that the process began with.
    with_privilege([&] {
      for (const char* const folder : {"s/a", "s/b", "s/c"})
        threads.emplace_back([&archive, folder] { archive(folder); });
    });
    for (std::thread& thread : threads)
      thread.join();
    // A thread that has not come in yet may still have it.
    for (const auto& [who, times] : seen) {
      CAPTURE(doctest::StringMaker<int>::convert(times));
      REQUIRE_FALSE(who.empty());
      CHECK(who.size() <= threads.size());
    }
    seen.clear();
    archive("s/last");
    REQUIRE(seen.size() == 1);
    const std::vector<std::string>& who = seen.begin()->first;
    REQUIRE(who.size() == 1);
    CHECK(who[0] == "cavra-sealing: CapPrm CapEff ");
    CHECK(seen.begin()->second == 102);
  }
}

TEST_CASE("a thread that a session is handed to gives the privilege up as it comes in") {
  const auto place = new_place("ext4");
  if (!place) return;
  Worm worm(*place / "worm");
  REQUIRE(worm->put("s/a", {.text = "x"}).status == CAVRA_OK);
  const std::vector<std::function<void()>> calls{
      [&] { (void)worm->put("s/b", {.text = "x"}); },
      [&] { (void)worm->put_many({{"s/c", {.text = "x"}}}); },
      [&] { (void)worm->barrier(); },
      [&] { (void)worm->stat("s/a"); },
      [&] { (void)worm->get("s/a"); },
      [&] { (void)worm->list(""); },
      [&] { (void)worm->raise("s/a", {.retain_until = kYear2096}); },
      [&] { (void)worm->set_hold("s/a"); },
      [&] { (void)worm->clear_hold("s/a"); },
      [&] { (void)worm->attempt(CAVRA_ATTEMPT_CLEAR, "cavra-probe/a"); },
      [&] { (void)worm->probe(); },
      [&] { (void)worm->seal("s/"); },
      [&] { const Session session(worm.store.get()); },
      [&] { const Store store(*place / "worm"); },
      [&] { const Store store(*place / "advisory", true); },
  };
  for (std::size_t i = 0; i < calls.size(); ++i) {
    CAPTURE(i);
    std::string before;
    std::string after;
    std::thread thread;
    with_privilege([&] {
      thread = std::thread([&] {
        before = sets_of(status_of("/proc/thread-self"));
        calls[i]();
        after = sets_of(status_of("/proc/thread-self"));
      });
    });
    thread.join();
    CHECK(before.find("CapPrm CapEff") != std::string::npos);
    CHECK(after.empty());
  }
}

TEST_CASE("the sealing thread takes no signals: they are the host's") {
  const auto place = new_place("ext4");
  if (!place) return;
  const Store store(*place / "worm");
  int found = 0;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    const Status status = status_of(task.path());
    if (status.at("Name") != "cavra-sealing") continue;
    ++found;
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1, SIGURG})
      CHECK(has_bit(status.at("SigBlk"), number - 1));
  }
  CHECK(found == 1);
  CHECK_FALSE(has_bit(status_of("/proc/thread-self").at("SigBlk"), SIGINT - 1));
}

TEST_CASE("an ordinary user's ambient capability ends up with the sealing thread alone") {
  const auto place = new_place("ext4");
  if (!place) return;
  const std::string seen =
      in_child([] { become_user_with_ambient_capability(65534); },
               [&] {
                 std::string text = sets_of(status_of("/proc/thread-self")) + "| ";
                 for (int opening = 0; opening < 2; ++opening) {
                   Worm worm(*place / "worm");
                   text += worm->put("s/" + std::to_string(opening), {.text = "x"}).message;
                   text += std::to_string(worm->stat("s/0").info.mode) + " ";
                 }
                 text += "| " + sets_of(status_of("/proc/thread-self")) + "|";
                 for (const std::string& holder : holders())
                   text += " " + holder;
                 return text;
               });
  CHECK(seen ==
        "CapInh CapPrm CapEff CapAmb | 20 20 | | cavra-sealing: CapInh CapPrm CapEff CapAmb ");
}

TEST_CASE("a program that root starts after the opening has the privilege neither") {
  const auto place = new_place("ext4");
  if (!place) return;
  const std::string seen =
      in_child([] {},
               [&] {
                 const Store store(*place / "worm");
                 std::string text;
                 if (FILE* const program = ::popen("cat /proc/self/status", "r")) {
                   for (int c = std::fgetc(program); c != EOF; c = std::fgetc(program))
                     text += static_cast<char>(c);
                   ::pclose(program);
                 }
                 return text;
               });
  std::istringstream lines(seen);
  int looked_at = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("Cap")) continue;
    CAPTURE(line);
    ++looked_at;
    CHECK_FALSE(has_bit(line.substr(line.find('\t') + 1), CAP_LINUX_IMMUTABLE));
  }
  CHECK(looked_at == 5);
}

TEST_CASE("a process that may have no more threads keeps its privilege, and is told") {
  const auto place = new_place("ext4");
  if (!place) return;
  const auto allow_no_thread = [] {
    become_user_with_capability(65533);  // of whom there is no other process
    const rlimit limit{0, 0};
    ::setrlimit(RLIMIT_NPROC, &limit);
  };
  const std::string seen = in_child(allow_no_thread, [&] {
    const Store store(*place / "worm");
    return std::to_string(store.opened.status) + " " + store.opened.message + " " +
           sets_of(status_of("/proc/thread-self"));
  });
  CHECK(seen.starts_with("30 start the thread that locks: Resource temporarily unavailable"));
  CHECK(seen.ends_with(" CapPrm CapEff "));
}
