// The one error type, the exit codes, and the collector of mistakes in the user's input.
// Error ends a command with a code and a sentence that says what to do. Mistakes are collected,
// so that one run shows all of them, each with file:line:column and a hint.
#pragma once

#include <compare>
#include <stdexcept>
#include <string>
#include <vector>

#include "text/symbol.hpp"

namespace schemasync {

enum class ExitCode {
  ok = 0,
  error = 1,
  pending = 2,
  refused = 3,
  check_failed = 4,
  stale = 5,
  interrupted = 6,
};

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what, ExitCode code = ExitCode::error)
      : std::runtime_error(what), code_(code) {}
  Error(const std::string& what, std::string hint, ExitCode code = ExitCode::error)
      : std::runtime_error(what), hint_(std::move(hint)), code_(code) {}

  ExitCode code() const { return code_; }
  const std::string& hint() const { return hint_; }  // what to do; may be empty

 private:
  std::string hint_;
  ExitCode code_;
};

// An error that PostgreSQL answered. what() holds its message with DETAIL and HINT.
class DatabaseError : public Error {
 public:
  DatabaseError(const std::string& what, std::string sqlstate, std::string statement)
      : Error(what), sqlstate_(std::move(sqlstate)), statement_(std::move(statement)) {}

  const std::string& sqlstate() const {
    return sqlstate_;
  }  // five characters; "" when the connection broke
  const std::string& statement() const { return statement_; }  // the statement that failed

 private:
  std::string sqlstate_;
  std::string statement_;
};

// A place in a model or config file. line and column are 1-based, column in code points; line 0: no
// place.
struct Source {
  Symbol file;
  int line = 0;
  int column = 0;
  auto operator<=>(const Source&) const = default;
  std::string to_text() const;  // "schemas/user.toml:12:9"
};

// One mistake: where, how many code points to underline, what is wrong, and what to do.
struct Mistake {
  Source where;
  int length = 1;
  std::string what;
  std::string hint;  // may span lines
};

// Thrown once, when all input was looked at and something was wrong. cli/ prints the mistakes.
class MistakesError : public Error {
 public:
  explicit MistakesError(std::vector<Mistake> mistakes, int files_read)
      : Error("mistakes in the models"), mistakes_(std::move(mistakes)), files_read_(files_read) {}
  const std::vector<Mistake>& mistakes() const { return mistakes_; }
  int files_read() const { return files_read_; }

 private:
  std::vector<Mistake> mistakes_;
  int files_read_;
};

}  // namespace schemasync
