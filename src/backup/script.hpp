// A file of SQL read the way psql reads it, line by line: where strings, comments and the rows of a
// COPY are, and which lines psql would take for commands of its own. Refuses what a dump has no use
// for and what would do more than change the database: \!, \copy, \connect and all other commands
// of psql's but \restrict, COPY with a program or file of the server, and COMMIT (a restore is one
// transaction).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/object_id.hpp"

namespace schemasync {

class Script {
 public:
  enum class Line {
    sql,
    copy,         // the line that ends COPY … FROM stdin;
    row,          // a row of it
    end_of_rows,  // "\."
    command,      // \restrict or \unrestrict
    transaction,  // BEGIN; or COMMIT; as pg_dump writes them around large objects
  };

  // Throws Error with the line's number for what is refused.
  Line take(std::string_view line);
  // The table of the last Line::copy.
  const ObjectId& copied() const { return copied_; }
  // Tables made by statements that ended since the last call.
  std::vector<ObjectId> take_created();
  // Behind the last line: throws Error when something is left open, as in a file that was cut.
  void end() const;
  int lines() const { return number_; }
  // No statement so far: comments and blank lines at most.
  bool is_empty() const { return !has_words_; }

 private:
  struct Token {
    std::string text;  // a word is folded to lower case
    bool quoted = false;
    bool is(std::string_view word) const { return !quoted && text == word; }
  };

  void scan(std::string_view line);
  std::size_t scan_literal(std::string_view line, std::size_t at);
  std::size_t open_dollar(std::string_view line, std::size_t at);
  std::size_t take_word(std::string_view line, std::size_t at);
  bool is_body() const;
  void end_statement();
  void look_at_copy();
  ObjectId name_at(std::size_t& at) const;
  bool at_start() const { return tokens_.empty() && depth_ == 0; }
  [[noreturn]] void refuse(const std::string& what, const std::string& hint) const;

  int number_ = 0;
  enum class State { plain, string, escapes, name, dollar, comment, rows };
  State state_ = State::plain;
  std::string open_;  // the name or the dollar tag that is open
  int comments_ = 0;  // depth of /* */
  int depth_ = 0;     // of parentheses
  int atomic_ = 0;    // depth of BEGIN ATOMIC … END and CASE … END in a function's body
  bool has_words_ = false;
  bool copies_ = false;        // the statement that just ended was COPY … FROM stdin
  std::vector<Token> tokens_;  // of the statement, outside parentheses
  ObjectId copied_;
  std::vector<ObjectId> created_;
};

}  // namespace schemasync
