#include "cli/console.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "text/files.hpp"
#include "text/secrets.hpp"

namespace schemasync {

bool is_terminal(bool stdout_side) {
  return isatty(stdout_side ? STDOUT_FILENO : STDERR_FILENO) != 0;
}

bool colour_wanted(const Options& options, bool to_stdout) {
  const char* no_color = std::getenv("NO_COLOR");
  return !options.no_color && (no_color == nullptr || *no_color == '\0') && is_terminal(to_stdout);
}

void tell(const Options& options, const std::string& line) {
  if (!options.quiet) std::cerr << without_passwords(line) << '\n';
}

void say_header(const Options& options, const Target& target) {
  std::string name = target.env().name;
  if (name.size() < 7) name.resize(7, ' ');
  tell(options, name + " " + target.shown() + ", PostgreSQL " + server_version_text(*target.db) +
                    (target.env().is_protected ? " (protected)" : ""));
}

void print(const std::string& text) {
  std::cout << text;
  if (!text.empty() && text.back() != '\n') std::cout << '\n';
  std::cout.flush();
}

bool results_are_out() {
  std::cout.flush();
  return std::cout.good();
}

namespace {

std::string beside(const std::string& path) { return path + ".tmp" + std::to_string(getpid()); }

}  // namespace

void write_file(const std::string& path, const std::string& text) { write_files({{path, text}}); }

void write_files(const std::vector<std::pair<std::string, std::string>>& files) {
  try {
    for (const auto& [path, text] : files) {
      std::ofstream out(beside(path), std::ios::binary | std::ios::trunc);
      out << text;
      out.flush();
      if (!out) throw Error("cannot write " + path, "look at the folder's rights and free space");
    }
    for (const auto& [path, text] : files) {
      std::error_code failure;
      std::filesystem::rename(beside(path), path, failure);
      if (failure) throw Error("cannot write " + path + ": " + failure.message());
    }
  } catch (const Error&) {
    std::error_code ignored;
    for (const auto& [path, text] : files) std::filesystem::remove(beside(path), ignored);
    throw;
  }
}

std::string text_of_file(const std::string& path) {
  std::optional<std::string> text = read_file(path);
  if (!text) throw Error("cannot read " + path, "is it there, and readable?");
  return *std::move(text);
}

void confirm(const Options& options, const Target& target, const std::string& question,
             bool yes_is_enough, const std::string& instead) {
  const bool by_name = target.env().is_protected;
  if (options.yes && (!by_name || yes_is_enough)) return;
  if (isatty(STDIN_FILENO) == 0) {
    const std::string hint = by_name ? "the name of a protected env is typed on a terminal" +
                                           (instead.empty() ? "" : ", or " + instead)
                                     : "--yes answers for you";
    throw Error("nobody is there to answer: " + question, hint, ExitCode::refused);
  }
  std::cerr << question << (by_name ? " Type \"" + target.env().name + "\": " : " [y/N] ")
            << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  const bool agreed =
      by_name ? answer == target.env().name : (answer == "y" || answer == "Y" || answer == "yes");
  if (!agreed) throw Error("declined, nothing was changed", ExitCode::refused);
}

}  // namespace schemasync
