// schemasync(1) as roff, made of the command line's own words while the tool is built.
#pragma once

#include <string>

#include "cli/command_words.hpp"

namespace schemasync {

std::string man_page(const CommandLineWords& line);

}  // namespace schemasync
