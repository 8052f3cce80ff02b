// The command line as plain data, read back from what command_line.cpp told CLI11: help, the man
// page, completion and the answers to mistyped words are made of it, so that none of them can know
// another command line than the one that is parsed.
#pragma once

#include <string>
#include <vector>

namespace schemasync {

struct OptionWords {
  std::vector<std::string> names;  // "-o", "--output"; empty: an argument
  std::string value;               // "FILE", "text|json|sql" (one of these), "" (a flag)
  std::string help;
  bool required = false;
  bool repeatable = false;
  bool common = false;  // to all commands
  bool hidden = false;

  bool is_argument() const { return names.empty(); }
  bool takes_value() const { return !value.empty(); }
  // The words of "text|json|sql": a value in lower case is meant literally.
  std::vector<std::string> choices() const;
};

struct CommandWords {
  std::string name;
  std::string help;
  std::string examples;  // lines "schemasync …", with what they do beside them
  std::vector<OptionWords> options;

  const OptionWords* option(const std::string& name) const;
};

struct CommandLineWords {
  std::string help;
  std::vector<CommandWords> commands;
  std::vector<OptionWords> options;  // before any command

  const CommandWords* command(const std::string& name) const;
};

CommandLineWords command_line_words();  // command_line.cpp

}  // namespace schemasync
