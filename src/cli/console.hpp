// Standard output and error as commands use them: results to stdout, everything else to stderr,
// colour only on a terminal, and questions that only a person answers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/options.hpp"
#include "cli/target.hpp"

namespace schemasync {

bool colour_wanted(const Options& options, bool to_stdout);
bool is_terminal(bool stdout_side);

// "dev     app at .schemasync/dev, PostgreSQL 15.18", to stderr unless --quiet.
void say_header(const Options& options, const Target& target);
void tell(const Options& options, const std::string& line);  // stderr, unless --quiet
void print(const std::string& text);                         // stdout
// Has all of it been taken, to the last byte? A disk may be full. Asked once, at the end.
bool results_are_out();

// Writes a file whole, through a temporary beside it. Throws Error when it cannot.
void write_file(const std::string& path, const std::string& text);
// Several, as (path, text): none where one cannot be written.
void write_files(const std::vector<std::pair<std::string, std::string>>& files);
std::string text_of_file(const std::string& path);

// An unprotected env asks y/N, a protected one has its name typed. --yes answers the first;
// `yes_is_enough` says whether it does for the second. Throws Error (exit 3) when declined, wrong,
// or nobody is there.
// `instead`: what else does on a protected env, for that message.
void confirm(const Options& options, const Target& target, const std::string& question,
             bool yes_is_enough, const std::string& instead = {});

}  // namespace schemasync
