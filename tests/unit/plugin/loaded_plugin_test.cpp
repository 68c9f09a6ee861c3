#include "plugin/loaded_plugin.hpp"

#include <elf.h>

#include <cstring>

#include "plugin/plugin_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

// Without the name of the file in front.
std::string refusal(const std::string& name) {
  const auto file = plugin_file(name);
  const auto loaded = load_file(file);
  if (loaded) return "loaded";
  std::string message = loaded.error().message;
  const std::string front = "plugin " + quoted(file.string()) + ": ";
  CHECK(message.starts_with(front));
  return message.substr(std::min(front.size(), message.size()));
}

std::string opening(const std::string& name) {
  const auto loaded = load_file(plugin_file(name));
  if (!loaded) return loaded.error().message;
  const auto opened = PluginRegistry::open_store(**loaded, store_options());
  if (!opened) return opened.error().message;
  const auto session = (*opened)->session();
  return session ? "opened" : session.error().message;
}

}  // namespace

TEST_CASE("a plugin that describes itself wrongly is refused, with what is wrong") {
  struct Row {
    const char* plugin;
    const char* message;
  };
  static constexpr std::array rows{
      Row{"nothing", "loaded"},
      Row{"other_major",
          "is built for the plugin interface 9.1, and this program has 0.1: use one that is built "
          "for it"},
      Row{"other_minor",
          "is built for the plugin interface 0.77, and this program has 0.1: use one that is built "
          "for it"},
      Row{"serves_nobody", "does not serve plugin interface 0.1, which this program has"},
      Row{"throws_when_asked", "throws when it is asked what it is"},
      Row{"no_id", "its id is empty"},
      Row{"odd_id", "its id \"tape\" is not like \"org.example.tape\""},
      Row{"id_with_escape", "its id has characters that cannot be seen: \"org.\\u001b[2J\""},
      Row{"no_schema", "has no settings schema"},
      Row{"short_struct", "describes itself in 8 bytes: too few"},
      Row{"no_interfaces", "offers no usable list of interfaces"},
      Row{"hole_in_interfaces", "has a hole in its list of interfaces"},
      Row{"other_interface_only", "offers no cavra.storage/1: it is no storage plugin"},
      Row{"interface_twice", "offers cavra.storage/1 twice"},
      Row{"null_table", "offers cavra.storage/1 without its table"},
      Row{"without_raise_lock", "offers cavra.storage/1 without raise_lock"},
      Row{"without_put", "offers cavra.storage/1 without put"},
      Row{"table_too_short", "offers cavra.storage/1 without list"},
      Row{"half_holds", "offers one of set_hold and clear_hold without the other"},
      Row{"empty_batch", "offers cavra.storage.batch/1 without put_many, barrier or max_objects"},
      Row{"empty_destructive_test", "offers cavra.storage.destructive_test/1 without attempt"},
      Row{"older_table", "loaded"},
      Row{"future_table", "loaded"},
  };
  for (const auto& [name, message] : rows) {
    CAPTURE(name);
    CHECK(refusal(name) == message);
  }
  CHECK(refusal("schema_no_json").starts_with("has an unusable settings schema: "));
  CHECK(refusal("schema_unknown_rule").starts_with("has an unusable settings schema: "));
}

TEST_CASE("another interface is `unsupported`, an unfit file `usage`") {
  const auto code = [](const char* name) { return load_file(plugin_file(name)).error().code; };
  CHECK((code("other_minor") == ErrorCode::unsupported));
  CHECK((code("serves_nobody") == ErrorCode::unsupported));
  CHECK((code("other_interface_only") == ErrorCode::unsupported));
  CHECK((code("no_id") == ErrorCode::usage));
  CHECK((code("rpath") == ErrorCode::usage));
}

TEST_CASE("the loader's own words reach the message") {
  CHECK(refusal("missing_library") ==
        "cannot be loaded: libcavra-test-dependency.so: cannot open shared object file: No such "
        "file or directory");
}

TEST_CASE("an entry that the loader does not find is told, and no bug of this program") {
  std::string bytes = read_file(plugin_file("nothing"));
  // The first segment has address and offset 0. Nothing passes an empty Bloom filter.
  const auto value = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    return word;
  };
  std::size_t dynamic = 0;
  for (std::size_t at = 64; dynamic == 0; at += 56) {
    if (static_cast<std::uint32_t>(value(at)) == PT_DYNAMIC) dynamic = value(at + 8);
  }
  while (value(dynamic) != DT_GNU_HASH)
    dynamic += 16;
  const std::size_t table = value(dynamic + 8);
  const auto words = static_cast<std::uint32_t>(value(table + 8));
  std::memset(bytes.data() + table + 16, 0, std::size_t{words} * 8);

  const TemporaryFolder folder;
  const auto file = folder.path() / "bloom.so";
  testing::write_file(file, bytes);
  const auto loaded = load_file(file);
  REQUIRE_FALSE(loaded);
  CHECK((loaded.error().code == ErrorCode::usage));
  CHECK(loaded.error().message.find("the loader does not find cavra_plugin_get in it") !=
        std::string::npos);
}

TEST_CASE("a plugin that is refused for its file has run no code") {
  const TemporaryFolder folder;
  const auto marker = folder.path() / "it-ran";
  REQUIRE(::setenv("CAVRA_TEST_MARKER", marker.c_str(), 1) == 0);
  for (const char* name :
       {"rpath", "runpath", "audit", "depaudit", "filter", "auxiliary", "soname_path",
        "needed_path", "exec_stack", "interpose", "extra_symbol", "no_entry"}) {
    CAPTURE(name);
    CHECK_FALSE(load_file(plugin_file(name)));
    CHECK_FALSE(std::filesystem::exists(marker));
  }
  {
    auto wrong_hash = reference_to(plugin_file("unseen"));
    wrong_hash.sha256 = std::string(64, '0');
    PluginRegistry registry("/nowhere");
    CHECK_FALSE(registry.load(wrong_hash));
    CHECK_FALSE(std::filesystem::exists(marker));
  }
  // The same file, fit to load, does run: the marker can be seen.
  CHECK(load_file(plugin_file("unseen")));
  CHECK(std::filesystem::exists(marker));
  ::unsetenv("CAVRA_TEST_MARKER");
}

TEST_CASE("a plugin that throws where it must not is told on") {
  const std::string front = "store \"vault\": a bug in plugin org.cavra.test.bad 0.1.0, ";
  CHECK(opening("throws_in_open") == front + "open: threw an exception: the tape is torn");
  CHECK(opening("throws_int_in_open") == front + "open: threw an exception");
  CHECK(opening("open_gives_null") == front + "open: says that it is open, and gives no store");
  CHECK(opening("session_gives_null") ==
        front + "session_open: says that it is open, and gives no session");
}

TEST_CASE("a table of an older or a later release works") {
  for (const char* name : {"older_table", "future_table"}) {
    CAPTURE(name);
    const auto loaded = load_file(plugin_file(name));
    REQUIRE(loaded);
    const auto opened = PluginRegistry::open_store(**loaded, store_options());
    REQUIRE(opened);
    const auto session = (*opened)->session();
    REQUIRE(session);
    const auto items = (*session)->probe({});
    REQUIRE(items);
    REQUIRE(items->size() == 1);
    const bool is_later = name == std::string_view("future_table");
    CHECK(items->front().least_retention_s == (is_later ? 86400 : 0));
    CHECK((*opened)->describe().sessions_wanted == (is_later ? 7 : 0));
    CHECK_FALSE((*session)->has_destructive_test());
    const auto hold = (*session)->set_hold({}, "a", "");
    REQUIRE_FALSE(hold);
    CHECK((hold.error().code == ErrorCode::unsupported));
    CHECK(hold.error().message == "plugin org.cavra.test.bad has no legal holds");
    CHECK((*session)->max_batch_objects() == 0);
    CHECK((*session)->barrier({}).error().message == "this store has no batches");
    CHECK((*session)->attempt({}, Attempt::clear, "cavra-probe/a", "").error().message ==
          "this store offers no destructive test");
  }
  // The older one's size ends before `seal`, which would refuse: it is not called.
  const auto seal = [](const char* name) {
    const auto opened = PluginRegistry::open_store(**load_file(plugin_file(name)), store_options());
    return (*(*opened)->session())->seal({}, "a/").has_value();
  };
  CHECK(seal("older_table"));
  CHECK_FALSE(seal("future_table"));
}
