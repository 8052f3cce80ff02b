// `--help`, `help COMMAND` and the bare `schemasync`: at most 100 columns, a command's own options
// apart from those that all commands have, and examples.
#pragma once

#include <string>

#include "cli/command_words.hpp"

namespace schemasync {

std::string help_text(const CommandLineWords& line);
std::string command_help(const CommandWords& command);

// "schemasync apply [OPTIONS] [PLAN]".
std::string usage_of(const CommandWords& command);
// "-o, --output FILE"; what `--help` and the man page call an option.
std::string shown_option(const OptionWords& option);

}  // namespace schemasync
