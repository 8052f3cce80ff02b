#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "render/mistakes.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

using RunCommand = ExitCode (*)(const Options&);

struct Command {
  const char* name;
  const char* help;
  const char* examples;
  RunCommand run;
};

constexpr Command commands[] = {
    {"check", "Validate the model files: all mistakes at once, no database",
     "  schemasync check\n  schemasync check --models other/schemas\n", run_check},
    {"pull", "Write model files from the live database",
     "  schemasync pull                    asks before it writes\n  schemasync pull --env prod "
     "--yes\n",
     run_pull},
    {"plan", "Show what would change, ranked by risk; changes nothing",
     "  schemasync plan\n  schemasync plan --env prod --format json -o plan.json\n  schemasync "
     "plan --format sql > up.sql\n"
     "  schemasync plan --exit-code        2 when there are changes\n",
     run_plan},
    {"diff", "Compare any two of: env, database URL, models folder, plan file",
     "  schemasync diff dev schemas\n  schemasync diff schemas other/schemas --exit-code\n  "
     "schemasync diff plan.json#from plan.json\n",
     run_diff},
    {"apply", "Bring the database to what the models say; journaled, checked, reversible",
     "  schemasync apply\n  schemasync apply plan.json --yes\n  schemasync apply --allow "
     "column.drop:debitcard.daily_limit\n"
     "  schemasync apply --dry-run\n",
     run_apply},
    {"rollback", "Go back to an earlier state, with the data",
     "  schemasync rollback                one migration\n  schemasync rollback --steps 3\n  "
     "schemasync rollback --to 0004\n"
     "  schemasync rollback --all --yes\n",
     run_rollback},
    {"status", "Say what is applied, interrupted (exit 6), drifted (exit 5) and pending",
     "  schemasync status --env prod\n", run_status},
    {"history", "List the migrations", "  schemasync history\n  schemasync history --format json\n",
     run_history},
    {"server", "Start, stop or locate the embedded server of an env",
     "  schemasync server start\n  schemasync server url\n  schemasync server stop\n", run_server},
};

void add_common(CLI::App& app, Options& options) {
  app.add_option("--env", options.env, "The env of schemasync.toml to talk to (default dev)");
  app.add_option("--url", options.url, "A database outside the envs, as a connection URL");
  app.add_option("--models", options.models, "The folder of model files (default schemas)");
  app.add_option("--config", options.config,
                 "The config file (default: schemasync.toml, searched upwards)");
  app.add_flag("--no-color", options.no_color, "No colours; NO_COLOR does the same");
  app.add_flag("--quiet,-q", options.quiet, "Only results and errors");
  app.add_flag("--verbose,-v", options.verbose, "All details of every change");
}

void add_format(CLI::App& app, Options& options, const std::string& formats) {
  app.add_option("--format", options.format, "Output format: " + formats + " (default text)");
}

void add_outputs(CLI::App& app, Options& options) {
  app.add_option("-o,--output", options.outputs,
                 "Write to a file too, typed by .txt, .json or .sql; repeatable");
}

void add_own(const std::string& name, CLI::App& app, Options& options) {
  const auto samples = [&options](std::int64_t count) { options.samples = count > 0; };
  if (name == "plan" || name == "diff") {
    add_format(app, options, "text, json, sql");
    add_outputs(app, options);
    app.add_flag("--exit-code", options.exit_code,
                 "Exit 2 when there are changes, 4 when a check fails");
  }
  if (name == "plan") {
    app.add_flag("--down", options.down, "With --format sql: the way back");
    app.add_flag("--strict", options.strict,
                 "Exit 1 when there is anything that schemasync does not model");
    app.add_flag("--no-facts", options.no_facts,
                 "No rows, sizes, checks and times: two runs print the same");
    app.add_flag_function("--samples,!--no-samples", samples,
                          "Show sample rows of failed checks (text: on, files: off)");
  }
  if (name == "diff") {
    app.add_option("A", options.from_operand, "Env, URL, folder, plan.json or plan.json#from")
        ->required();
    app.add_option("B", options.to_operand, "The same")->required();
  }
  if (name == "apply" || name == "rollback" || name == "pull") {
    app.add_flag("--yes,-y", options.yes, "Do not ask");
    app.add_flag("--dry-run", options.dry_run, "Show what would be done, change nothing");
  }
  if (name == "apply" || name == "rollback")
    app.add_flag("--terminate", options.terminate, "End the session that holds schemasync's lock");
  if (name == "apply") {
    app.add_option("PLAN", options.plan_file, "A saved plan.json; without it, plans and runs");
    app.add_option("--allow", options.allow,
                   "A risk, a rule, rule:object, data-loss or publication; repeatable")
        ->expected(1)
        ->take_all();
    app.add_option("--name", options.name, "Name of the migration");
    app.add_option("--on-failure", options.on_failure, "rollback: undo at once when a step fails")
        ->check(CLI::IsMember({"rollback"}));
    app.add_flag("--adopt", options.adopt,
                 "The journal came with a copy of another database: it is this one's from now on");
    app.add_flag("--discard-kept", options.discard_kept,
                 "Leave rows that a rollback kept where they are");
    add_outputs(app, options);
    app.add_flag_function("--samples,!--no-samples", samples, "Show sample rows of failed checks");
  }
  if (name == "rollback") {
    app.add_option("--steps", options.steps, "How many migrations to go back (default 1)")
        ->check(CLI::PositiveNumber);
    app.add_option("--to", options.to,
                   "The migration whose state to go back to: 4, 0004 or its id");
    app.add_flag("--all", options.all, "Back to the baseline 0000");
    app.add_option("--fill", options.fill, "TABLE.COLUMN=VALUE for rows that have none; repeatable")
        ->expected(1)
        ->take_all();
  }
  if (name == "history") add_format(app, options, "text, json");
  if (name == "server")
    app.add_option("ACTION", options.server_action, "start, stop or url")
        ->required()
        ->check(CLI::IsMember({"start", "stop", "url"}));
}

int print_error(const Options& options, const Error& error) {
  const bool colour = colour_wanted(options, false);
  std::cerr << (colour ? "\x1b[31merror:\x1b[0m " : "error: ") << error.what() << '\n';
  if (!error.hint().empty()) std::cerr << "  " << error.hint() << '\n';
  return static_cast<int>(error.code());
}

int print_mistakes(const Options& options, const MistakesError& error) {
  std::cerr << mistakes_text(
      error.mistakes(), error.files_read(), lines_of_files(std::filesystem::current_path()),
      {.color = colour_wanted(options, false), .contacted = error.files_read() == 0});
  return static_cast<int>(ExitCode::error);
}

// CLI11 says only that a subcommand is required where one was mistyped.
std::string unknown_command(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("-")) continue;
    std::vector<std::string> names;
    for (const Command& command : commands) {
      if (word == command.name) return {};
      names.emplace_back(command.name);
    }
    const std::optional<std::string> near = nearest(word, names);
    return "there is no command \"" + word + "\"" +
           (near ? "; did you mean \"" + *near + "\"?" : "; schemasync --help lists them");
  }
  return {};
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app("Keeps a PostgreSQL database equal to a folder of TOML model files.", "schemasync");
  app.set_version_flag("--version", "schemasync " SCHEMASYNC_VERSION);
  app.require_subcommand(0, 1);
  app.footer(
      "Edit schemas/*.toml, then: plan, apply, rollback. `schemasync COMMAND --help` has "
      "examples.");
  Options options;
  RunCommand run = nullptr;
  add_common(app, options);  // before the command as well as behind it
  for (const Command& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name, command.help);
    add_common(*sub, options);
    add_own(command.name, *sub, options);
    sub->footer(std::string("Examples:\n") + command.examples);
    sub->callback([&run, &command] { run = command.run; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    const std::string unknown = unknown_command(argc, argv);
    std::cerr << "error: " << (unknown.empty() ? error.what() : unknown) << '\n';
    return static_cast<int>(ExitCode::error);
  }
  if (run == nullptr) {
    std::cout << app.help();
    return argc > 1 ? static_cast<int>(ExitCode::error) : 0;
  }
  try {
    return static_cast<int>(run(options));
  } catch (const MistakesError& error) {
    return print_mistakes(options, error);
  } catch (const DatabaseError& error) {
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
