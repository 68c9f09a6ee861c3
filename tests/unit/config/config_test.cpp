#include "cavra/config.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "temporary_folder.hpp"

namespace cavra {
namespace {

using testing::TemporaryFolder;

constexpr const char* kFile = "/srv/.cavra/config.json";
const std::string kSha256(64, 'a');

Config config_of(std::string_view text, const std::filesystem::path& file = kFile) {
  auto config = Config::parse(text, file);
  REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
  return *std::move(config);
}

TEST_CASE("the smallest config has defaults beside the file") {
  const Config config = config_of(R"({"schema_version":"cavra.config.v1"})");
  CHECK(config.file == kFile);
  CHECK(config.folder == "/srv/.cavra");
  CHECK(config.receipts == "/srv/.cavra/receipts");
  CHECK(config.state == "/srv/.cavra/state");
  CHECK_FALSE(config.trust_roots);
  CHECK_FALSE(config.receipt_trust_roots);
  CHECK_FALSE(config.receipt_key);
  CHECK_FALSE(config.minimum_retention);
  CHECK_FALSE(config.minimum_mode);
  CHECK_FALSE(config.accept_hmac);
  CHECK(config.stores.empty());
}

TEST_CASE("a full config is read, and relative paths start at its folder") {
  const Config config = config_of(R"({
    "schema_version": "cavra.config.v1",
    "trust_roots": "keys/evidence-trust-roots.json",
    "receipt_trust_roots": "../shared/receipt-trust-roots.json",
    "receipt_key": "/etc/cavra/receipt-private.pem",
    "receipts": "r",
    "state": "/var/lib/cavra",
    "minimum_retention": "7y",
    "minimum_mode": "governance",
    "accept_hmac": true,
    "stores": {
      "local": {"plugin": "local-worm", "settings": {"root": "worm", "any": [1, {"x": null}]}},
      "0-acme_2": {"plugin": {"path": "plugins/acme.so", "sha256": ")" +
                                  kSha256 + R"("}},
      "far": {"plugin": {"sha256": ")" +
                                  kSha256 +
                                  R"(", "path": "/opt/acme.so"}, "settings": {}}
    }
  })");
  CHECK(config.trust_roots == "/srv/.cavra/keys/evidence-trust-roots.json");
  CHECK(config.receipt_trust_roots == "/srv/.cavra/../shared/receipt-trust-roots.json");
  CHECK(config.receipt_key == "/etc/cavra/receipt-private.pem");
  CHECK(config.receipts == "/srv/.cavra/r");
  CHECK(config.state == "/var/lib/cavra");
  CHECK(config.minimum_retention == Period{7, 0, 0});
  CHECK(config.minimum_mode == LockMode::governance);
  CHECK(config.accept_hmac);
  REQUIRE(config.stores.size() == 3);

  const StoreConfig& local = config.stores.at("local");
  CHECK(local.plugin.name == "local-worm");
  CHECK(local.plugin.path.empty());
  CHECK_FALSE(local.plugin.sha256);
  CHECK(compact_json(local.settings) == R"({"root":"worm","any":[1,{"x":null}]})");

  const StoreConfig& acme = config.stores.at("0-acme_2");
  CHECK(acme.plugin.name.empty());
  CHECK(acme.plugin.path == "/srv/.cavra/plugins/acme.so");
  CHECK(acme.plugin.sha256 == kSha256);
  CHECK(compact_json(acme.settings) == "{}");
  CHECK(config.stores.at("far").plugin.path == "/opt/acme.so");
}

TEST_CASE("each period and each mode of the docs is taken") {
  struct Row {
    const char* text;
    Period period;
  };
  for (const auto& [text, period] :
       {Row{"2557d", {0, 0, 2557}}, Row{"7y", {7, 0, 0}}, Row{"P7Y", {7, 0, 0}},
        Row{"P1Y6M", {1, 6, 0}}, Row{"P52W", {0, 0, 364}}}) {
    CAPTURE(text);
    const Config config = config_of(R"({"schema_version":"cavra.config.v1","minimum_retention":")" +
                                    std::string(text) + "\"}");
    CHECK(config.minimum_retention == period);
  }
  for (const LockMode mode : {LockMode::advisory, LockMode::governance, LockMode::compliance}) {
    const Config config = config_of(R"({"schema_version":"cavra.config.v1","minimum_mode":")" +
                                    std::string(to_string(mode)) + "\"}");
    CHECK(config.minimum_mode == mode);
  }
}

TEST_CASE("a file named relatively gets absolute paths") {
  const Config config = config_of(R"({"schema_version":"cavra.config.v1"})", "some/config.json");
  const std::filesystem::path here = std::filesystem::current_path();
  CHECK(config.file == here / "some" / "config.json");
  CHECK(config.folder == here / "some");
  CHECK(config.receipts == here / "some" / "receipts");
}

TEST_CASE("store() finds a store, and tells near names where there is none") {
  const Config config = config_of(R"({"schema_version":"cavra.config.v1","stores":{
    "aws":{"plugin":"s3-object-lock"},"local":{"plugin":"local-worm"}}})");
  const auto found = config.store("aws");
  REQUIRE(found);
  CHECK((*found)->plugin.name == "s3-object-lock");

  struct Row {
    const char* name;
    const char* message;
  };
  for (const auto& [name, message] : {
           Row{"loacl",
               "there is no store \"loacl\" in /srv/.cavra/config.json; did you mean "
               "\"local\"?; it has \"aws\", \"local\""},
           Row{"Z\n",
               "there is no store \"Z\\u000a\" in /srv/.cavra/config.json; it has "
               "\"aws\", \"local\""},
       }) {
    const auto missing = config.store(name);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == ErrorCode::usage);
    CHECK(missing.error().message == message);
  }
  const auto none = config_of(R"({"schema_version":"cavra.config.v1"})").store("aws");
  REQUIRE_FALSE(none);
  CHECK(none.error().message.ends_with("; it has no stores"));
}

TEST_CASE("load reads a regular file, also through a link, with paths beside the name given") {
  const TemporaryFolder temporary;
  const std::filesystem::path file = temporary.path() / "config.json";
  std::ofstream(file) << R"({"schema_version":"cavra.config.v1","minimum_retention":"30d"})";
  const auto config = Config::load(file);
  REQUIRE(config);
  CHECK(config->file == file);
  CHECK(config->minimum_retention == Period{0, 0, 30});

  std::filesystem::create_directory(temporary.path() / "other");
  std::filesystem::create_symlink(file, temporary.path() / "other" / "link.json");
  const auto linked = Config::load(temporary.path() / "other" / "link.json");
  REQUIRE(linked);
  CHECK(linked->folder == temporary.path() / "other");
}

TEST_CASE("load refuses what is not there, no regular file, or above 16 MiB") {
  const TemporaryFolder temporary;
  const std::filesystem::path pipe = temporary.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const std::filesystem::path large = temporary.path() / "large.json";
  std::ofstream(large).close();
  std::filesystem::resize_file(large, (16U << 20) + 1);
  const std::filesystem::path dangling = temporary.path() / "dangling.json";
  std::filesystem::create_symlink("nowhere", dangling);
  struct Row {
    std::filesystem::path file;
    const char* part;
  };
  for (const auto& [file, part] :
       {Row{temporary.path() / "none.json", "cavra init"}, Row{dangling, "cavra init"},
        Row{temporary.path(), "no regular file"}, Row{pipe, "no regular file"},
        Row{large, "at most 16777216"}, Row{std::filesystem::path("/dev/zero"), "regular"}}) {
    CAPTURE(file.string());
    const auto config = Config::load(file);
    REQUIRE_FALSE(config);
    CHECK(config.error().code == ErrorCode::usage);
    CAPTURE(config.error().message);
    CHECK(config.error().message.find(part) != std::string::npos);
    CHECK(config.error().message.find(file.string()) != std::string::npos);
  }
}

TEST_CASE("the built-in schema is the file that readers are given") {
  std::ifstream file(CAVRA_SOURCE_DIR "/docs/schemas/config.schema.json", std::ios::binary);
  REQUIRE(file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK(config_schema() == text);
  CHECK(JsonSchema::compile(config_schema()));
}

TEST_CASE("the example of the docs is a config") {
  std::ifstream file(CAVRA_SOURCE_DIR "/docs/spec/config.md", std::ios::binary);
  REQUIRE(file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t begin = text.find("```json\n");
  REQUIRE(begin != std::string::npos);
  const std::size_t end = text.find("\n```\n", begin);
  REQUIRE(end != std::string::npos);
  const Config config = config_of(std::string_view(text).substr(begin + 8, end - begin - 8));
  CHECK(config.stores.size() == 2);
}

}  // namespace
}  // namespace cavra
