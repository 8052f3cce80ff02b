#include "cli/man_page.hpp"

#include <array>
#include <utility>

#include "cli/help.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

const Pairs exit_codes = {
    {"0", "Done, or nothing to do."},
    {"1", "An error: config, connection, models, or a step that failed and left nothing."},
    {"2", "Changes are pending (--exit-code)."},
    {"3", "Refused by policy: a risk that the env does not allow, or declined."},
    {"4", "Stopped by a data check; nothing was changed."},
    {"5", "Drift, or a plan made for another state."},
    {"6", "An interrupted migration: apply goes on with it, rollback takes it back."},
};
const Pairs files = {
    {"schemasync.toml", "The config: where the models are, and the envs. Searched upwards."},
    {"schemas/*.toml", "The models, and scope.toml: what they claim to describe."},
    {".schemasync/", "The embedded servers of envs with `embedded = true`. Not for git."},
    {"~/.pgpass, ~/.pg_service.conf", "Passwords and services, as libpq reads them."},
};
const Pairs environment = {
    {"DATABASE_URL", "The database of an env that has neither `url` nor `embedded`."},
    {"PGHOST, PGDATABASE, PGSERVICE, PGPASSWORD, ...", "As libpq reads them."},
    {"SCHEMASYNC_PGBIN", "The folder of PostgreSQL's binaries, for the embedded server."},
    {"NO_COLOR", "Not empty: no colours."},
};
const Pairs examples = {
    {"schemasync init", "Start a project in an empty folder."},
    {"schemasync init --url \"$DATABASE_URL\"", "Start around a database that exists."},
    {"schemasync plan", "What would change, ranked by risk."},
    {"schemasync apply", "Run it, after a question."},
    {"schemasync rollback", "Take the last migration back, with the data."},
};

// Text for roff: no line of it is taken for a request, and a dash is the one that is typed.
std::string plain(const std::string& text) {
  std::string out;
  bool starts = true;
  for (const char c : text) {
    if (starts && (c == '.' || c == '\'')) out += "\\&";
    starts = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string entry(const std::string& name, const std::string& text) {
  return ".TP\n\\fB" + plain(name) + "\\fR\n" + plain(text) + "\n";
}

std::string entries(const Pairs& pairs) {
  std::string out;
  for (const auto& [name, text] : pairs) out += entry(name, text);
  return out;
}

std::string option_entry(const OptionWords& option) {
  if (option.is_argument()) return entry(option.value, option.help);
  const std::string value = option.takes_value() ? " \\fI" + plain(option.value) + "\\fR" : "";
  std::string out = ".TP\n";
  for (std::size_t i = 0; i < option.names.size(); ++i)
    out += (i > 0 ? ", \\fB" : "\\fB") + plain(option.names[i]) + "\\fR";
  return out + value + "\n" + plain(option.help) + "\n";
}

std::string command_section(const CommandWords& command) {
  std::string out = ".SS " + plain(command.name) + "\n\\fB" + plain(usage_of(command)) +
                    "\\fR\n.PP\n" + plain(command.help) + ".\n";
  for (const OptionWords& option : command.options)
    if (!option.common && !option.hidden) out += option_entry(option);
  return out + ".PP\nExamples:\n.PP\n.nf\n" + plain(command.examples) + ".fi\n";
}

}  // namespace

std::string man_page(const CommandLineWords& line) {
  std::string out = ".TH SCHEMASYNC 1 \"\" \"schemasync " SCHEMASYNC_VERSION
                    "\" \"User Commands\"\n.SH NAME\nschemasync \\- keep a PostgreSQL database "
                    "equal to a folder of TOML model files\n.SH SYNOPSIS\n\\fBschemasync\\fR "
                    "\\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n";
  out += plain(line.help +
               " It shows what would change, ranked by risk and with the checks on the data "
               "already run, applies it in a journaled migration, and takes it back with every "
               "row in place.") +
         "\n.SH COMMANDS\n";
  for (const CommandWords& command : line.commands) out += command_section(command);
  out += ".SH OPTIONS OF ALL COMMANDS\n";
  for (const OptionWords& option : line.options) out += option_entry(option);
  out += ".SH EXIT STATUS\n" + entries(exit_codes);
  out += ".SH FILES\n" + entries(files);
  out += ".SH ENVIRONMENT\n" + entries(environment);
  out += ".SH EXAMPLES\n" + entries(examples);
  return out + ".SH SEE ALSO\n.BR psql (1),\n.BR pg_dump (1)\n";
}

}  // namespace schemasync
