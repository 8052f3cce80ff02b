// Runs a command and prints what it throws: the one place where errors become text and exit codes.
// No password of a connection string that was given in a wrong place is in that text.
#pragma once

#include "cli/options.hpp"
#include "text/error.hpp"

namespace schemasync {

using RunCommand = ExitCode (*)(const Options&);

int run_command(RunCommand run, const Options& options);
int print_error(const Options& options, const Error& error);  // the exit code

}  // namespace schemasync
