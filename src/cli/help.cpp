#include "cli/help.hpp"

#include <algorithm>

#include "render/page.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::size_t widest_name = 30;

void add_options(Page& page, const std::string& heading, const std::vector<OptionWords>& options,
                 bool (*wanted)(const OptionWords&)) {
  std::size_t width = 0;
  for (const OptionWords& option : options)
    if (wanted(option) && shown_option(option).size() <= widest_name)
      width = std::max(width, shown_option(option).size());
  bool first = true;
  for (const OptionWords& option : options) {
    if (!wanted(option) || option.hidden) continue;
    if (first) {
      page.blank();
      page.add("", heading);
    }
    first = false;
    const std::string name = shown_option(option);
    if (name.size() > widest_name) page.verbatim(2, name);
    page.add("  " + padded(name.size() > widest_name ? "" : name, width + 2), option.help);
  }
}

bool is_argument(const OptionWords& option) { return option.is_argument(); }
bool is_own(const OptionWords& option) { return !option.is_argument() && !option.common; }
bool is_common(const OptionWords& option) { return !option.is_argument() && option.common; }

}  // namespace

std::string shown_option(const OptionWords& option) {
  const std::string name = option.is_argument() ? option.value : joined(option.names, ", ");
  if (option.is_argument()) return name;
  return option.takes_value() ? name + " " + option.value : name;
}

std::string usage_of(const CommandWords& command) {
  std::string usage = "schemasync " + command.name + " [OPTIONS]";
  for (const OptionWords& option : command.options)
    if (option.is_argument() && !option.hidden)
      usage += option.required ? " " + option.value : " [" + option.value + "]";
  return usage;
}

std::string help_text(const CommandLineWords& line) {
  Page page(false);
  page.add("", line.help);
  page.blank();
  page.add("Usage: ", "schemasync COMMAND [OPTIONS]");
  page.blank();
  page.add("", "Commands");
  std::size_t width = 0;
  for (const CommandWords& command : line.commands) width = std::max(width, command.name.size());
  for (const CommandWords& command : line.commands)
    page.add("  " + padded(command.name, width + 2), command.help);
  add_options(page, "Options of all commands", line.options, is_common);
  page.blank();
  page.add("",
           "Start with `schemasync init`. Then edit schemas/*.toml, and: plan, apply, rollback.\n"
           "`schemasync help COMMAND` has its options and examples; `schemasync explain` the "
           "risks.");
  return std::move(page).text();
}

std::string command_help(const CommandWords& command) {
  Page page(false);
  page.add("", command.help);
  page.blank();
  page.add("Usage: ", usage_of(command));
  add_options(page, "Arguments", command.options, is_argument);
  add_options(page, "Options", command.options, is_own);
  add_options(page, "Options of all commands", command.options, is_common);
  page.blank();
  page.add("", "Examples");
  page.verbatim(0, command.examples);
  return std::move(page).text();
}

}  // namespace schemasync
