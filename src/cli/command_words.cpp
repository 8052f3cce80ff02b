#include "cli/command_words.hpp"

#include <algorithm>

#include "text/strings.hpp"

namespace schemasync {
namespace {

const OptionWords* named(const std::vector<OptionWords>& options, const std::string& name) {
  for (const OptionWords& option : options)
    if (std::find(option.names.begin(), option.names.end(), name) != option.names.end())
      return &option;
  return nullptr;
}

}  // namespace

std::vector<std::string> OptionWords::choices() const {
  const bool literal = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '|' || c == '-';
  });
  return literal ? split(value, '|') : std::vector<std::string>{};
}

const OptionWords* CommandWords::option(const std::string& name_asked) const {
  return named(options, name_asked);
}

const CommandWords* CommandLineWords::command(const std::string& name) const {
  for (const CommandWords& one : commands)
    if (one.name == name) return &one;
  return nullptr;
}

}  // namespace schemasync
