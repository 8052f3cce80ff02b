#include "cli/run_command.hpp"

#include <filesystem>
#include <iostream>

#include "cli/console.hpp"
#include "render/mistakes.hpp"
#include "text/secrets.hpp"

namespace schemasync {
namespace {

int print_mistakes(const Options& options, const MistakesError& error) {
  std::cerr << without_passwords(mistakes_text(
      error.mistakes(), error.files_read(), lines_of_files(std::filesystem::current_path()),
      {.color = colour_wanted(options, false), .contacted = error.files_read() == 0}));
  return static_cast<int>(ExitCode::error);
}

}  // namespace

int print_error(const Options& options, const Error& error) {
  const bool colour = colour_wanted(options, false);
  std::cerr << (colour ? "\x1b[31merror:\x1b[0m " : "error: ") << without_passwords(error.what())
            << '\n';
  if (!error.hint().empty()) std::cerr << "  " << without_passwords(error.hint()) << '\n';
  return static_cast<int>(error.code());
}

int run_command(RunCommand run, const Options& options) {
  try {
    return static_cast<int>(run(options));
  } catch (const MistakesError& error) {
    return print_mistakes(options, error);
  } catch (const DatabaseError& error) {
    if (error.sqlstate() == "42501" && error.hint().empty())  // insufficient_privilege
      return print_error(options, Error(error.what(),
                                        "connect as a role that may, or name one that owns it as "
                                        "`role` of the env",
                                        error.code()));
    if (error.sqlstate() != "55P03") return print_error(options, error);
    // lock_not_available, while it only reads.
    return print_error(options, Error(error.what(),
                                      "another session holds a table that is read: wait for it "
                                      "(pg_stat_activity), or raise lock_timeout"));
  } catch (const Error& error) {
    return print_error(options, error);
  } catch (const std::exception& error) {
    return print_error(options, Error(error.what()));
  }
}

}  // namespace schemasync
