#include "plugin/loaded_plugin.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "cavra/abi_struct.hpp"
#include "cavra/support/encoding.hpp"
#include "plugin/elf_check.hpp"
#include "plugin/foreign_text.hpp"
#include "plugin/shared_object.hpp"

namespace cavra::plugin {

namespace {

constexpr std::uint32_t kMaxInterfaces = 64;
constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kMaxSchemaBytes = std::size_t{1} << 20;

Error unfit(std::string why) {
  return {ErrorCode::usage, std::move(why)};
}

std::string abi_text(std::uint32_t major, std::uint32_t minor) {
  return std::to_string(major) + '.' + std::to_string(minor);
}

Result<void> check_abi(const cavra_plugin& given) {
  const bool is_same = given.abi_major == CAVRA_ABI_MAJOR &&
                       (CAVRA_ABI_MAJOR != 0 || given.abi_minor == CAVRA_ABI_MINOR);
  if (is_same) return {};
  return Error{ErrorCode::unsupported,
               "is built for the plugin interface " + abi_text(given.abi_major, given.abi_minor) +
                   ", and this program has " + abi_text(CAVRA_ABI_MAJOR, CAVRA_ABI_MINOR) +
                   ": use one that is built for it"};
}

bool is_reverse_dns(std::string_view id) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  return std::ranges::all_of(id, is_allowed) && id.find('.') != std::string_view::npos &&
         id.front() != '.' && id.back() != '.' && id.find("..") == std::string_view::npos;
}

Result<PluginFacts> read_facts(const cavra_plugin& given) {
  PluginFacts facts;
  facts.abi_major = given.abi_major;
  facts.abi_minor = given.abi_minor;
  CAVRA_TRY(facts.id, required_text(given.id, "its id", kMaxNameBytes));
  if (!is_reverse_dns(facts.id))
    return unfit("its id " + quoted(facts.id) + " is not like \"org.example.tape\"");
  CAVRA_TRY(facts.version, required_text(given.version, "its version", kMaxNameBytes));
  CAVRA_TRY(facts.vendor, required_text(given.vendor, "its vendor", kMaxNameBytes));
  CAVRA_TRY(facts.licence, required_text(given.licence, "its licence", kMaxNameBytes));
  return facts;
}

Result<JsonSchema> read_schema(const cavra_plugin& given) {
  const std::string_view schema = abi::view(given.settings_schema);
  if (schema.empty()) return unfit("has no settings schema");
  if (schema.size() > kMaxSchemaBytes) return unfit("has a settings schema above 1 MiB");
  auto compiled = JsonSchema::compile(schema);
  if (!compiled) return unfit("has an unusable settings schema: " + compiled.error().message);
  return compiled;
}

// The table of an interface, with what its size does not cover as null.
template <class Table>
Table receive_table(const cavra_interface& interface) {
  return abi::receive(*static_cast<const Table*>(interface.table));
}

Result<void> check_storage(const cavra_storage_v1& table) {
  struct Entry {
    bool is_there;
    const char* name;
  };
  const std::array required{
      Entry{table.open != nullptr, "open"},
      Entry{table.close != nullptr, "close"},
      Entry{table.describe != nullptr, "describe"},
      Entry{table.session_open != nullptr, "session_open"},
      Entry{table.session_close != nullptr, "session_close"},
      Entry{table.put != nullptr, "put"},
      Entry{table.stat != nullptr, "stat"},
      Entry{table.get != nullptr, "get"},
      Entry{table.list != nullptr, "list"},
      Entry{table.raise_lock != nullptr, "raise_lock"},
      Entry{table.probe != nullptr, "probe"},
  };
  for (const Entry& entry : required) {
    if (!entry.is_there)
      return unfit(std::string("offers " CAVRA_STORAGE_V1 " without ") + entry.name);
  }
  if ((table.set_hold == nullptr) != (table.clear_hold == nullptr))
    return unfit("offers one of set_hold and clear_hold without the other");
  return {};
}

// Takes the interfaces that this program asks for. Others are named in the facts and left alone.
Result<void> read_interface(const cavra_interface& interface, LoadedPlugin& plugin) {
  CAVRA_TRY(std::string name, required_text(interface.name, "an interface name", kMaxNameBytes));
  if (interface.table == nullptr) return unfit("offers " + name + " without its table");
  auto& names = plugin.facts.interfaces;
  if (std::ranges::find(names, name) != names.end()) return unfit("offers " + name + " twice");
  if (name == CAVRA_STORAGE_V1) {
    plugin.storage = receive_table<cavra_storage_v1>(interface);
    CAVRA_CHECK(check_storage(plugin.storage));
  } else if (name == CAVRA_STORAGE_BATCH_V1) {
    plugin.batch = receive_table<cavra_storage_batch_v1>(interface);
    if (plugin.batch->put_many == nullptr || plugin.batch->barrier == nullptr ||
        plugin.batch->max_objects == 0)
      return unfit("offers " + name + " without put_many, barrier or max_objects");
  } else if (name == CAVRA_STORAGE_DESTRUCTIVE_TEST_V1) {
    plugin.destructive_test = receive_table<cavra_storage_destructive_test_v1>(interface);
    if (plugin.destructive_test->attempt == nullptr)
      return unfit("offers " + name + " without attempt");
  }
  names.push_back(std::move(name));
  return {};
}

Result<void> read_interfaces(const cavra_plugin& given, LoadedPlugin& plugin) {
  if (given.interface_count > kMaxInterfaces || given.interfaces == nullptr)
    return unfit("offers no usable list of interfaces");
  for (const cavra_interface* interface : std::span(given.interfaces, given.interface_count)) {
    if (interface == nullptr) return unfit("has a hole in its list of interfaces");
    CAVRA_CHECK(read_interface(abi::receive(*interface), plugin));
  }
  if (plugin.storage.size != 0) return {};
  return Error{ErrorCode::unsupported, "offers no " CAVRA_STORAGE_V1 ": it is no storage plugin"};
}

Result<const cavra_plugin*> ask(const PluginEntry& entry) {
  try {
    return entry.get(CAVRA_ABI_MAJOR);
  } catch (...) {
    return unfit("throws when it is asked what it is");
  }
}

const LoadedPlugin* keep(LoadedPlugin plugin) {
  static auto& mutex = *new std::mutex;
  static auto& all = *new std::vector<std::unique_ptr<const LoadedPlugin>>;
  const std::lock_guard guard(mutex);
  return all.emplace_back(std::make_unique<const LoadedPlugin>(std::move(plugin))).get();
}

}  // namespace

Result<LoadedPlugin> read_plugin(const cavra_plugin* given) {
  if (given == nullptr)
    return Error{ErrorCode::unsupported, "does not serve plugin interface " +
                                             abi_text(CAVRA_ABI_MAJOR, CAVRA_ABI_MINOR) +
                                             ", which this program has"};
  if (!CAVRA_COVERS(cavra_plugin, given, interface_count))
    return unfit("describes itself in " + std::to_string(given->size) + " bytes: too few");
  const cavra_plugin covered = abi::receive(*given);
  CAVRA_CHECK(check_abi(covered));
  CAVRA_TRY(auto facts, read_facts(covered));
  CAVRA_TRY(auto schema, read_schema(covered));
  LoadedPlugin plugin{.facts = std::move(facts), .settings = std::move(schema)};
  plugin.facts.settings_schema = abi::view(covered.settings_schema);
  CAVRA_CHECK(read_interfaces(covered, plugin));
  return plugin;
}

Result<const LoadedPlugin*> load_plugin(SealedFile sealed, const std::string& name,
                                        const std::filesystem::path& file) {
  {
    CAVRA_TRY(const MappedBytes mapped, MappedBytes::of(sealed));
    CAVRA_CHECK(check_elf(mapped.bytes()));
  }
  CAVRA_TRY(const PluginEntry entry, load_shared_object(std::move(sealed.memfd), sealed.sha256));
  CAVRA_TRY(const cavra_plugin* const given, ask(entry));
  CAVRA_TRY(LoadedPlugin plugin, read_plugin(given));
  plugin.facts.name = name;
  plugin.facts.file = file;
  plugin.facts.sha256 = sealed.sha256;
  return keep(std::move(plugin));
}

}  // namespace cavra::plugin
