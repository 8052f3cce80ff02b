// The commands and their options: the only includer of CLI11, which parses them and nothing else.
// What is printed about them (help, man page, completion, mistyped words) is made of
// command_line_words().
#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/command_words.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/help.hpp"
#include "cli/man_page.hpp"
#include "cli/mistyped.hpp"
#include "cli/outputs.hpp"
#include "cli/run_command.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr const char* purpose =
    "Keeps a PostgreSQL database equal to a folder of TOML model files.";
constexpr const char* common_group = "Options of all commands";

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
     "  schemasync plan --env prod -o plan.md -o plan.json    a comment, and the plan to apply\n"
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
     "  schemasync server start\n  psql \"$(schemasync server url)\"\n  schemasync server stop\n",
     run_server},
    {"explain", "Say what a rule means, why it is risky, and the safer way",
     "  schemasync explain                 all rules, the riskiest first\n  schemasync explain "
     "column.drop\n  schemasync explain --format markdown\n",
     run_explain},
    {"init", "Start a project: config, models, CI; around a database with --url",
     "  schemasync init\n  schemasync init expenses\n  schemasync init --url "
     "\"$DATABASE_URL\"    pulls its models\n",
     run_init},
    {"completion", "Print the completion script of a shell",
     "  source <(schemasync completion bash)            in ~/.bashrc\n  source <(schemasync "
     "completion zsh)             in ~/.zshrc, behind compinit\n  schemasync completion fish > "
     "~/.config/fish/completions/schemasync.fish\n",
     run_completion},
    {"help", "Show the options and examples of a command",
     "  schemasync help\n  schemasync help apply\n", run_help},
    {"backup", "Dump the database, or tables of it, into a file of plain SQL",
     "  schemasync backup                                  all of it, into backups/<env>/\n"
     "  schemasync backup -t expense -o expense.sql        a table\n"
     "  schemasync backup --schema-only\n"
     "  schemasync backup -t debitcard --columns id,daily_limit -o limits.csv\n"
     "  schemasync backup --list\n",
     run_backup},
    {"restore", "Put a backup back, in one transaction",
     "  schemasync restore --file backups/dev/before_0007_drop_x.sql\n"
     "  schemasync restore --file FILE --drop              drops what the file holds first\n"
     "  schemasync restore --file FILE -t expense --drop   the rows of one table alone\n",
     run_restore},
    {"reset", "Drop everything in scope and make it anew from the models; backs up first",
     "  schemasync reset --dry-run\n  schemasync reset\n", run_reset},
    {"purge", "Really drop what rollback no longer needs",
     "  schemasync purge                     what is back already\n  schemasync purge "
     "--older-than 30d    and what was kept before that\n  schemasync purge --older-than 0d "
     "--dry-run\n",
     run_purge},
};

void add_common(CLI::App& app, Options& options) {
  app.add_option("--env", options.env, "The env of schemasync.toml to talk to (default dev)")
      ->type_name("ENV")
      ->group(common_group);
  app.add_option("--url", options.url, "A database outside the envs, as a connection URL")
      ->type_name("URL")
      ->group(common_group);
  app.add_option("--models", options.models, "The folder of model files (default schemas)")
      ->type_name("DIR")
      ->group(common_group);
  app.add_option("--config", options.config,
                 "The config file (default: schemasync.toml, searched upwards)")
      ->type_name("FILE")
      ->group(common_group);
  app.add_flag("--no-color", options.no_color, "No colours; NO_COLOR does the same")
      ->group(common_group);
  app.add_flag("-q,--quiet", options.quiet, "Only results and errors")->group(common_group);
  app.add_flag("-v,--verbose", options.verbose, "All details of every change")->group(common_group);
}

void add_format(CLI::App& app, Options& options, const std::string& formats) {
  std::string choices = formats;
  std::erase(choices, ' ');
  std::replace(choices.begin(), choices.end(), ',', '|');
  app.add_option("--format", options.format, "Output format (default text)")->type_name(choices);
}

void add_outputs(CLI::App& app, Options& options) {
  app.add_option("-o,--output", options.outputs,
                 "Write to a file too, typed by .txt, .json, .sql or .md; repeatable")
      ->type_name("FILE");
}

void add_own(const std::string& name, CLI::App& app, Options& options) {
  const auto samples = [&options](std::int64_t count) { options.samples = count > 0; };
  if (name == "plan" || name == "diff") {
    add_format(app, options, format_names());
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
  if (name == "apply" || name == "rollback" || name == "pull" || name == "purge") {
    app.add_flag("-y,--yes", options.yes, "Do not ask");
    app.add_flag("--dry-run", options.dry_run, "Show what would be done, change nothing");
  }
  if (name == "purge")
    app.add_option("--older-than", options.older_than,
                   "Also what is kept for rollback, when it is older: 30d, 12h, 8w")
        ->type_name("AGE");
  if (name == "apply" || name == "rollback" || name == "purge")
    app.add_flag("--terminate", options.terminate, "End the session that holds schemasync's lock");
  if (name == "apply") {
    app.add_option("PLAN", options.plan_file, "A saved plan.json; without it, plans and runs");
    app.add_option("--allow", options.allow,
                   "A risk, a rule, rule:object, data-loss or publication; repeatable")
        ->type_name("ALLOWED")
        ->expected(1)
        ->take_all();
    app.add_option("--name", options.name, "Name of the migration")->type_name("NAME");
    app.add_option("--on-failure", options.on_failure, "Undo at once when a step fails")
        ->type_name("rollback")
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
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--to", options.to, "The migration whose state to go back to: 4, 0004 or its id")
        ->type_name("MIGRATION");
    app.add_flag("--all", options.all, "Back to the baseline 0000");
    app.add_option("--allow", options.allow, "data-loss: go back over what was purged")
        ->type_name("data-loss")
        ->expected(1)
        ->take_all();
    app.add_option("--fill", options.fill, "The value for rows that do not fit; repeatable")
        ->type_name("TABLE.COLUMN=VALUE")
        ->expected(1)
        ->take_all();
  }
  if (name == "backup") {
    app.add_option("-o,--output", options.outputs, "The file (default: in the env's backup_dir)")
        ->type_name("FILE")
        ->expected(1);
    app.add_flag("--schema-only", options.schema_only, "Definitions without rows");
    app.add_flag("--data-only", options.data_only, "Rows without definitions")
        ->excludes("--schema-only");
    app.add_option("--columns", options.columns, "With -t: these columns as CSV")->type_name("A,B");
  }
  if (name == "restore") {
    app.add_option("--file", options.file, "The backup")->type_name("FILE");
    app.add_flag("--drop", options.drop, "Drop, or empty, what the backup holds first");
    app.add_flag("--adopt", options.adopt, "The backup is of another database: restore it anyway");
  }
  if (name == "backup" || name == "restore") {
    app.add_option("-t,--table", options.tables, "A table, or schema.table; repeatable")
        ->type_name("TABLE")
        ->expected(1)
        ->take_all();
    app.add_flag("--list", options.list, "Show the env's backups");
  }
  if (name == "restore" || name == "reset") {
    app.add_flag("--yes,-y", options.yes, "Do not ask");
    app.add_flag("--terminate", options.terminate, "End the session that holds schemasync's lock");
  }
  if (name == "reset")
    app.add_flag("--dry-run", options.dry_run, "Show what would be done, change nothing");
  if (name == "history") add_format(app, options, "text, json");
  if (name == "server")
    app.add_option(
           "ACTION", options.server_action,
           "start: make it where there is none, start it, and print its URL; stop: stop it, its "
           "data stays; url: print its URL while it runs")
        ->type_name("start|stop|url")
        ->required()
        ->check(CLI::IsMember({"start", "stop", "url"}));
  if (name == "explain") {
    app.add_option("RULE", options.topic, "The rule; without it, all of them in one list");
    add_format(app, options, "text, json, markdown");
  }
  if (name == "init")
    app.add_option("FOLDER", options.topic, "Where to write (default: the current folder)");
  if (name == "completion") {
    app.add_option("SHELL", options.topic, "The shell")->type_name("bash|zsh|fish");
    app.add_option("--words", options.words, "Names, for the scripts")
        ->type_name("envs|rules|allowed")
        ->group("");
  }
  if (name == "help") app.add_option("COMMAND", options.topic, "The command");
}

// As help and completion name it: of "start|stop|url:{start,stop,url}" what stands before the
// check.
std::string value_of(const CLI::Option& option) {
  if (option.get_type_size_max() == 0) return {};
  const std::string type = option.get_type_name();
  const std::string value = type.substr(0, type.find(':'));
  const bool is_own = value.find_first_of("abcdefghijklmnopqrstuvwxyz|") != std::string::npos;
  if (option.get_positional() && !is_own) return option.get_single_name();
  return value == "TEXT" ? "VALUE" : value;
}

std::vector<OptionWords> option_words(const CLI::App& app) {
  std::vector<OptionWords> words;
  for (const CLI::Option* option : app.get_options()) {
    if (option == app.get_help_ptr() || option == app.get_version_ptr()) continue;
    OptionWords one;
    for (const std::string& name : option->get_snames()) one.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) one.names.push_back("--" + name);
    one.value = value_of(*option);
    one.help = option->get_description();
    one.required = option->get_required();
    one.repeatable = option->get_expected_max() > 1 ||
                     option->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    one.common = option->get_group() == common_group;
    one.hidden = option->get_group().empty();
    words.push_back(std::move(one));
  }
  return words;
}

void build(CLI::App& app, Options& options, RunCommand& run) {
  app.require_subcommand(0, 1);
  add_common(app, options);  // before the command as well as behind it
  for (const Command& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name, command.help);
    add_common(*sub, options);
    add_own(command.name, *sub, options);
    sub->callback([&run, &command] { run = command.run; });
  }
}

}  // namespace

CommandLineWords command_line_words() {
  CLI::App app;
  Options options;
  RunCommand run = nullptr;
  build(app, options, run);
  CommandLineWords line{purpose, {}, option_words(app)};
  for (const Command& command : commands)
    line.commands.push_back({command.name, command.help, command.examples,
                             option_words(*app.get_subcommand(command.name))});
  return line;
}

ExitCode run_help(const Options& options) {
  const CommandLineWords line = command_line_words();
  if (options.topic.empty()) {
    print(help_text(line));
    return ExitCode::ok;
  }
  check_spelling(line, {options.topic, "--help"});
  print(command_help(*line.command(options.topic)));
  return ExitCode::ok;
}

namespace {

int parse_and_run(int argc, char** argv) {
  CLI::App app;
  Options options;
  RunCommand run = nullptr;
  bool man = false;
  app.set_version_flag("--version", "schemasync " SCHEMASYNC_VERSION);
  app.add_flag("--man-page", man)->group("");  // for the build
  build(app, options, run);
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  try {
    if (words != std::vector<std::string>{"--man-page"} &&
        words != std::vector<std::string>{"--version"})
      check_spelling(command_line_words(), words);
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    for (const CLI::App* asked : app.get_subcommands()) options.topic = asked->get_name();
    return run_command(run_help, options);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return print_error(options, Error(error.what()));
  } catch (const Error& error) {
    return print_error(options, error);
  }
  if (man) {
    print(man_page(command_line_words()));
    return 0;
  }
  if (run != nullptr) return run_command(run, options);
  if (!words.empty())
    return print_error(options, Error("which command?", "schemasync --help lists them"));
  return run_command(run_help, options);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  const int code = parse_and_run(argc, argv);
  if (results_are_out()) return code;
  const int lost =
      print_error({}, Error("not all of the result could be written to standard output",
                            "is the disk full? What the command did is done"));
  const bool went_well =
      code == static_cast<int>(ExitCode::ok) || code == static_cast<int>(ExitCode::pending);
  return went_well ? lost : code;
}

}  // namespace schemasync
