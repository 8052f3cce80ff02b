#include "backup/script.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "text/error.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_' || c == '$';
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

constexpr std::size_t most_tokens = 64;  // of a statement: what decides stands at its beginning

}  // namespace

void Script::refuse(const std::string& what, const std::string& hint) const {
  throw Error("line " + std::to_string(number_) + ": " + what, hint);
}

Script::Line Script::take(std::string_view line) {
  ++number_;
  if (state_ == State::rows) {
    if (trimmed(line) == "\\." && line.starts_with("\\.")) {
      state_ = State::plain;
      return Line::end_of_rows;
    }
    return Line::row;
  }
  if (state_ == State::plain && at_start()) {
    const std::string_view whole = trimmed(line);
    if (whole == "BEGIN;" || whole == "COMMIT;") return Line::transaction;
    for (const std::string_view command : {"\\restrict ", "\\unrestrict "})
      if (line.starts_with(command) && whole.size() > command.size() &&
          std::all_of(whole.begin() + static_cast<std::ptrdiff_t>(command.size()), whole.end(),
                      [](unsigned char c) { return std::isalnum(c) != 0; }))
        return Line::command;
  }
  copies_ = false;
  scan(line);
  if (!copies_) return Line::sql;
  state_ = State::rows;
  return Line::copy;
}

std::vector<ObjectId> Script::take_created() { return std::exchange(created_, {}); }

void Script::end() const {
  const bool is_open = state_ != State::plain || !tokens_.empty() || depth_ > 0;
  if (!is_open) return;
  throw Error(
      "the file ends in the middle of " +
          std::string(state_ == State::rows ? "the rows of " + copied_.shown() : "a statement") +
          ": it is not complete",
      "a dump that was interrupted cannot be restored: take another backup");
}

void Script::scan(std::string_view line) {
  for (std::size_t at = 0; at < line.size();) {
    const char c = line[at];
    const char next = at + 1 < line.size() ? line[at + 1] : '\0';
    if (state_ != State::plain) {
      at = scan_literal(line, at);
    } else if (copies_ && !is_space(c)) {
      refuse("something stands behind COPY … FROM stdin;", "write it on a line of its own");
    } else if (c == '-' && next == '-') {
      return;
    } else if (c == '/' && next == '*') {
      state_ = State::comment;
      comments_ = 1;
      at += 2;
    } else if (c == '\'') {
      const bool escapes = at > 0 && (line[at - 1] == 'E' || line[at - 1] == 'e') &&
                           (at < 2 || !is_word(line[at - 2]));
      state_ = escapes ? State::escapes : State::string;
      ++at;
    } else if (c == '"') {
      state_ = State::name;
      open_.clear();
      ++at;
    } else if (c == '$' && (at == 0 || !is_word(line[at - 1]))) {
      at = open_dollar(line, at);
    } else if (c == '\\') {
      refuse("\"" + std::string(clipped(trimmed(line.substr(at)), 40)) +
                 "\": commands of psql's own are refused",
             "only SQL is restored; take the line out, or run the file with psql yourself");
    } else if (c == '(') {
      ++depth_;
      ++at;
    } else if (c == ')') {
      depth_ = std::max(0, depth_ - 1);
      ++at;
    } else if (c == ';') {
      if (atomic_ == 0) end_statement();
      ++at;
    } else if (is_word(c)) {
      has_words_ = true;
      at = take_word(line, at);
    } else {
      if (c == '.' && depth_ == 0 && tokens_.size() < most_tokens) tokens_.push_back({".", false});
      ++at;
    }
  }
  if (state_ == State::name) open_ += '\n';
}

// Inside a string, a quoted name, a comment or a dollar-quoted body.
std::size_t Script::scan_literal(std::string_view line, std::size_t at) {
  const char c = line[at];
  const char next = at + 1 < line.size() ? line[at + 1] : '\0';
  switch (state_) {
    case State::string:
    case State::escapes:
      if (c == '\\' && state_ == State::escapes) return at + 2;
      if (c == '\'' && next == '\'') return at + 2;
      if (c == '\'') state_ = State::plain;
      return at + 1;
    case State::name:
      if (c == '"' && next == '"') {
        open_ += c;
        return at + 2;
      }
      if (c != '"') {
        open_ += c;
        return at + 1;
      }
      state_ = State::plain;
      if (depth_ == 0 && tokens_.size() < most_tokens) tokens_.push_back({open_, true});
      return at + 1;
    case State::dollar: {
      const std::size_t close = line.find(open_, at);
      if (close == std::string_view::npos) return line.size();
      state_ = State::plain;
      return close + open_.size();
    }
    case State::comment:
      if (c == '/' && next == '*') {
        ++comments_;
        return at + 2;
      }
      if (c == '*' && next == '/') {
        if (--comments_ == 0) state_ = State::plain;
        return at + 2;
      }
      return at + 1;
    case State::plain:
    case State::rows:
      break;
  }
  return at + 1;
}

// $$ or $tag$; a lone $ is a parameter or nothing.
std::size_t Script::open_dollar(std::string_view line, std::size_t at) {
  std::size_t end = at + 1;
  while (end < line.size() && line[end] != '$' && is_word(line[end])) ++end;
  const bool is_tag =
      end < line.size() && line[end] == '$' &&
      (end == at + 1 || std::isdigit(static_cast<unsigned char>(line[at + 1])) == 0);
  if (!is_tag) return at + 1;
  open_ = line.substr(at, end + 1 - at);
  state_ = State::dollar;
  return end + 1;
}

// CREATE [OR REPLACE] FUNCTION or PROCEDURE, whose body may hold semicolons (BEGIN ATOMIC).
bool Script::is_body() const {
  const auto word = [&](std::size_t i, std::string_view text) {
    return i < tokens_.size() && tokens_[i].is(text);
  };
  const std::size_t kind = word(1, "or") ? 3 : 1;
  return word(0, "create") && (word(kind, "function") || word(kind, "procedure"));
}

std::size_t Script::take_word(std::string_view line, std::size_t at) {
  std::size_t end = at;
  while (end < line.size() && is_word(line[end])) ++end;
  const std::string word = lowercase(line.substr(at, end - at));
  if (is_body()) {
    if (word == "begin" || (word == "case" && atomic_ > 0)) ++atomic_;
    if (word == "end" && atomic_ > 0) --atomic_;
  }
  if (depth_ == 0 && tokens_.size() < most_tokens) tokens_.push_back({word, false});
  return end;
}

// schema.name or name, from token `at` on, which is moved behind it.
ObjectId Script::name_at(std::size_t& at) const {
  ObjectId id{"table", "public", "", ""};
  if (at >= tokens_.size()) return id;
  id.name = tokens_[at++].text;
  if (at + 1 < tokens_.size() && tokens_[at].is(".")) {
    id.schema = id.name;
    id.name = tokens_[at + 1].text;
    at += 2;
  }
  return id;
}

// Only COPY … FROM stdin is taken: what else reads as if it ended so (a query from a table of that
// name) would make us take statements for rows.
void Script::look_at_copy() {
  std::size_t at = 1;
  copied_ = name_at(at);
  const bool from_stdin =
      at + 1 < tokens_.size() && tokens_[at].is("from") && tokens_[at + 1].is("stdin");
  if (!from_stdin || copied_.name.empty())
    refuse("COPY that is not COPY table FROM stdin",
           "files and programs of the server are not part of a backup");
  copies_ = true;
}

void Script::end_statement() {
  const std::vector<Token> tokens = tokens_;
  depth_ = 0;
  if (!tokens.empty()) {
    const Token& first = tokens.front();
    if (first.is("copy")) look_at_copy();
    for (const std::string_view word : {"begin", "start", "commit", "end", "rollback", "abort",
                                        "savepoint", "release", "prepare"})
      if (first.is(word))
        refuse(std::string(word) + ": a restore is one transaction, which the file must not end",
               "take the line out, or run the file with psql yourself");
    const bool sets_strings =
        first.is("set") && std::any_of(tokens.begin(), tokens.end(), [](const Token& token) {
          return token.text == "standard_conforming_strings";
        });
    if (sets_strings && !tokens.back().is("on"))
      refuse("standard_conforming_strings is not on", "write the file with it on");
    std::size_t kind = 1;
    while (kind < tokens.size() && (tokens[kind].is("unlogged") || tokens[kind].is("foreign")))
      ++kind;
    if (first.is("create") && kind < tokens.size() && tokens[kind].is("table")) {
      std::size_t at = kind + 1;
      if (at < tokens.size() && tokens[at].is("if")) at += 3;
      created_.push_back(name_at(at));
    }
  }
  tokens_.clear();
}

}  // namespace schemasync
