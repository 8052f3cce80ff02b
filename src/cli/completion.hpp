// The completion scripts of three shells, made of the command line's own words. What only a project
// knows (the names of its envs) and the rules they ask by `schemasync completion --words`.
#pragma once

#include <string>

#include "cli/command_words.hpp"

namespace schemasync {

std::string bash_completion(const CommandLineWords& line);
std::string zsh_completion(const CommandLineWords& line);
std::string fish_completion(const CommandLineWords& line);

}  // namespace schemasync
