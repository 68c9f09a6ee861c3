#include "azure-immutable/az_token.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <array>
#include <filesystem>

#include "cavra/support/encoding.hpp"
#include "cloud/host_call.hpp"
#include "temporary_folder.hpp"

namespace cavra::azure {
namespace {

using cavra::testing::TemporaryFolder;
using cloud::testing::HostCall;

constexpr std::int64_t kNow = 1'893'450'000;

std::string search_path() {
  const char* const path = ::getenv("PATH");
  return path == nullptr ? "" : path;
}

// A program of the name "az" that comes before any other.
class FakeAz {
 public:
  explicit FakeAz(std::string_view script) : path_(search_path()) {
    const std::string file = folder_.write("az", "#!/bin/sh\n" + std::string(script) + "\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    ::setenv("PATH", (folder_.path().string() + ":" + path_).c_str(), 1);
  }
  ~FakeAz() { ::setenv("PATH", path_.c_str(), 1); }
  FakeAz(const FakeAz&) = delete;
  FakeAz& operator=(const FakeAz&) = delete;

  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
  std::string path_;
};

Result<Token> fetch(std::string tenant_id = "",
                    std::chrono::milliseconds limit = std::chrono::seconds(30)) {
  HostCall host;
  return fetch_az_token({std::move(tenant_id)}, "https://storage.azure.com/", kNow, host.call(),
                        limit);
}

TEST_CASE("the Azure CLI is asked for a token of storage") {
  const FakeAz az(R"(echo "$@" >"$(dirname "$0")/words"
echo '{"accessToken":"T","expires_on":1893456000,"tokenType":"Bearer"}')");
  const auto token = fetch();
  if (!token) FAIL(token.error().message);
  CHECK(as_text(token->value.expose()) == "T");
  CHECK(token->expires_unix_s == 1'893'456'000);
  CHECK(az.folder().read("words") ==
        "account get-access-token --resource https://storage.azure.com/ --output json\n");
  CHECK(fetch("tenant"));
  CHECK(az.folder().read("words").ends_with(" --output json --tenant tenant\n"));
}

TEST_CASE("a CLI that gives no token is told without what it printed") {
  struct Row {
    std::string_view script;
    ErrorCode code;
    std::string_view problem;
  };
  static constexpr std::array rows{
      Row{"echo HIDDEN; exit 1", ErrorCode::usage, "\"az login\""},
      Row{"echo HIDDEN", ErrorCode::io, "no JSON object"},
      Row{R"(echo '{"accessToken":"HIDDEN"}')", ErrorCode::io, "when the token ends"},
      Row{"head -c 70000 /dev/zero", ErrorCode::usage, "too much"},
  };
  for (const auto& [script, code, problem] : rows) {
    const FakeAz az(script);
    const auto none = fetch();
    REQUIRE_FALSE(none);
    CAPTURE(none.error().message);
    CHECK(none.error().code == code);
    CHECK(none.error().message.starts_with("ask the Azure CLI (az account get-access-token): "));
    CHECK(none.error().message.find(problem) != std::string::npos);
    CHECK(none.error().message.find("HIDDEN") == std::string::npos);
  }
}

TEST_CASE("a machine without the Azure CLI is told so") {
  const std::string path = search_path();
  const TemporaryFolder empty;
  ::setenv("PATH", empty.path().c_str(), 1);
  const auto none = fetch();
  ::setenv("PATH", path.c_str(), 1);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::usage);
  CHECK(none.error().message.find("run \"az\": No such file") != std::string::npos);
}

TEST_CASE("a CLI that does not end is given up, as is one whose call is over") {
  const FakeAz az("exec sleep 60");
  const auto late = fetch("", std::chrono::milliseconds(200));
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::io);
  CHECK(late.error().message.ends_with("it does not end; it was killed"));
  HostCall short_host(std::chrono::milliseconds(200));
  const auto over = fetch_az_token({}, "r", kNow, short_host.call());
  REQUIRE_FALSE(over);
  CHECK(over.error().code == ErrorCode::timeout);
  HostCall cancelled_host;
  cancelled_host.cancel();
  const auto cancelled = fetch_az_token({}, "r", kNow, cancelled_host.call());
  REQUIRE_FALSE(cancelled);
  CHECK(cancelled.error().code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace cavra::azure
