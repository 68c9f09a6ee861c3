#include "help_text.hpp"

#include <algorithm>
#include <sstream>

namespace cavra::cli {

namespace {

constexpr std::size_t kColumns = 96;
// Terms that are longer stand on a line of their own.
constexpr std::size_t kLongestTerm = 28;

bool is_help_option(const std::string& word) {
  return word == "--help" || word == "-h";
}

struct Term {
  std::string term;
  std::string text;
};

// "  term    text", the text wrapped between words and indented below itself.
void print_terms(std::ostream& out, const std::vector<Term>& terms) {
  std::size_t width = 0;
  for (const Term& each : terms)
    if (each.term.size() <= kLongestTerm) width = std::max(width, each.term.size());
  const std::string margin(width + 4, ' ');
  for (const Term& each : terms) {
    std::string line = "  " + each.term;
    if (each.term.size() > width) {
      out << line << '\n';
      line.clear();
    }
    line.resize(margin.size(), ' ');
    std::istringstream words(each.text);
    bool is_first = true;
    for (std::string word; words >> word; is_first = false) {
      if (!is_first && line.size() + 1 + word.size() > kColumns) {
        out << line << '\n';
        line = margin + word;
      } else {
        line += (is_first ? "" : " ") + word;
      }
    }
    out << line << '\n';
  }
}

void print_options(std::ostream& out, std::span<const Option> options) {
  std::vector<Term> terms;
  for (const Option& option : options) {
    std::string term = "--" + option.name;
    if (option.kind != Option::Kind::flag) term += " " + option.metavar;
    std::string text = option.help;
    if (!option.default_value.empty()) text += " [default: " + option.default_value + "]";
    terms.push_back({std::move(term), std::move(text)});
  }
  print_terms(out, terms);
}

// Of all commands, or of those whose name begins with `prefix`.
std::vector<Term> command_terms(const std::string& prefix) {
  std::vector<Term> terms;
  for (const Command& command : all_commands())
    if (command.name.starts_with(prefix)) terms.push_back({command.name, command.summary});
  return terms;
}

// The text for these words, without the word that asks.
Result<std::optional<std::string>> help_for(std::vector<std::string> words) {
  if (words.empty()) return std::optional(overview_text());
  if (words.size() == 1)
    if (auto group = group_text(words[0])) return group;
  CAVRA_TRY(const Command* command, find_command(words));
  return std::optional(help_text(*command));
}

}  // namespace

std::string overview_text() {
  std::ostringstream out;
  out << "usage: cavra COMMAND [arguments] [options]\n\n"
         "Archives signed evidence bundles into stores that nobody can rewrite, proves the lock\n"
         "from the store's own answer, and keeps a signed receipt.\n\nCommands:\n";
  print_terms(out, command_terms(""));
  out << "\n`cavra COMMAND --help` tells more. Exit status: 0 done, 1 evidence or a receipt did "
         "not\n"
         "hold, 2 usage or configuration, 3 the store failed, 4 refused, 5 lock not proven.\n";
  return out.str();
}

std::string help_text(const Command& command) {
  std::ostringstream out;
  out << "usage: cavra " << command.name;
  if (!command.arguments.empty()) out << ' ' << command.arguments;
  out << " [options]\n\n" << command.summary << '\n';
  if (!command.details.empty()) out << '\n' << command.details << '\n';
  if (!command.options.empty()) {
    out << "\nOptions:\n";
    print_options(out, command.options);
  }
  out << "\nEverywhere:\n";
  print_options(out, common_options());
  if (!command.examples.empty()) out << "\nExamples:\n" << command.examples;
  return out.str();
}

std::optional<std::string> group_text(const std::string& group) {
  const std::vector<Term> terms = command_terms(group + " ");
  if (group.empty() || terms.empty()) return std::nullopt;
  std::ostringstream out;
  out << "usage: cavra " << group << " COMMAND [arguments] [options]\n\nCommands:\n";
  print_terms(out, terms);
  out << "\n`cavra " << group << " COMMAND --help` tells more.\n";
  return out.str();
}

Result<std::optional<std::string>> asked_help(const std::vector<std::string>& words) {
  if (words.empty()) return std::optional<std::string>();
  if (is_help_option(words[0])) return std::optional(overview_text());
  if (words[0] == "help") {
    std::vector<std::string> rest(words.begin() + 1, words.end());
    std::erase_if(rest, is_help_option);
    return help_for(std::move(rest));
  }
  // A command's own --help is parsed with its other options.
  if (words.size() == 2 && is_help_option(words[1])) return group_text(words[0]);
  return std::optional<std::string>();
}

}  // namespace cavra::cli
