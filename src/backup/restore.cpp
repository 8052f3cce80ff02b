#include "backup/restore.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <random>

#include "backup/script.hpp"
#include "pg/client_program.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// psql's own lock against commands in what it reads, where it has it.
bool knows_restrict(const std::string& version) {
  const std::vector<std::string> parts = split(version, '.');
  int numbers[2] = {0, 0};
  for (std::size_t i = 0; i < std::min<std::size_t>(parts.size(), 2); ++i)
    std::from_chars(parts[i].data(), parts[i].data() + parts[i].size(), numbers[i]);
  constexpr int first_with_it[] = {22, 19, 14, 10, 6};  // 13.22, 14.19, 15.14, 16.10, 17.6
  if (numbers[0] >= 18) return true;
  return numbers[0] >= 13 && numbers[1] >= first_with_it[numbers[0] - 13];
}

std::string random_key() {
  std::random_device dice;
  std::string key = "s";
  for (int i = 0; i < 4; ++i) key += std::to_string(dice());
  return key;
}

// The settings that our own statements need; the file has its own.
Sql settings(const ProgramTarget& target) {
  Sql text =
      sql("SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET search_path = "
          "pg_catalog; SET row_security = off; SET client_min_messages = warning; SET "
          "statement_timeout = 0; SET lock_timeout = {}; SET TimeZone = 'UTC'; SET DateStyle = "
          "'ISO'; SET IntervalStyle = 'postgres'; ",
          Literal{std::to_string(target.lock_timeout_ms)});
  if (!target.role.empty()) text += sql("SET ROLE {}; ", Identifier{target.role});
  return text;
}

std::string lines_of(const std::vector<Sql>& statements) {
  std::string text;
  for (const Sql& statement : statements) text += statement.str() + ";\n";
  return text;
}

std::string before_file(const ProgramTarget& target, const RestorePlan& plan, bool restricted) {
  std::string text;
  if (restricted) text += "\\restrict " + random_key() + "\n";
  text += settings(target).str() + "\nBEGIN;\n" + lines_of(plan.around.before);
  return text + "RESET search_path;\n";
}

std::string after_file(const ProgramTarget& target, const RestorePlan& plan,
                       const std::vector<Sql>& last) {
  std::vector<Sql> names;
  for (const ObjectId& table : plan.tables)
    names.emplace_back(QualifiedName{table.schema, table.name});
  std::string text = "\n" + settings(target).str() + "\n" + lines_of(plan.around.after);
  // Fresh statistics: a table that was just filled has none.
  if (plan.whole || names.empty())
    text += "ANALYZE;\n";
  else
    text += sql("ANALYZE {};\n", join(names, ", ")).str();
  return text + lines_of(last) + "COMMIT;\n";
}

// What of a line goes to psql; an empty line in place of what does not, so that numbers fit.
// pg_dump 17 and newer sets what servers before 17 do not know, also in a dump of one of these.
bool passes(Script::Line kind, const std::string& line, const Script& script,
            const RestorePlan& plan, int server_major) {
  if (server_major < 17 && kind == Script::Line::sql && line == "SET transaction_timeout = 0;")
    return false;
  if (kind == Script::Line::command || kind == Script::Line::transaction) return false;
  if (!plan.rows_only || line.starts_with("SET client_encoding = ")) return true;
  return kind != Script::Line::sql &&
         std::find(plan.tables.begin(), plan.tables.end(), script.copied()) != plan.tables.end();
}

bool send_file(ClientProgram& psql, const RestoreSource& source, const RestorePlan& plan,
               int server_major) {
  constexpr std::size_t enough = 1 << 16;
  std::ifstream in(source.text, std::ios::binary);
  Script script;
  std::string text;
  for (std::string line; std::getline(in, line);) {
    const Script::Line kind = script.take(line);
    const bool passing = passes(kind, line, script, plan, server_major);
    if (passing) text += line;
    if (passing || !plan.rows_only) text += '\n';
    if (text.size() < enough) continue;
    if (!psql.write(text)) return false;
    text.clear();
  }
  script.end();
  if (in.bad()) throw Error("cannot read " + source.text.string() + " to its end");
  return psql.write(text);
}

// "psql:<stdin>:57: ERROR:  …" -> "line 12: …", the number as in the file.
std::string readable(const std::string& said, int lines_before, bool numbered, int lines_of_file) {
  constexpr std::string_view mark = "psql:<stdin>:";
  std::string out;
  for (const std::string& line : split(said, '\n')) {
    std::string_view text = line;
    if (text.starts_with(mark)) {
      text.remove_prefix(mark.size());
      int number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      text.remove_prefix(std::min(text.find(": ") + 2, text.size()));
      for (const std::string_view word : {"ERROR:  ", "error: "})
        if (text.starts_with(word)) text.remove_prefix(word.size());
      const int in_file = number - lines_before;
      if (numbered && in_file > 0 && in_file <= lines_of_file)
        out += "line " + std::to_string(in_file) + ": ";
    }
    if (text.starts_with("HINT:  Use DROP")) continue;
    out += std::string(text) + "\n";
  }
  return std::string(trimmed(out));
}

}  // namespace

void run_restore(Connection& db, const ProgramTarget& target, const RestoreSource& source,
                 const RestorePlan& plan, const std::vector<Sql>& last) {
  const int server_major = db.server_version() / 10000;
  const ClientTools tools = find_client_tools(server_major);
  std::vector<std::string> command = {tools.program("psql"), "-X", "-q",
                                      "--no-password",       "-v", "ON_ERROR_STOP=1"};
  for (std::string& argument : connection_arguments(target.url))
    command.push_back(std::move(argument));
  command.insert(command.end(), {"-f", "-"});
  ClientProgram psql(command, target.url, -1);
  const std::string before = before_file(target, plan, knows_restrict(tools.version));
  // COMMIT is the last thing that is sent: whatever goes wrong before it, psql ends without.
  if (psql.write(before) && send_file(psql, source, plan, server_major))
    psql.write(after_file(target, plan, last));
  const int code = psql.finish(target.stop);
  if (psql.was_stopped()) throw Error("stopped by a signal: the restore changed nothing");
  if (code == 0) return;
  const int lines_before = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  throw Error("the restore failed, and changed nothing: " +
                  readable(psql.errors(), lines_before, !plan.rows_only, 1 << 30),
              "a role or extension that is missing has to be made first; the rest is as the file "
              "says");
}

}  // namespace schemasync
