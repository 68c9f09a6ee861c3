#include "command.hpp"

#include <algorithm>
#include <boost/make_shared.hpp>
#include <boost/program_options.hpp>
#include <charconv>
#include <sstream>

#include "cavra/json.hpp"
#include "cavra/support/encoding.hpp"

namespace po = boost::program_options;

namespace cavra::cli {

namespace {

// Commands that end in the word typed, "evidence verify" for "verify"; else those spelt like it.
std::string near_hint(const std::string& word, std::span<const std::string> candidates) {
  std::vector<std::string> near;
  std::ranges::copy_if(candidates, std::back_inserter(near), [&](const std::string& name) {
    return !word.empty() && name.ends_with(" " + word);
  });
  if (near.empty()) near = near_words(word, candidates);
  if (near.empty()) return "";
  std::string hint = "; did you mean ";
  for (std::size_t i = 0; i < near.size(); ++i)
    hint += (i == 0 ? "" : ", ") + quoted(near[i]);
  return hint + "?";
}

void declare(po::options_description& description, const Option& option) {
  po::value_semantic* semantic = nullptr;
  if (option.kind == Option::Kind::flag) {
    semantic = new po::untyped_value(true);
  } else {
    auto* value = po::value<std::vector<std::string>>();
    if (option.kind == Option::Kind::values) value->composing();
    semantic = value;
  }
  const std::string names = option.name == "help" ? "help,h" : option.name;
  description.add(boost::make_shared<po::option_description>(names.c_str(), semantic, ""));
}

Error unknown_option(const Command& command, std::string name) {
  // What stands after "=", or after the letter of "-kVALUE", may be a secret.
  name = name.substr(0, name.find('='));
  if (name.starts_with("-") && !name.starts_with("--")) name = name.substr(1, 1);
  name.erase(0, name.find_first_not_of('-'));
  const std::string shown = (name.size() == 1 ? "-" : "--") + printable(name, 64);
  std::vector<std::string> names;
  names.reserve(command.options.size() + common_options().size());
  for (const Option& option : command.options)
    names.push_back(option.name);
  for (const Option& option : common_options())
    names.push_back(option.name);
  std::string hint;
  if (const auto near = near_words(name, names); !near.empty())
    hint = " (did you mean --" + near.front() + "?)";
  return {ErrorCode::usage,
          "unknown option " + shown + hint + "; see `cavra " + command.name + " --help`"};
}

Error explain(const Command& command, const po::error& error) {
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&error))
    return unknown_option(command, unknown->get_option_name());
  if (const auto* named = dynamic_cast<const po::error_with_option_name*>(&error)) {
    std::string name = named->get_option_name();
    name = name.substr(0, name.find('='));
    if (dynamic_cast<const po::invalid_command_line_syntax*>(&error) != nullptr)
      return {ErrorCode::usage,
              printable(name, 64) + ": a value is missing, or one is given that it does not take"};
    return {ErrorCode::usage, printable(name, 64) + ": cannot be used like this"};
  }
  return {ErrorCode::usage,
          "the command line cannot be read; see `cavra " + command.name + " --help`"};
}

}  // namespace

struct ArgumentParser {
  const Command& command;

  Result<void> take(Arguments& into, const po::option& parsed) const {
    if (parsed.position_key != -1) {
      into.positional_.insert(into.positional_.end(), parsed.value.begin(), parsed.value.end());
      return {};
    }
    const Option* option = find(parsed.string_key);
    if (option == nullptr) return unknown_option(command, parsed.string_key);
    auto& values = into.values_[parsed.string_key];
    if (option->kind == Option::Kind::value && !values.empty())
      return Error{ErrorCode::usage, "--" + option->name + " is given twice"};
    values.insert(values.end(), parsed.value.begin(), parsed.value.end());
    return {};
  }

  const Option* find(std::string_view name) const {
    for (const Option& option : command.options)
      if (option.name == name) return &option;
    for (const Option& option : common_options())
      if (option.name == name) return &option;
    return nullptr;
  }

  Result<void> check_positional(const Arguments& arguments) const {
    const std::size_t count = arguments.positional_.size();
    if (count >= command.least_positional && count <= command.most_positional) return {};
    if (count > command.most_positional && command.most_positional == 0)
      return Error{ErrorCode::usage, "`cavra " + command.name + "` takes no argument, and " +
                                         quoted(arguments.positional_.front(), 64) + " is one"};
    return Error{ErrorCode::usage, (count < command.least_positional ? "too few arguments: "
                                                                     : "too many arguments: ") +
                                       ("usage: cavra " + command.name + " " + command.arguments)};
  }

  // "--name=" is the empty value: in two words, as Boost refuses it in one.
  std::vector<std::string> with_empty_values(const std::vector<std::string>& words) const {
    std::vector<std::string> split;
    for (auto word = words.begin(); word != words.end(); ++word) {
      if (*word == "--") return split.insert(split.end(), word, words.end()), split;
      const bool is_empty = word->starts_with("--") && word->find('=') + 1 == word->size();
      const Option* option = is_empty ? find(word->substr(2, word->size() - 3)) : nullptr;
      if (option != nullptr && option->kind != Option::Kind::flag) {
        split.insert(split.end(), {"--" + option->name, ""});
      } else {
        split.push_back(*word);
      }
    }
    return split;
  }

  // An option's value in the next word: one that begins with "--" is most likely another option.
  Result<void> check_values(const std::vector<std::string>& words) const {
    for (std::size_t i = 0; i + 1 < words.size() && words[i] != "--"; ++i) {
      const Option* option = words[i].starts_with("--") ? find(words[i].substr(2)) : nullptr;
      if (option == nullptr || option->kind == Option::Kind::flag) continue;
      const std::string& value = words[++i];
      if (!value.starts_with("--")) continue;
      // What stands after "=" may be a secret.
      const std::string shown = printable(value.substr(0, value.find('=')), 64);
      return Error{ErrorCode::usage, "--" + option->name + " needs a value, and " + shown +
                                         " follows it; if that is the value, write --" +
                                         option->name + "=" + shown};
    }
    return {};
  }

  Result<Arguments> run(const std::vector<std::string>& words) const {
    CAVRA_CHECK(check_values(words));
    po::options_description all;
    for (const Option& option : command.options)
      declare(all, option);
    for (const Option& option : common_options())
      declare(all, option);
    Arguments arguments;
    for (const Option& option : command.options)
      arguments.defaults_[option.name] = option.default_value;
    try {
      // No guessing: --key must never be taken for --key-id.
      const int style =
          po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
      const auto parsed =
          po::command_line_parser(with_empty_values(words)).options(all).style(style).run();
      for (const po::option& option : parsed.options)
        CAVRA_CHECK(take(arguments, option));
    } catch (const po::error& error) {
      return explain(command, error);
    }
    if (!arguments.has("help")) CAVRA_CHECK(check_positional(arguments));
    return arguments;
  }
};

bool Arguments::has(const std::string& option) const {
  return values_.contains(option);
}

bool Arguments::flag(const std::string& option) const {
  return has(option);
}

std::string Arguments::text(const std::string& option) const {
  if (const auto found = values_.find(option); found != values_.end() && !found->second.empty())
    return found->second.back();
  const auto fallback = defaults_.find(option);
  return fallback == defaults_.end() ? "" : fallback->second;
}

std::vector<std::string> Arguments::texts(const std::string& option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

Result<std::int64_t> Arguments::integer(const std::string& option, std::int64_t least,
                                        std::int64_t most) const {
  const std::string value = text(option);
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (problem != std::errc{} || end != value.data() + value.size() || number < least ||
      number > most)
    return Error{ErrorCode::usage, "--" + option + ": " + quoted(value, 64) +
                                       " is not a whole number from " + std::to_string(least) +
                                       " to " + std::to_string(most)};
  return number;
}

std::span<const Option> common_options() {
  static const std::vector<Option> options{
      {"config", Option::Kind::value, "FILE",
       "The configuration. Without it: $CAVRA_CONFIG, else .cavra/config.json in the current "
       "folder alone",
       ""},
      {"json", Option::Kind::flag, "", "One JSON document on standard output", ""},
      {"quiet", Option::Kind::flag, "", "No progress and no notes", ""},
      {"debug", Option::Kind::flag, "", "What plugins ask of their stores, on standard error", ""},
      {"help", Option::Kind::flag, "", "This text", ""},
  };
  return options;
}

Result<const Command*> find_command(std::vector<std::string>& words) {
  if (words.empty()) return Error{ErrorCode::usage, "no command is named; see `cavra --help`"};
  std::vector<std::string> names;
  for (const Command& command : all_commands()) {
    names.push_back(command.name);
    std::istringstream parts(command.name);
    const std::vector<std::string> name{std::istream_iterator<std::string>(parts), {}};
    if (words.size() < name.size() || !std::equal(name.begin(), name.end(), words.begin()))
      continue;
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(name.size()));
    return &command;
  }
  std::string typed = words[0];
  const bool is_group = std::ranges::any_of(
      names, [&](const std::string& name) { return name.starts_with(typed + " "); });
  if (is_group && words.size() > 1 && !words[1].starts_with("-")) typed += " " + words[1];
  if (is_group && typed == words[0]) {
    std::string choices;
    for (const std::string& name : names)
      if (name.starts_with(typed + " "))
        choices += (choices.empty() ? "" : ", ") + name.substr(typed.size() + 1);
    return Error{ErrorCode::usage, "`cavra " + typed + "` needs one of: " + choices};
  }
  // What stands after "=" may be a secret.
  if (typed.starts_with("-")) typed = typed.substr(0, typed.find('='));
  const std::string hint = near_hint(typed, names);
  return Error{ErrorCode::usage, "unknown command " + quoted(typed, 64) +
                                     (hint.empty() ? "; see" : hint + " See") + " `cavra --help`"};
}

std::vector<std::string> take_leading_options(std::vector<std::string>& words) {
  std::size_t count = 0;
  while (count < words.size()) {
    const std::string& word = words[count];
    if (word == "--config" && count + 1 < words.size()) {
      count += 2;
    } else if (word == "--json" || word == "--quiet" || word == "--debug" ||
               word.starts_with("--config=")) {
      ++count;
    } else {
      break;
    }
  }
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<std::string> taken(std::make_move_iterator(words.begin()),
                                 std::make_move_iterator(end));
  words.erase(words.begin(), end);
  return taken;
}

Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& words) {
  return ArgumentParser{command}.run(words);
}

}  // namespace cavra::cli
