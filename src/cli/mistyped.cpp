#include "cli/mistyped.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "text/error.hpp"
#include "text/secrets.hpp"
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

// It stands where something else is expected. Not repeated: a password may be in it.
[[noreturn]] void misplaced_connection(const CommandWords* command, const std::string& expected) {
  constexpr std::array<std::string_view, 5> of_no_database = {"check", "completion", "explain",
                                                              "help", "server"};
  std::string hint = "did you mean --url?";
  if (command == nullptr && expected == "a command")
    hint = "schemasync plan --url URL";
  else if (command != nullptr && command->name == "init")
    hint = "schemasync init --url URL pulls its models";
  else if (command != nullptr && std::find(of_no_database.begin(), of_no_database.end(),
                                           command->name) != of_no_database.end())
    hint = "schemasync help " + command->name + " has examples";
  throw Error("a connection string stands where " + expected + " is expected", hint);
}

std::string name_of(const OptionWords& option) {
  return option.is_argument() ? option.value : option.names.back();
}

bool is_count(const std::string& value) {
  constexpr int most = 1'000'000;
  int number = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  return failure == std::errc{} && end == value.data() + value.size() && number >= 1 &&
         number <= most;
}

void check_value(const CommandWords* command, const OptionWords& option, const std::string& value) {
  if (value.empty())  // an unset variable must not choose another database
    throw Error(name_of(option) + " is empty", "is the variable set that should hold it?");
  const std::string of = option.is_argument() ? "" : " of " + name_of(option);
  const bool may_be_url = option.value == "URL" || option.value == "A" || option.value == "B";
  if (!may_be_url && is_connection_string(value)) misplaced_connection(command, option.value + of);
  if (option.value == "N" && !is_count(value))
    throw Error("\"" + value + "\" is no value" + of, "it is a number from 1 to 1,000,000");
  const std::vector<std::string> choices = option.choices();
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) return;
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

// One walk over the words, as CLI11 will take them.
class Spelling {
 public:
  Spelling(const CommandLineWords& line, const std::vector<std::string>& words)
      : line_(line), words_(words) {}

  void check() {
    bool only_arguments = false;
    while (at_ < words_.size()) {
      const std::string& word = words_[at_++];
      if (word == "--") {
        only_arguments = true;
      } else if (only_arguments || word.size() < 2 || word[0] != '-') {
        argument(word);
      } else if (!option(word)) {
        return;
      }
    }
    if (command_ != nullptr) check_complete(*command_, arguments_);
  }

 private:
  void argument(const std::string& word) {
    if (command_ == nullptr) {
      command_ = line_.command(word);
      if (command_ != nullptr) return;
      if (is_connection_string(word)) misplaced_connection(nullptr, "a command");
      unknown_command(line_, word);
    }
    std::size_t nth = 0;
    for (const OptionWords& one : command_->options)
      if (one.is_argument() && nth++ == arguments_) {
        check_value(command_, one, word);
        ++arguments_;
        return;
      }
    const std::string expected = nth == 0 ? "no argument" : "no further argument";
    if (is_connection_string(word)) misplaced_connection(command_, expected);
    throw Error("schemasync " + command_->name + " takes " + expected + ": \"" + word + "\"",
                "schemasync help " + command_->name + " has examples");
  }

  // false: help is asked for, and nothing behind it matters.
  bool option(const std::string& word) {
    const std::size_t equals = word.find('=');
    const bool is_long = word.starts_with("--");
    // Letters may stand together (-qv), and a value right behind its letter (-ofile).
    const std::string name = is_long ? word.substr(0, equals) : word.substr(0, 2);
    if (name == "--help" || name == "-h") return false;
    const OptionWords* option = known(name);
    if (option == nullptr)
      unknown_option(line_, command_, command_among(line_, words_), is_long ? name : word);
    if (!option->takes_value()) {
      if (is_long && equals != std::string::npos) throw Error(name + " takes no value");
      return true;
    }
    if (!given_.insert(name_of(*option)).second && !option->repeatable)
      throw Error(name_of(*option) + " is given twice");
    if (is_long && equals != std::string::npos) {
      check_value(command_, *option, word.substr(equals + 1));
    } else if (!is_long && word.size() > 2) {
      check_value(command_, *option, word.substr(2));
    } else if (at_ == words_.size() || is_long_option(words_[at_])) {
      throw Error(name + " needs a value: " + option->value,
                  command_ == nullptr ? "schemasync --help lists the options"
                                      : "schemasync help " + command_->name + " has examples");
    } else {
      check_value(command_, *option, words_[at_++]);
    }
    return true;
  }

  const OptionWords* known(const std::string& name) const {
    if (const OptionWords* own = command_ == nullptr ? nullptr : command_->option(name)) return own;
    for (const OptionWords& common : line_.options)
      if (std::find(common.names.begin(), common.names.end(), name) != common.names.end())
        return &common;
    return nullptr;
  }

  bool is_long_option(const std::string& word) const {
    return word.starts_with("--") && known(word) != nullptr;
  }

  const CommandLineWords& line_;
  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  const CommandWords* command_ = nullptr;
  std::size_t arguments_ = 0;
  std::set<std::string> given_;
};

}  // namespace

void check_spelling(const CommandLineWords& line, const std::vector<std::string>& words) {
  Spelling(line, words).check();
}

}  // namespace schemasync
