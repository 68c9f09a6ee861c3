#include "cloud/run_process.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include <array>
#include <chrono>
#include <fstream>
#include <thread>

#include "cloud/host_call.hpp"
#include "temporary_folder.hpp"

namespace cavra::cloud {
namespace {

using namespace std::chrono_literals;
using cavra::testing::TemporaryFolder;
using testing::HostCall;
using Clock = std::chrono::steady_clock;

Result<WipedText> run(const std::vector<std::string>& words, HostCall& host) {
  return run_process(words, 1000, host.call());
}

Result<WipedText> run(const std::vector<std::string>& words) {
  HostCall host;
  return run(words, host);
}

// Not so a zombie, which whoever adopted it takes away, or never.
bool is_alive(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  return file >> number >> name >> state && state != "Z";
}

TEST_CASE("what a program prints is given, and its words are passed as they are") {
  const auto printed = run({"printf", "%s|", "a b", "$HOME", "", "'"});
  REQUIRE(printed);
  CHECK(*printed == "a b|$HOME||'|");
  const auto most = run({"sh", "-c", "head -c 1000 /dev/zero"});
  REQUIRE(most);
  CHECK(most->size() == 1000);
}

TEST_CASE("a program has no input and no file of this one") {
  const auto none = run({"cat"});
  REQUIRE(none);
  CHECK(none->empty());
  const TemporaryFolder folder;
  FILE* const open = std::fopen(folder.write("secret", "x").c_str(), "r");  // inherited by default
  const auto files = run({"sh", "-c", "ls -l /proc/$$/fd"});
  std::fclose(open);
  REQUIRE(files);
  CHECK(files->find("secret") == WipedText::npos);
}

TEST_CASE("a program that fails is told by its name, without words or output") {
  struct Row {
    std::vector<std::string> words;
    std::string message;
  };
  const std::array rows{
      Row{{"/nowhere/program", "HIDDEN"}, "run \"/nowhere/program\": No such file or directory"},
      Row{{"sh", "-c", "echo HIDDEN; exit 3"},
          "run \"sh\": it ended with status 3; it may have said why on stderr"},
      Row{{"sh", "-c", "kill -9 $$ #HIDDEN"}, "run \"sh\": it was ended by signal 9"},
      Row{{"sh", "-c", "head -c 1001 /dev/zero #HIDDEN"}, "run \"sh\": it prints too much"},
      Row{{"yes", "HIDDEN"}, "run \"yes\": it prints too much"},
  };
  for (const auto& [words, message] : rows) {
    const auto failed = run(words);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == ErrorCode::usage);
    CHECK(failed.error().message == message);
  }
}

TEST_CASE("a program whose call is over is killed with what it started") {
  const TemporaryFolder folder;
  const std::string script = "sleep 1000 & echo $! > " + folder.file("pid") + "; wait";
  HostCall host(500ms);
  const auto begun = Clock::now();
  const auto late = run({"sh", "-c", script}, host);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::timeout);
  CHECK(late.error().message == "run \"sh\": the time for this call is over; it was killed");
  CHECK(Clock::now() - begun < 5s);
  const pid_t child = std::stoi(folder.read("pid"));
  for (const auto until = Clock::now() + 10s; is_alive(child) && Clock::now() < until;)
    std::this_thread::yield();
  CHECK_FALSE(is_alive(child));
}

TEST_CASE("cancelling kills a program") {
  HostCall host;
  const TemporaryFolder folder;
  std::thread canceller([&] {
    while (folder.read("begun").empty())
      std::this_thread::yield();
    host.cancel();
  });
  const auto gone = run({"sh", "-c", "echo > " + folder.file("begun") + "; sleep 1000"}, host);
  canceller.join();
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == ErrorCode::cancelled);
}

TEST_CASE("a program that leaves another one behind is not waited for longer") {
  const TemporaryFolder folder;
  const auto begun = Clock::now();
  const auto printed =
      run({"sh", "-c", "sleep 1000 & echo $! > " + folder.file("pid") + "; printf x"});
  ::kill(std::stoi(folder.read("pid")), SIGKILL);
  REQUIRE(printed);
  CHECK(*printed == "x");
  CHECK(Clock::now() - begun < 5s);
}

TEST_CASE("a program that closes its output is waited for") {
  const auto printed = run({"sh", "-c", "printf x; exec >&-; sleep 0.2; exit 0"});
  REQUIRE(printed);
  CHECK(*printed == "x");
}

}  // namespace
}  // namespace cavra::cloud
