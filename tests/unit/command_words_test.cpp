#include <doctest/doctest.h>

#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/man_page.hpp"
#include "cli/mistyped.hpp"
#include "text/error.hpp"
#include "text/strings.hpp"

using namespace schemasync;

namespace {

std::string answer(const std::vector<std::string>& words) {
  try {
    check_spelling(command_line_words(), words);
  } catch (const Error& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
  return "";
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (const std::string& line : split(text, '\n')) widest = std::max(widest, line.size());
  return widest;
}

}  // namespace

TEST_CASE("mistyped words are answered with the nearest") {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"plna"}, "there is no command \"plna\" | did you mean plan?"},
      {{"frobnicate"}, "there is no command \"frobnicate\" | schemasync --help lists them"},
      {{"apply", "--allwo", "high"},
       "schemasync apply has no option --allwo | did you mean --allow?"},
      {{"plan", "--format", "josn"}, "\"josn\" is no value of --format | did you mean json?"},
      {{"plan", "--format=yaml"},
       "\"yaml\" is no value of --format | it is one of text, json, sql"},
      {{"plan", "--steps", "3"},
       "schemasync plan has no option --steps | --steps belongs to rollback: schemasync help "
       "rollback"},
      {{"--yes", "apply"}, "the option --yes stands behind its command | schemasync apply --yes"},
      {{"server", "strat"}, "\"strat\" is no value | did you mean start?"},
      {{"--evn", "prod", "plan"}, "schemasync has no option --evn | did you mean --env?"},
      {{"plan", "-z"},
       "schemasync plan has no option -z | schemasync plan --help lists its "
       "options"},
      {{"completion", "bsh"}, "\"bsh\" is no value | did you mean bash?"},
      {{"apply", "--on-failure", "rolback"},
       "\"rolback\" is no value of --on-failure | did you mean rollback?"},
      {{"rollback", "--steps", "x"},
       "\"x\" is no value of --steps | it is a number from 1 to 1,000,000"},
      {{"rollback", "--steps=0"}, "\"0\" is no value of --steps | "},
      {{"plan", "--url"}, "--url needs a value: URL | schemasync help plan has examples"},
      {{"rollback", "--to", "--all"}, "--to needs a value: MIGRATION | "},
      {{"plan", "--env", "a", "--env", "b"}, "--env is given twice | "},
      {{"plan", "--quiet=no"}, "--quiet takes no value | "},
      {{"plan", "extra"}, "schemasync plan takes no argument: \"extra\" | "},
      {{"apply", "a.json", "b.json"}, "schemasync apply takes no further argument: \"b.json\" | "},
  };
  for (const auto& [words, expected] : cases) {
    CAPTURE(joined(words, " "));
    CHECK(answer(words).substr(0, expected.size()) == expected);
  }
}

TEST_CASE(
    "a connection string in the wrong place is not repeated, and answered with the right one") {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{}, "where a command is expected | schemasync plan --url URL"},
      {{"plan"}, "where no argument is expected | did you mean --url?"},
      {{"--env"}, "where ENV of --env is expected | did you mean --url?"},
      {{"apply"}, "where PLAN is expected | did you mean --url?"},
      {{"init"}, "where FOLDER is expected | schemasync init --url URL pulls its models"},
      {{"server"}, "where start|stop|url is expected | schemasync help server has examples"},
  };
  for (const auto& [before, expected] : cases)
    for (const char* secret : {"postgresql://u:s3cret@h/d", "host=h password=s3cret"}) {
      std::vector<std::string> words = before;
      words.push_back(secret);
      CAPTURE(joined(words, " "));
      CHECK(answer(words) == "a connection string stands " + expected);
    }
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"plan", "--url", "postgresql://u:s3cret@h/d"},
        std::vector<std::string>{"diff", "schemas", "postgresql://u:s3cret@h/d"}})
    CHECK(answer(words) == "");
}

TEST_CASE("right words pass, wherever they stand") {
  const std::vector<std::string> cases[] = {
      {},
      {"--env", "prod", "plan"},
      {"plan", "--env=prod", "--format=json", "-o", "plan.json"},
      {"plan", "-qv"},
      {"apply", "--fill", "--help"},
      {"apply", "plan.json", "--yes", "--allow", "high", "--allow", "column.drop"},
      {"rollback", "--fill", "a.b=-1"},
      {"diff", "plan", "schemas"},
      {"apply", "--", "--strange.json"},
      {"explain", "anything"},
      {"plan", "--no-samples"},
      {"help", "plan"},
      {"plan", "-h", "--whatever"},
  };
  for (const auto& words : cases) {
    CAPTURE(joined(words, " "));
    if (words == std::vector<std::string>{"apply", "--fill", "--help"})
      CHECK(answer(words) != "");
    else
      CHECK(answer(words) == "");
  }
}

TEST_CASE("every command has examples, options apart, and fits 100 columns") {
  const CommandLineWords line = command_line_words();
  CHECK(widest_line(help_text(line)) <= 100);
  for (const CommandWords& command : line.commands) {
    CAPTURE(command.name);
    const std::string help = command_help(command);
    CHECK(widest_line(help) <= 100);
    const std::size_t examples = help.find("\nExamples\n  ");
    CHECK(examples != std::string::npos);
    CHECK(help.find("schemasync " + command.name, examples) != std::string::npos);
    CHECK(help.find("\nOptions of all commands\n") != std::string::npos);
    CHECK(help_text(line).find("\n  " + command.name + " ") != std::string::npos);
    for (const OptionWords& option : command.options) {
      CAPTURE(shown_option(option));
      CHECK(!option.help.empty());
      CHECK(option.value != "VALUE");
    }
  }
}

TEST_CASE("completion and the man page know every command and option") {
  const CommandLineWords line = command_line_words();
  const std::string scripts[] = {bash_completion(line), zsh_completion(line),
                                 fish_completion(line)};
  const std::string man = man_page(line);
  for (const CommandWords& command : line.commands) {
    CAPTURE(command.name);
    CHECK(man.find(".SS " + command.name + "\n") != std::string::npos);
    for (const std::string& script : scripts) CHECK(script.find(command.name) != std::string::npos);
    for (const OptionWords& option : command.options)
      for (const std::string& name : option.names) {
        CAPTURE(name);
        if (option.hidden || !name.starts_with("--")) continue;
        CHECK(scripts[0].find(name) != std::string::npos);
        CHECK(scripts[1].find(name + "[") != std::string::npos);
        CHECK(scripts[2].find(" -l " + name.substr(2)) != std::string::npos);
      }
  }
}
