// What is answered to a word of the command line that nobody knows: the nearest that is meant, or
// the command that an option belongs to. Looked at before anything runs.
#pragma once

#include <string>
#include <vector>

#include "cli/command_words.hpp"

namespace schemasync {

// `words`: argv without the program. Throws Error (exit 1) for the first command, option or value
// of a closed choice that is not there, a value too many or too few, and a connection string where
// none belongs; what is left to say is CLI11's.
void check_spelling(const CommandLineWords& line, const std::vector<std::string>& words);

}  // namespace schemasync
