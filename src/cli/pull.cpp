#include "cli/commands.hpp"

namespace schemasync {

ExitCode run_pull(const Options&) { return ExitCode::ok; }

}  // namespace schemasync
