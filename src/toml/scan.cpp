#include "toml/scan.hpp"

#include <algorithm>

#include "text/strings.hpp"

namespace schemasync {
namespace {

bool is_quote(char c) { return c == '"' || c == '\''; }

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at;
}

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

// Reads statement by statement until the offset.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t offset) : text_(text), offset_(offset) {}

  Situation run() {
    begin_statement();
    while (at_ < offset_ && now_.string == Situation::none) step();
    return now_;
  }

 private:
  void begin_statement() {
    at_ = skip_blanks(text_, at_);
    now_.statement = now_.key = std::min(at_, offset_);
    now_.value = Situation::none;
    now_.in_header = at_ < text_.size() && text_[at_] == '[';
  }

  void end_line() {
    if (now_.in_header) now_.header = trimmed(text_.substr(now_.statement, at_ - now_.statement));
    ++at_;
    if (now_.open.empty()) begin_statement();
  }

  void step() {
    const char c = text_[at_];
    if (c == '\n') return end_line();
    if (c == '#') {
      at_ = line_end(text_, at_);
    } else if (is_quote(c)) {
      const std::optional<std::size_t> end = string_end(text_, at_);
      if (!end || *end > offset_) now_.string = at_;
      at_ = end.value_or(offset_);
    } else {
      if (!now_.in_header) bracket_or_sign(c);
      ++at_;
    }
  }

  void bracket_or_sign(char c) {
    const bool in_list = !now_.open.empty() && text_[now_.open.back()] == '[';
    if (c == '=') now_.value = at_ + 1;
    if (c == '{' || c == '[') now_.open.push_back(at_);
    if ((c == '}' || c == ']') && !now_.open.empty()) now_.open.pop_back();
    if (c == '[' || (c == ',' && in_list)) now_.value = at_ + 1;
    if (c == '{' || (c == ',' && !in_list)) {
      now_.key = skip_blanks(text_, at_ + 1);
      now_.value = Situation::none;
    }
  }

  std::string_view text_;
  std::size_t offset_;
  std::size_t at_ = 0;
  Situation now_;
};

}  // namespace

Situation situation_at(std::string_view text, std::size_t offset) {
  return Scanner(text, std::min(offset, text.size())).run();
}

std::optional<std::size_t> string_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view three = text.substr(at, 3);
  const bool long_form = three.size() == 3 && three[1] == quote && three[2] == quote;
  for (std::size_t i = at + (long_form ? 3 : 1); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (!long_form && text[i] == '\n') {
      return std::nullopt;
    } else if (text[i] == quote) {
      if (!long_form) return i + 1;
      if (text.substr(i, 3) != three) continue;
      i += 3;  // up to two more quotes belong to the text
      while (i < text.size() && text[i] == quote) ++i;
      return i;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> bracket_end(std::string_view text, std::size_t at) {
  int depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (is_quote(c)) {
      const std::optional<std::size_t> end = string_end(text, i);
      if (!end) return std::nullopt;
      i = *end - 1;
    } else if (c == '#') {
      i = line_end(text, i);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> members_of(std::string_view inside) {
  std::vector<std::string_view> members;
  std::size_t begin = 0;
  const auto end_member = [&](std::size_t end) {
    const std::string_view member = trimmed(inside.substr(begin, end - begin));
    if (!member.empty()) members.push_back(member);
    begin = end + 1;
  };
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const char c = inside[i];
    if (is_quote(c)) {
      i = string_end(inside, i).value_or(inside.size()) - 1;
    } else if (c == '{' || c == '[') {
      i = bracket_end(inside, i).value_or(inside.size()) - 1;
    } else if (c == ',' || c == '\n') {
      end_member(i);
    } else if (c == '#') {
      end_member(i);
      i = line_end(inside, i);
      begin = std::min(i + 1, inside.size());
    }
  }
  if (begin < inside.size()) end_member(inside.size());
  return members;
}

std::optional<std::pair<std::string_view, std::string_view>> key_and_value(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (is_quote(line[i])) {
      const std::optional<std::size_t> end = string_end(line, i);
      if (!end) return std::nullopt;
      i = *end - 1;
    } else if (line[i] == '=') {
      return std::pair{trimmed(line.substr(0, i)), trimmed(line.substr(i + 1))};
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> key_parts(std::string_view key) {
  key = trimmed(key);
  while (!key.empty() && key.front() == '[') key.remove_prefix(1);
  std::vector<std::string_view> parts;
  for (std::size_t i = skip_blanks(key, 0); i < key.size() && key[i] != ']';) {
    if (is_quote(key[i])) {
      const std::size_t end = string_end(key, i).value_or(key.size() + 1);
      parts.push_back(key.substr(i + 1, std::min(end, key.size() + 1) - i - 2));
      i = end;
    } else {
      const std::size_t end = std::min(key.find_first_of(".] \t", i), key.size());
      parts.push_back(key.substr(i, end - i));
      i = end;
    }
    while (i < key.size() && (key[i] == '.' || key[i] == ' ' || key[i] == '\t')) ++i;
  }
  return parts;
}

}  // namespace schemasync
