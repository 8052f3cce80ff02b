#include "cli/completion.hpp"

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/rules.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// What stands for a value: words of its own, files, or what `completion --words` answers.
enum class Values { none, choices, files, envs, rules, allowed };

Values values_of(const OptionWords& option) {
  if (!option.choices().empty()) return Values::choices;
  if (option.value == "ENV") return Values::envs;
  if (option.value == "RULE") return Values::rules;
  if (option.value == "ALLOWED") return Values::allowed;
  for (const char* file : {"FILE", "DIR", "PLAN", "A", "B", "PATH"})
    if (option.value == file) return Values::files;
  return Values::none;
}

std::string asked_words(Values values) {
  if (values == Values::envs) return "envs";
  return values == Values::rules ? "rules" : "allowed";
}

std::vector<std::string> shown_names(const std::vector<OptionWords>& options) {
  std::vector<std::string> names;
  for (const OptionWords& option : options)
    if (!option.hidden) names.insert(names.end(), option.names.begin(), option.names.end());
  names.insert(names.end(), {"-h", "--help"});
  return names;
}

std::vector<OptionWords> arguments_of(const CommandWords& command) {
  std::vector<OptionWords> arguments;
  for (const OptionWords& option : command.options)
    if (option.is_argument()) arguments.push_back(option);
  return arguments;
}

std::string replaced_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// In single quotes, for a shell.
std::string quoted(const std::string& text) { return "'" + replaced_all(text, "'", "'\\''") + "'"; }

std::string bash_values(const OptionWords& option, const std::string& commands) {
  const auto words = [](const std::string& list) {
    return "COMPREPLY=($(compgen -W \"" + list + "\" -- \"$cur\"))";
  };
  switch (values_of(option)) {
    case Values::none:
      return option.value == "COMMAND" ? words(commands) : "COMPREPLY=()";
    case Values::choices:
      return words(joined(option.choices(), " "));
    case Values::files:
      return "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Values::envs:
    case Values::rules:
    case Values::allowed:
      return words("$(\"$1\" completion --words " + asked_words(values_of(option)) +
                   " 2>/dev/null)");
  }
  return {};
}

std::string zsh_values(const OptionWords& option) {
  switch (values_of(option)) {
    case Values::none:
      return option.value == "COMMAND" ? "_schemasync_commands" : "";
    case Values::choices:
      return "(" + joined(option.choices(), " ") + ")";
    case Values::files:
      return "_files";
    case Values::envs:
    case Values::rules:
    case Values::allowed:
      return "_schemasync_words " + asked_words(values_of(option));
  }
  return {};
}

// ":" and brackets end a part of a specification of _arguments.
std::string zsh_escaped(std::string text) {
  for (const char* special : {"\\", ":", "[", "]"})
    text = replaced_all(text, special, std::string("\\") + special);
  return text;
}

std::string zsh_specifications(const std::vector<OptionWords>& options) {
  std::string out;
  for (const OptionWords& option : options) {
    if (option.hidden) continue;
    const std::string action =
        option.takes_value() ? ":" + zsh_escaped(option.value) + ":" + zsh_values(option) : "";
    if (option.is_argument()) {
      out += " \\\n        " + quoted((option.required ? ":" : "::") + action.substr(1));
      continue;
    }
    for (const std::string& name : option.names)
      out += " \\\n        " + quoted((option.repeatable ? "*" : "") + name + "[" +
                                      zsh_escaped(option.help) + "]" + action);
  }
  return out;
}

std::string fish_option(const OptionWords& option, const std::string& condition) {
  std::string out = "complete -c schemasync" + condition;
  for (const std::string& name : option.names)
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  switch (values_of(option)) {
    case Values::none:
      if (option.takes_value()) out += " -x";
      break;
    case Values::choices:
      out += " -x -a " + quoted(joined(option.choices(), " "));
      break;
    case Values::files:
      out += " -r -F";
      break;
    case Values::envs:
    case Values::rules:
    case Values::allowed:
      out += " -x -a " + quoted("(schemasync completion --words " + asked_words(values_of(option)) +
                                " 2>/dev/null)");
      break;
  }
  return out + " -d " + quoted(option.help) + "\n";
}

std::vector<std::string> names_of(const CommandLineWords& line) {
  std::vector<std::string> names;
  for (const CommandWords& command : line.commands) names.push_back(command.name);
  return names;
}

}  // namespace

std::string bash_completion(const CommandLineWords& line) {
  const std::string commands = joined(names_of(line), " ");
  std::vector<std::string> with_value;
  std::string values;
  std::string options;
  std::string arguments;
  const auto add_values = [&](const std::string& command, const OptionWords& option) {
    if (option.is_argument() || option.hidden || !option.takes_value()) return;
    std::vector<std::string> patterns;
    for (const std::string& name : option.names) patterns.push_back(command + ":" + name);
    with_value.insert(with_value.end(), option.names.begin(), option.names.end());
    values +=
        "    " + joined(patterns, "|") + ") " + bash_values(option, commands) + "; return ;;\n";
  };
  for (const CommandWords& command : line.commands) {
    for (const OptionWords& option : command.options)
      if (!option.common) add_values(command.name, option);
    options += "      " + command.name + ") words=\"" + joined(shown_names(command.options), " ") +
               "\" ;;\n";
    const std::vector<OptionWords> own = arguments_of(command);
    for (std::size_t i = 0; i < own.size(); ++i)
      arguments += "    " + command.name + ":" + std::to_string(i) + ") " +
                   bash_values(own[i], commands) + " ;;\n";
  }
  for (const OptionWords& option : line.options) add_values("*", option);
  return "# bash completion of schemasync; load it with: source <(schemasync completion bash)\n"
         "_schemasync() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= count=0 "
         "words= i\n"
         "  COMPREPLY=()\n"
         "  # Bash takes --format=json apart at the \"=\".\n"
         "  if [[ $cur == \"=\" ]]; then cur=\n"
         "  elif [[ $prev == \"=\" ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case ${COMP_WORDS[i]} in\n"
         "      " +
         joined(with_value, "|") +
         ") ((i++)); [[ ${COMP_WORDS[i]} == \"=\" ]] && ((i++)) ;;\n"
         "      -*) ;;\n"
         "      *) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else ((count++)); fi ;;\n"
         "    esac\n"
         "  done\n"
         "  case $command:$prev in\n" +
         values +
         "  esac\n"
         "  if [[ $cur == -* ]]; then\n"
         "    case $command in\n" +
         options + "      *) words=\"" + joined(shown_names(line.options), " ") +
         " --version\" ;;\n"
         "    esac\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "    return\n"
         "  fi\n"
         "  if [[ -z $command ]]; then\n"
         "    COMPREPLY=($(compgen -W \"" +
         commands +
         "\" -- \"$cur\"))\n"
         "    return\n"
         "  fi\n"
         "  case $command:$count in\n" +
         arguments +
         "  esac\n"
         "}\n"
         "complete -F _schemasync schemasync\n";
}

std::string zsh_completion(const CommandLineWords& line) {
  std::string names;
  std::string cases;
  for (const CommandWords& command : line.commands) {
    names += "    " + quoted(zsh_escaped(command.name) + ":" + command.help) + "\n";
    cases += "      " + command.name + ")\n        _arguments '(-h --help)'{-h,--help}'[Help]'" +
             zsh_specifications(command.options) + " ;;\n";
  }
  return "#compdef schemasync\n"
         "# zsh completion of schemasync; save it as _schemasync in a folder of $fpath, or load it "
         "with:\n"
         "# source <(schemasync completion zsh)\n"
         "_schemasync_words() {\n"
         "  local -a found\n"
         "  # _arguments puts options of compadd before the word.\n"
         "  found=(${(f)\"$(schemasync completion --words ${@[-1]} 2>/dev/null)\"})\n"
         "  compadd \"${(@)@[1,-2]}\" -a found\n"
         "}\n"
         "_schemasync_commands() {\n"
         "  local -a commands\n"
         "  commands=(\n" +
         names +
         "  )\n"
         "  _describe -t commands command commands\n"
         "}\n"
         "_schemasync() {\n"
         "  local curcontext=$curcontext state line\n"
         "  _arguments -C '(-h --help)'{-h,--help}'[Help]' '--version[Version]'" +
         zsh_specifications(line.options) +
         " \\\n        '1:command:_schemasync_commands' '*::argument:->argument'\n"
         "  if [[ $state == argument ]]; then\n"
         "    case $words[1] in\n" +
         cases +
         "    esac\n"
         "  fi\n"
         "}\n"
         "if [[ $funcstack[1] == _schemasync ]]; then _schemasync \"$@\"\n"
         "else compdef _schemasync schemasync; fi\n";
}

std::string fish_completion(const CommandLineWords& line) {
  std::string out =
      "# fish completion of schemasync; save it as "
      "~/.config/fish/completions/schemasync.fish\n"
      "complete -c schemasync -f\n"
      "complete -c schemasync -s h -l help -d Help\n"
      "complete -c schemasync -n __fish_use_subcommand -l version -d Version\n";
  for (const OptionWords& option : line.options) out += fish_option(option, "");
  for (const CommandWords& command : line.commands)
    out += "complete -c schemasync -n __fish_use_subcommand -a " + command.name + " -d " +
           quoted(command.help) + "\n";
  for (const CommandWords& command : line.commands) {
    const std::string seen = " -n " + quoted("__fish_seen_subcommand_from " + command.name);
    for (const OptionWords& option : command.options) {
      if (option.common || option.hidden) continue;
      if (!option.is_argument()) {
        out += fish_option(option, seen);
      } else if (option.value == "COMMAND") {
        out +=
            "complete -c schemasync" + seen + " -a " + quoted(joined(names_of(line), " ")) + "\n";
      } else if (values_of(option) != Values::none) {
        out += fish_option(option, seen);
      }
    }
  }
  return out;
}

namespace {

// One a line, for the scripts: never an error, a project may have no config.
std::string words_of(const Options& options) {
  std::vector<std::string> words;
  if (options.words == "envs") {
    words = open_config(options).envs;
  } else {
    if (options.words == "allowed") words = {"low", "medium", "high", "data-loss", "publication"};
    for (const NamedRule& rule : all_rules()) words.push_back(rule.id);
  }
  return joined(words, "\n");
}

}  // namespace

ExitCode run_completion(const Options& options) {
  if (!options.words.empty()) {
    print(words_of(options));
    return ExitCode::ok;
  }
  const CommandLineWords line = command_line_words();
  if (options.topic == "bash") {
    print(bash_completion(line));
  } else if (options.topic == "zsh") {
    print(zsh_completion(line));
  } else if (options.topic == "fish") {
    print(fish_completion(line));
  } else {
    throw Error("completion of which shell?", "schemasync completion bash, zsh or fish");
  }
  return ExitCode::ok;
}

}  // namespace schemasync
