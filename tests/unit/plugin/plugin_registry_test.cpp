#include "cavra/plugin_registry.hpp"

#include <cstdio>
#include <memory>

#include "plugin/plugin_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

// A folder of built-in plugins: files that are there, whether they can be loaded or not.
void fill(const TemporaryFolder& folder) {
  std::filesystem::copy_file(plugin_file("memory"), folder.path() / "cavra-memory.so");
  write_file(folder.path() / "cavra-local-worm.so", "no ELF file");
  write_file(folder.path() / "cavra-.so", "");
  write_file(folder.path() / "cavra-Upper.so", "");
  write_file(folder.path() / "libcavra.so", "");
}

std::string message_of(PluginRegistry& registry, const PluginReference& reference) {
  const auto loaded = registry.load(reference);
  if (loaded) return "loaded";
  CHECK((loaded.error().code == ErrorCode::usage));
  return loaded.error().message;
}

struct Ran {
  std::string output;
  int status = -1;
};

// Runs the program beside this one that loads a plugin in an environment of its own.
Ran run_loader(const std::string& environment, const std::string& arguments) {
  const std::string command = "env " + environment + ' ' + CAVRA_BINARY_DIR "/bin/plugin_loader " +
                              arguments + " 2>/dev/null";
  struct Close {
    void operator()(std::FILE* pipe) const { ::pclose(pipe); }
  };
  std::unique_ptr<std::FILE, Close> pipe(::popen(command.c_str(), "r"));
  REQUIRE(pipe);
  Ran ran;
  std::array<char, 512> part;
  while (std::fgets(part.data(), part.size(), pipe.get()) != nullptr)
    ran.output += part.data();
  ran.status = ::pclose(pipe.release());
  return ran;
}

}  // namespace

TEST_CASE("the registry lists the built-in names that are there") {
  const TemporaryFolder folder;
  fill(folder);
  const PluginRegistry registry(folder.path());
  CHECK((registry.builtin_names() == std::vector<std::string>{"local-worm", "memory"}));
  CHECK(PluginRegistry("/nowhere").builtin_names().empty());
}

TEST_CASE("a built-in plugin is loaded by name, and tells what it is") {
  const TemporaryFolder folder;
  fill(folder);
  PluginRegistry registry(folder.path());
  const auto loaded = registry.load({.name = "memory", .path = {}, .sha256 = {}});
  REQUIRE(loaded);
  const PluginFacts& facts = PluginRegistry::facts(**loaded);
  CHECK(facts.name == "memory");
  CHECK((facts.file == folder.path() / "cavra-memory.so"));
  CHECK(facts.sha256 == sha256(read_file(facts.file)).hex());
  CHECK(facts.id == "org.cavra.test.memory");
  CHECK(facts.version == "0.1.0");
  CHECK(facts.vendor == "CAVRA tests");
  CHECK(facts.licence == "Apache-2.0");
  CHECK(facts.abi_major == 0);
  CHECK(facts.abi_minor == 1);
  CHECK((facts.interfaces == std::vector<std::string>{"cavra.storage/1", "cavra.storage.batch/1",
                                                      "cavra.storage.destructive_test/1"}));
  CHECK(facts.settings_schema.find("\"prefix\"") != std::string::npos);
}

TEST_CASE("a name that is not there is refused, with near ones") {
  const TemporaryFolder folder;
  fill(folder);
  PluginRegistry registry(folder.path());
  const auto refused = [&](const std::string& name) {
    return message_of(registry, {.name = name, .path = {}, .sha256 = {}});
  };
  const std::string end = ", in " + quoted(folder.path().string());
  CHECK(refused("memry") == "there is no plugin \"memry\" (did you mean \"memory\"?)" + end);
  CHECK(refused("azure") ==
        "there is no plugin \"azure\"; there are \"local-worm\", \"memory\"" + end);
  // Names are no paths, whatever lies there.
  for (const std::string_view name : {"", "../cavra-memory", "Upper", "memory.so", "a/b", "."}) {
    CAPTURE(name);
    CHECK(refused(std::string(name)).starts_with("there is no plugin " + quoted(name)));
  }
  CHECK(refused("local-worm") == "plugin \"local-worm\": is not an ELF file");
}

TEST_CASE("a plugin outside needs an absolute path and its sha256") {
  PluginRegistry registry("/nowhere");
  auto reference = reference_to(plugin_file("memory"));
  const std::string front = "plugin " + quoted(reference.path.string()) + ": ";
  const std::string right = *reference.sha256;

  reference.sha256.reset();
  CHECK(message_of(registry, reference) ==
        front + "a plugin outside of the program's folder needs its sha256 in the config");
  reference.sha256 = std::string(64, 'a');
  CHECK(message_of(registry, reference) == front + "its sha256 is " + right + ", and " +
                                               std::string(64, 'a') +
                                               " is configured: it is not the file that was meant");
  for (const std::string& odd :
       {std::string(), std::string("abc"), std::string(64, 'A'), std::string(128, 'a')}) {
    CAPTURE(odd);
    reference.sha256 = odd;
    CHECK(message_of(registry, reference) ==
          front + "its configured sha256 is not 64 lower-case hex digits");
  }
  reference.sha256 = right;
  CHECK(message_of(registry, reference) == "loaded");
  reference.path = "relative/cavra-x.so";
  CHECK(message_of(registry, reference) ==
        "plugin \"relative/cavra-x.so\": its path must be absolute");
}

TEST_CASE("a hash that is configured for a built-in plugin is checked too") {
  const TemporaryFolder folder;
  fill(folder);
  PluginRegistry registry(folder.path());
  CHECK(message_of(registry, {.name = "memory", .path = {}, .sha256 = std::string(64, 'b')})
            .find("is configured") != std::string::npos);
}

TEST_CASE("the same file twice is one plugin, also under another name") {
  const TemporaryFolder folder;
  fill(folder);
  PluginRegistry registry(folder.path());
  const PluginReference by_name{.name = "memory", .path = {}, .sha256 = {}};
  const auto first = registry.load(by_name);
  const auto second = registry.load(by_name);
  const auto third = registry.load(reference_to(plugin_file("memory")));
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(third);
  CHECK(*first == *second);
  CHECK(*first == *third);
}

TEST_CASE("two files of one name and one SONAME, loaded in turn, are two plugins") {
  const auto folder = plugin_file("x").parent_path();
  PluginRegistry registry("/nowhere");
  const auto first = registry.load(reference_to(folder / "first/twin.so"));
  const auto second = registry.load(reference_to(folder / "second/twin.so"));
  REQUIRE(first);
  REQUIRE(second);
  CHECK(PluginRegistry::facts(**first).id == "org.cavra.test.first");
  CHECK(PluginRegistry::facts(**second).id == "org.cavra.test.second");
}

TEST_CASE("variables that change what the loader takes are refused where a hash is configured") {
  const auto file = plugin_file("memory").string();
  const std::string hash = sha256(read_file(file)).hex();
#ifdef __SANITIZE_THREAD__  // its library finds no room for its thread variables then
  const std::vector<const char*> names{"LD_LIBRARY_PATH", "LD_PRELOAD"};
#else
  const std::vector<const char*> names{"LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT"};
#endif
  for (const char* name : names) {
    CAPTURE(name);
    const Ran ran = run_loader(std::string(name) + "=/nowhere.so", file + ' ' + hash);
    CHECK(ran.status != 0);
    CHECK(ran.output == "plugin " + quoted(file) + ": " + name +
                            " is set, so that a plugin's sha256 does not say what would run: "
                            "unset it\n");
  }
  for (const char* harmless : {"LD_LIBRARY_PATH=", "XLD_PRELOAD=a", "LD_PRELOADED=a", "A=b"}) {
    CAPTURE(harmless);
    const Ran ran = run_loader(harmless, file + ' ' + hash);
    CHECK(ran.status == 0);
    CHECK(ran.output == "org.cavra.test.memory\n");
  }
}

TEST_CASE("variables that the program has unset since do not hide") {
  const auto file = plugin_file("memory").string();
  const std::string hash = sha256(read_file(file)).hex();
  const Ran ran = run_loader("LD_LIBRARY_PATH=/nowhere", file + ' ' + hash + " unset");
  CHECK(ran.status != 0);
  CHECK(ran.output.find("LD_LIBRARY_PATH is set") != std::string::npos);
}

TEST_CASE("a program that is not dumpable loads plugins without being root") {
  const auto file = plugin_file("memory").string();
  const std::string user =
      ::geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
  const Ran ran = run_loader("A=b " + user, file + ' ' + sha256(read_file(file)).hex());
  // Root's file, or this user's own.
  CHECK(ran.output == "org.cavra.test.memory\n");
}

TEST_CASE("settings are checked against the plugin's schema, with the place of each problem") {
  const auto loaded = load_file(plugin_file("nothing"));
  REQUIRE(loaded);
  const auto problem = [&](JsonValue settings, const char* store = "vault") {
    auto options = store_options(std::move(settings));
    options.store_name = store;
    const auto checked = PluginRegistry::check_settings(**loaded, options);
    if (checked) return std::string();
    CHECK((checked.error().code == ErrorCode::usage));
    // Opening says the same, and opens nothing.
    CHECK(PluginRegistry::open_store(**loaded, options).error().message == checked.error().message);
    return checked.error().message;
  };
  CHECK(problem(JsonValue::object({{"bucket", "a"}})).empty());
  CHECK(problem(JsonValue::object({{"bucket", 5}})).starts_with("/stores/vault/settings/bucket: "));
  const std::string unknown = problem(JsonValue::object({{"bukcet", "a"}}), "a/b");
  CHECK(unknown.starts_with("/stores/a~1b/settings"));
  CHECK(unknown.find("bukcet") != std::string::npos);
  CHECK(problem("text") == "/stores/vault/settings: is no object");
  const std::string two = problem(JsonValue::object({{"bucket", 5}, {"other", 1}}));
  CHECK(std::count(two.begin(), two.end(), '\n') == 1);
}
