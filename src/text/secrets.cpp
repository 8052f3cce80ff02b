#include "text/secrets.hpp"

#include <algorithm>
#include <array>

#include "text/strings.hpp"

namespace schemasync {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::size_t find_or_end(std::string_view text, std::string_view set, std::size_t at) {
  return std::min(text.find_first_of(set, at), text.size());
}

bool is_masked(std::string_view secret) {
  return secret.find_first_not_of('*') == std::string_view::npos;
}

// A port that stands where a password would, as in postgresql://localhost:5432/db.
bool is_port(std::string_view rest) {
  const std::size_t end = rest.find_first_not_of("0123456789");
  return end == std::string_view::npos ||
         std::string_view("/?\"',:;.)").find(rest[end]) != std::string_view::npos;
}

// Where user and host begin: behind "://", or behind the one slash that a path that was made of a
// URL has left.
std::size_t behind_scheme(std::string_view word, std::size_t colon) {
  if (word.substr(colon, 3) == "://") return colon + 3;
  const bool of_ours =
      word.substr(0, colon).ends_with("postgresql") || word.substr(0, colon).ends_with("postgres");
  return of_ours && word.substr(colon, 2) == ":/" ? colon + 2 : std::string_view::npos;
}

// Of one word (no blank in it). A password may hold / : and even @: the last @ counts.
void add_of_urls(std::string_view word, std::size_t offset, std::vector<Span>& found) {
  const std::size_t at_sign = word.rfind('@');
  for (std::size_t at = 0; (at = word.find(":/", at)) != std::string_view::npos;) {
    const std::size_t user = behind_scheme(word, at);
    at += 2;
    if (user == std::string_view::npos) continue;
    const std::size_t colon = find_or_end(word, ":@/?\"'", user);
    if (colon == word.size() || word[colon] != ':') continue;
    std::size_t end = at_sign;
    if (at_sign == std::string_view::npos || at_sign < colon) {
      if (is_port(word.substr(colon + 1))) continue;
      end = find_or_end(word, "/?\"'", colon + 1);
    }
    found.push_back({offset + colon + 1, offset + end});
    at = end;
  }
}

std::size_t end_of_quoted(std::string_view text, std::size_t at, char quote) {
  while (at < text.size() && text[at] != quote) at += text[at] == '\\' ? 2 : 1;
  return std::min(at, text.size());
}

// A bare value ends at a blank or, in a URL's query, at &; a quote behind it is of the text around.
std::size_t end_of_bare(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && text[end] != '&' && blanks.find(text[end]) == std::string_view::npos)
    end += text[end] == '\\' ? 2 : 1;
  end = std::min(end, text.size());
  const std::size_t last = text.substr(begin, end - begin).find_last_not_of("\"':;,.?)}]");
  const std::size_t kept = last == std::string_view::npos ? begin : begin + last + 1;
  return text.substr(kept, end - kept).find_first_of("\"'") == std::string_view::npos ? end : kept;
}

// `at`: behind the keyword.
void add_value(std::string_view text, std::size_t at, std::vector<Span>& found) {
  const auto skip_blanks = [&] { at = std::min(text.find_first_not_of(blanks, at), text.size()); };
  skip_blanks();
  if (at == text.size() || text[at] != '=') return;
  ++at;
  skip_blanks();
  if (at == text.size() || text[at] == '{') return;  // a column of that name in a model
  if (text[at] == '\'' || text[at] == '"')
    found.push_back({at + 1, end_of_quoted(text, at + 1, text[at])});
  else
    found.push_back({at, end_of_bare(text, at)});
}

// The keyword alone: not of a column (user.password) or a longer name (password_hash).
void add_of_keywords(std::string_view text, std::vector<Span>& found) {
  constexpr std::string_view keyword = "password";
  const std::string folded = lowercase(text);
  for (std::size_t at = 0; (at = folded.find(keyword, at)) != std::string::npos;) {
    std::size_t begin = at;
    at += keyword.size();
    if (begin >= 3 && folded.compare(begin - 3, 3, "ssl") == 0) begin -= 3;
    if (begin > 0 &&
        std::string_view(" \t\r\n?&\"'{,(").find(folded[begin - 1]) == std::string_view::npos)
      continue;
    add_value(text, at, found);
    if (!found.empty()) at = std::max(at, found.back().end);
  }
}

}  // namespace

std::vector<Span> passwords_in(std::string_view text) {
  std::vector<Span> found;
  add_of_keywords(text, found);
  for (std::size_t at = 0; (at = text.find_first_not_of(blanks, at)) != std::string_view::npos;) {
    const std::size_t end = find_or_end(text, blanks, at);
    add_of_urls(text.substr(at, end - at), at, found);
    at = end;
  }
  std::sort(found.begin(), found.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> apart;
  for (const Span& one : found) {
    if (is_masked(text.substr(one.begin, one.end - one.begin))) continue;
    if (!apart.empty() && one.begin < apart.back().end)
      apart.back().end = std::max(apart.back().end, one.end);
    else
      apart.push_back(one);
  }
  return apart;
}

std::string without_passwords(std::string_view text) {
  std::string shown;
  std::size_t at = 0;
  for (const Span& secret : passwords_in(text)) {
    shown.append(text.substr(at, secret.begin - at)).append("***");
    at = secret.end;
  }
  return shown.append(text.substr(at));
}

bool is_connection_string(std::string_view word) {
  constexpr std::array<std::string_view, 8> keywords = {"host", "hostaddr", "port",    "dbname",
                                                        "user", "password", "service", "sslmode"};
  const std::size_t scheme = word.find("://");  // postgresql, or postgresql+psycopg2 and the like
  if (scheme != std::string_view::npos &&
      word.substr(0, scheme).find("postgres") != std::string_view::npos)
    return true;
  const std::string_view keyword = trimmed(word.substr(0, word.find('=')));
  return word.find('=') != std::string_view::npos &&
         std::find(keywords.begin(), keywords.end(), keyword) != keywords.end();
}

}  // namespace schemasync
