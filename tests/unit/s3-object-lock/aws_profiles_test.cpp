#include "s3-object-lock/aws_profiles.hpp"

#include <doctest/doctest.h>

#include "s3-object-lock/aws_test_data.hpp"
#include "temporary_folder.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::s3::testing;
using cavra::testing::TemporaryFolder;

TEST_CASE("credentials win over config, key by key") {
  const auto profiles = profiles_of(
      "[profile d]\nregion=r1\noutput=o\ns3=\n a=1\n b=2\n[DEFAULT]\nregion=r3\nca_bundle=c\n",
      "[DEFAULT]\noutput=p\n[d]\nregion=r2\ns3=\n a=3\n");
  REQUIRE(profiles);
  const AwsProfile* const d = profiles->find("d");
  REQUIRE(d != nullptr);
  CHECK(d->name == "d");
  CHECK(d->text("region") == "r2");
  CHECK(d->text("output") == "p");  // [DEFAULT] of credentials belongs to its section
  CHECK(d->text("ca_bundle") == "c");
  CHECK(d->text("s3", "a") == "3");
  CHECK(d->text("s3", "b").empty());  // what is nested is one value
  CHECK(d->text("s3").empty());
  CHECK(d->text("region", "a").empty());
  CHECK(d->text("none").empty());
  CHECK(d->place("region") == "\"credentials\", line 4");
  CHECK(d->place("ca_bundle") == "\"config\", line 9");
  CHECK(d->place("none") == "\"config\"");
}

TEST_CASE("a name means what botocore takes it for") {
  const auto profiles = profiles_of(
      "[default]\na=1\n[profile default]\nb=2\n[profile \"x y\"]\n[profiles z]\n[plain]\n"
      "[profile one two]\n[profile]\n[profile 'open]\n[sso-session s]\n[services t]\n",
      "[profile q]\n[default]\nc=3\n");
  REQUIRE(profiles);
  const AwsProfile* const found = profiles->find("default");
  REQUIRE(found != nullptr);
  CHECK(found->text("a").empty());  // the later section counts alone
  CHECK(found->text("b") == "2");
  CHECK(found->text("c") == "3");
  for (const char* const name : {"x y", "z", "profile q"})
    CHECK(profiles->find(name) != nullptr);
  for (const char* const name : {"plain", "q", "one", "two", "one two", "'open", "s", "t", ""})
    CHECK(profiles->find(name) == nullptr);
  CHECK(profiles->find_sso_session("s") != nullptr);
  CHECK(profiles->find_sso_session("t") == nullptr);
  CHECK(profiles->find_services("t") != nullptr);
}

TEST_CASE("profiles stay where they are when they are moved") {
  auto profiles = profiles_of("[default]\nregion=r\n", "");
  REQUIRE(profiles);
  const AwsProfile* const before = profiles->find("default");
  const AwsProfiles moved = *std::move(profiles);
  CHECK(moved.find("default") == before);
  CHECK(before->text("region") == "r");
}

TEST_CASE("files lie where the environment says, else at home") {
  const TemporaryFolder home;
  std::filesystem::create_directory(home.path() / ".aws");
  home.write(".aws/config", "[default]\nregion=home\n");
  home.write("other", "[default]\nregion=other\n");
  const std::string folder = home.path().string();
  const auto region = [](const Variables& variables) {
    const auto profiles = load_aws_profiles(environment_of(variables));
    REQUIRE(profiles);
    const AwsProfile* const found = profiles->find("default");
    return found == nullptr ? "none" : found->text("region");
  };
  CHECK(region({{"HOME", folder}}) == "home");
  CHECK(region({{"HOME", folder}, {"AWS_CONFIG_FILE", folder + "/other"}}) == "other");
  CHECK(region({{"HOME", folder}, {"AWS_CONFIG_FILE", "~/other"}}) == "other");
  CHECK(region({{"HOME", folder}, {"AWS_CONFIG_FILE", "/dev/null"}}) == "none");
  CHECK(region({{"HOME", folder}, {"AWS_CONFIG_FILE", ""}}) == "none");
  CHECK(region({{"HOME", folder}, {"AWS_SHARED_CREDENTIALS_FILE", folder + "/other"}}) == "other");
  CHECK(region({{"HOME", folder + "/none"}}) == "none");
  CHECK(region({}) == "none");
}

TEST_CASE("a file that cannot be taken is named, with the line") {
  const TemporaryFolder folder;
  const auto message = [&](std::string_view text) {
    const std::string path = folder.write("file", text);
    const auto profiles =
        load_aws_profiles(environment_of({{"AWS_SHARED_CREDENTIALS_FILE", path}}));
    REQUIRE_FALSE(profiles);
    CHECK(profiles.error().code == ErrorCode::usage);
    CHECK(profiles.error().message.find(path) != std::string::npos);
    return profiles.error().message;
  };
  using namespace std::string_view_literals;
  CHECK(message("[a]\nb=c\0d\n"sv).find("line 2: it has a NUL") != std::string::npos);
  CHECK(message("[a]\nb\n").find("line 2") != std::string::npos);
  CHECK(message(std::string(kMaxAwsFileBytes + 1, '#')).find("1048576") != std::string::npos);
}

}  // namespace
}  // namespace cavra::s3
