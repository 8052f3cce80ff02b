#include "cli/mistyped.hpp"

#include <algorithm>

#include "text/error.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

std::string or_else(const std::optional<std::string>& near, const std::string& otherwise) {
  return near ? "did you mean " + *near + "?" : otherwise;
}

// Long options by their letters, whatever dashes were typed.
std::optional<std::string> nearest_option(const std::string& word,
                                          const std::vector<OptionWords>& options) {
  std::vector<std::string> known;
  for (const OptionWords& option : options)
    for (const std::string& name : option.names)
      if (name.starts_with("--") && !option.hidden) known.push_back(name.substr(2));
  const std::optional<std::string> near =
      nearest(word.substr(std::min(word.find_first_not_of('-'), word.size())), known);
  return near ? std::optional("--" + *near) : std::nullopt;
}

[[noreturn]] void unknown_command(const CommandLineWords& line, const std::string& word) {
  std::vector<std::string> names = {"help"};
  for (const CommandWords& one : line.commands) names.push_back(one.name);
  throw Error("there is no command \"" + word + "\"",
              or_else(nearest(word, names), "schemasync --help lists them"));
}

// The first of them that is a command.
const CommandWords* command_among(const CommandLineWords& line,
                                  const std::vector<std::string>& words) {
  for (const std::string& word : words)
    if (const CommandWords* command = line.command(word)) return command;
  return nullptr;
}

// `ahead`: no command was named before the option, but this one is behind it.
[[noreturn]] void unknown_option(const CommandLineWords& line, const CommandWords* command,
                                 const CommandWords* ahead, const std::string& name) {
  const std::string here = command == nullptr ? "schemasync" : "schemasync " + command->name;
  std::vector<std::string> owners;
  for (const CommandWords& one : line.commands)
    if (one.option(name) != nullptr) owners.push_back(one.name);
  if (!owners.empty() && command != nullptr)
    throw Error(here + " has no option " + name, name + " belongs to " + joined(owners, ", ") +
                                                     ": schemasync help " + owners.front());
  if (ahead != nullptr && ahead->option(name) != nullptr) owners = {ahead->name};
  if (!owners.empty())
    throw Error("the option " + name + " stands behind its command",
                "schemasync " + owners.front() + " " + name);
  std::optional<std::string> near =
      nearest_option(name, command == nullptr ? line.options : command->options);
  std::string of;
  for (const CommandWords& one : line.commands) {
    if (near) break;
    near = nearest_option(name, one.options);
    if (near) of = " (of " + one.name + ")";
  }
  throw Error(here + " has no option " + name,
              near ? "did you mean " + *near + of + "?" : here + " --help lists its options");
}

void check_value(const OptionWords& option, const std::string& value) {
  if (value.empty())  // an unset variable must not choose another database
    throw Error((option.is_argument() ? option.value : option.names.back()) + " is empty",
                "is the variable set that should hold it?");
  const std::vector<std::string> choices = option.choices();
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  const std::string of = option.is_argument() ? "" : " of " + option.names.back();
  throw Error("\"" + value + "\" is no value" + of,
              or_else(nearest(value, choices), "it is one of " + joined(choices, ", ")));
}

void check_complete(const CommandWords& command, std::size_t arguments) {
  std::vector<std::string> needed;
  for (const OptionWords& option : command.options)
    if (option.is_argument() && option.required) needed.push_back(option.value);
  if (arguments >= needed.size()) return;
  throw Error("schemasync " + command.name + " needs " + joined(needed, " and ") +
                  (arguments == 0 ? "" : ", and " + needed[arguments] + " is missing"),
              "schemasync help " + command.name + " has examples");
}

}  // namespace

void check_spelling(const CommandLineWords& line, const std::vector<std::string>& words) {
  const CommandWords* command = nullptr;
  std::size_t arguments = 0;
  bool only_arguments = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") only_arguments = true;
    if (only_arguments || word.size() < 2 || word[0] != '-') {
      if (word == "--") continue;
      if (command == nullptr) {
        command = line.command(word);
        if (command == nullptr) unknown_command(line, word);
        continue;
      }
      std::size_t nth = 0;
      for (const OptionWords& option : command->options)
        if (option.is_argument() && nth++ == arguments) check_value(option, word);
      ++arguments;
      continue;
    }
    const std::size_t equals = word.find('=');
    const bool is_long = word.starts_with("--");
    // Letters may stand together (-qv), and a value right behind its letter (-ofile).
    const std::string name = is_long ? word.substr(0, equals) : word.substr(0, 2);
    if (name == "--help" || name == "-h") return;
    const OptionWords* option = command == nullptr ? nullptr : command->option(name);
    for (const OptionWords& common : line.options)
      if (std::find(common.names.begin(), common.names.end(), name) != common.names.end())
        option = option == nullptr ? &common : option;
    if (option == nullptr)
      unknown_option(line, command, command_among(line, words), is_long ? name : word);
    if (!option->takes_value()) continue;
    if (is_long && equals != std::string::npos) {
      check_value(*option, word.substr(equals + 1));
    } else if (!is_long && word.size() > 2) {
      check_value(*option, word.substr(2));
    } else if (i + 1 < words.size()) {
      check_value(*option, words[++i]);
    }
  }
  if (command != nullptr) check_complete(*command, arguments);
}

}  // namespace schemasync
