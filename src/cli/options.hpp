// What the command line says, as plain data. Filled by command_line.cpp, the only includer of
// CLI11.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace schemasync {

struct Options {
  // Common to all commands.
  std::optional<std::string> env;
  std::string url;
  std::string models;
  std::string config;
  std::string format = "text";
  std::vector<std::string> outputs;  // -o FILE, typed by extension
  bool no_color = false;
  bool quiet = false;
  bool verbose = false;

  // plan, diff
  bool exit_code = false;
  bool strict = false;
  bool no_facts = false;
  bool down = false;
  std::optional<bool> samples;

  // apply, rollback, pull
  bool yes = false;
  bool dry_run = false;
  bool terminate = false;
  std::vector<std::string> allow;
  std::string name;
  std::string on_failure;
  bool discard_kept = false;
  bool adopt = false;  // apply: this copy of a database; restore: a file of another one
  std::string plan_file;

  // rollback
  std::optional<int> steps;
  std::string to;
  bool all = false;
  std::vector<std::string> fill;

  // purge
  std::string older_than;

  // diff
  std::string from_operand;
  std::string to_operand;

  // server
  std::string server_action;

  // explain RULE, help COMMAND, completion SHELL, init FOLDER
  std::string topic;
  std::string words;  // completion --words
  // backup, restore
  std::vector<std::string> tables;
  std::string columns;
  bool schema_only = false;
  bool data_only = false;
  bool list = false;
  std::string file;
  bool drop = false;
};

}  // namespace schemasync
