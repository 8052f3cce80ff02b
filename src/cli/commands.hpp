// The commands, one file each. Each reads as its pipeline and returns the exit code; errors are
// thrown.
#pragma once

#include "cli/options.hpp"
#include "text/error.hpp"

namespace schemasync {

ExitCode run_check(const Options& options);
ExitCode run_pull(const Options& options);
ExitCode run_plan(const Options& options);
ExitCode run_diff(const Options& options);
ExitCode run_apply(const Options& options);
ExitCode run_rollback(const Options& options);
ExitCode run_status(const Options& options);
ExitCode run_history(const Options& options);
ExitCode run_server(const Options& options);
ExitCode run_explain(const Options& options);
ExitCode run_init(const Options& options);
ExitCode run_completion(const Options& options);
ExitCode run_help(const Options& options);
ExitCode run_backup(const Options& options);
ExitCode run_restore(const Options& options);
ExitCode run_reset(const Options& options);
ExitCode run_purge(const Options& options);

// Parses argv and runs the command; what is thrown is printed and becomes the exit code.
int run_command_line(int argc, char** argv);

}  // namespace schemasync
