#include "../known_store.hpp"
#include "../output/exit_code.hpp"
#include "../report_json.hpp"
#include "../session.hpp"
#include "cavra/support/encoding.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

std::string plugin_word(const PluginReference& plugin) {
  return plugin.name.empty() ? plugin.path.native() : plugin.name;
}

int run_list(const Arguments&, Session& session) {
  const auto config = session.config();
  if (!config) return session.output().fail(config.error());
  JsonValue stores = JsonValue::array();
  for (const auto& [name, store] : (*config)->stores) {
    session.output().say(name + "  " + printable(plugin_word(store.plugin)));
    stores.push_back(JsonValue::object({{"name", name}, {"plugin", plugin_word(store.plugin)}}));
  }
  if ((*config)->stores.empty()) session.output().note("no stores are configured");
  session.output().set_result(JsonValue::object({{"stores", std::move(stores)}}));
  return kExitDone;
}

struct DescribedStore {
  StoreDescription store;
  Result<void> is_known;  // as KnownStore::check()
};
Result<DescribedStore> describe_store(const std::string& name, Session& session) {
  CAVRA_TRY(const Config* config, session.config());
  CAVRA_CHECK(load_store_plugin(session, *config, name));
  CAVRA_TRY(const KnownStore known, KnownStore::read(*config, name));
  CAVRA_TRY(const auto store, open_store(session, *config, name, 1));
  return DescribedStore{store->describe(), known.check(store->describe())};
}

int run_describe(const Arguments& arguments, Session& session) {
  const std::string& name = arguments.positional(0);
  const auto described = describe_store(name, session);
  if (!described) return session.output().fail(described.error());
  const StoreDescription* const store = &described->store;
  Output& output = session.output();
  output.say("store      " + name);
  output.say("plugin     " + printable(store->plugin_id + " " + store->plugin_version));
  output.say("location   " + printable(store->location));
  output.say("identity   " + (store->identity.empty() ? "none yet: made by the first archive"
                                                      : printable(store->identity)));
  output.say("mode       " + std::string(to_string(store->mode)));
  output.say("strength   " + printable(store->strength));
  output.say("legal hold " + std::string(store->has_legal_hold ? "yes" : "no"));
  if (store->last_retain_until_unix_s)
    output.say("holds to   " + format_utc({*store->last_retain_until_unix_s, 0}));
  for (const Right& right : store->rights)
    output.say("right      " + printable(right.name) + " (" + printable(right.needed_for) +
               "): " + printable(right.reason));
  output.set_result(store_description_json(name, *store));
  if (!described->is_known) return output.fail(described->is_known.error());
  return kExitDone;
}

}  // namespace

Command store_list_command() {
  Command command;
  command.name = "store list";
  command.summary = "Tell the configured stores";
  command.run = run_list;
  return command;
}

Command store_describe_command() {
  Command command;
  command.name = "store describe";
  command.arguments = "NAME";
  command.least_positional = command.most_positional = 1;
  command.summary = "Tell what a store is: mode, strength, limits, and the rights that it needs";
  command.examples = "  cavra store describe local\n";
  command.run = run_describe;
  return command;
}

}  // namespace cavra::cli
