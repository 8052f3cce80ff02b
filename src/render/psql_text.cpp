#include "render/psql_text.hpp"

#include "text/sql.hpp"

namespace schemasync {
namespace {

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) { return is_name_start(c) || (c >= '0' && c <= '9') || c == '$'; }

// Cuts SQL into quoted and unquoted parts, as psql's own scanner does.
class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) {}

  bool at_end() const { return at_ >= sql_.size(); }

  // The next part: a whole string, name, comment or dollar-quoted body, or one plain character or
  // word.
  std::string_view next() {
    const std::size_t start = at_;
    at_ = end_of_part(start);
    return sql_.substr(start, at_ - start);
  }

 private:
  std::size_t end_of_part(std::size_t i) const {
    const std::string_view rest = sql_.substr(i);
    if (rest.starts_with("--")) return std::min(sql_.find('\n', i), sql_.size());
    if (rest.starts_with("/*")) return end_of_comment(i);
    if (rest[0] == '"') return end_of_quoted(i, false);
    if (rest[0] == '\'') return end_of_quoted(i, false);
    if ((rest.starts_with("e'") || rest.starts_with("E'"))) return end_of_quoted(i + 1, true);
    if (rest[0] == '$') return end_of_dollar_quoted(i);
    if (rest.starts_with("::") || rest.starts_with(":=")) return i + 2;
    if (!is_name_start(rest[0])) return i + 1;
    std::size_t end = i;
    while (end < sql_.size() && is_name_part(sql_[end])) ++end;
    return end;
  }

  std::size_t end_of_quoted(std::size_t i, bool backslashes) const {
    const char quote = sql_[i++];
    for (; i < sql_.size(); ++i) {
      if (backslashes && sql_[i] == '\\')
        ++i;
      else if (sql_[i] == quote && i + 1 < sql_.size() && sql_[i + 1] == quote)
        ++i;
      else if (sql_[i] == quote)
        return i + 1;
    }
    return sql_.size();
  }

  std::size_t end_of_comment(std::size_t i) const {
    int depth = 0;
    while (i < sql_.size()) {
      const std::string_view rest = sql_.substr(i);
      if (rest.starts_with("/*")) ++depth;
      if (rest.starts_with("*/")) --depth;
      i += rest.starts_with("/*") || rest.starts_with("*/") ? 2 : 1;
      if (depth == 0) return i;
    }
    return sql_.size();
  }

  std::size_t end_of_dollar_quoted(std::size_t i) const {
    std::size_t end = i + 1;
    while (end < sql_.size() && sql_[end] != '$' && is_name_part(sql_[end])) ++end;
    if (end >= sql_.size() || sql_[end] != '$') return i + 1;
    const std::string_view tag = sql_.substr(i, end + 1 - i);
    const std::size_t close = sql_.find(tag, end + 1);
    return close == std::string_view::npos ? sql_.size() : close + tag.size();
  }

  std::string_view sql_;
  std::size_t at_ = 0;
};

bool holds_any(std::string_view part, const PsqlNames& names) {
  for (const auto& [name, variable] : names)
    if (part.find('"' + name) != std::string_view::npos) return true;
  return false;
}

}  // namespace

std::optional<std::string> for_psql(std::string_view sql, const PsqlNames& names) {
  std::string out;
  bool open_comment = false;
  for (Scanner scanner(sql); !scanner.at_end();) {
    const std::string_view part = scanner.next();
    open_comment = part.starts_with("--");
    if (part == ":") {
      out += "\\:";
    } else if (!holds_any(part, names)) {
      out += part;
    } else {
      const auto name = names.find(std::string(part.substr(1, part.size() - 2)));
      if (part.front() != '"' || name == names.end()) return std::nullopt;
      out += ":\"" + name->second + "\"";
    }
  }
  return open_comment ? out + "\n" : out;
}

std::string by_gexec(std::string_view sql, const PsqlNames& names) {
  return "SELECT " + text_at_run_time(sql, names) + " \\gexec";
}

std::string text_at_run_time(std::string_view sql, const PsqlNames& names) {
  std::string out = dollar_quoted(sql);
  for (const auto& [name, variable] : names)
    if (sql.find('"' + name) != std::string_view::npos)
      out = "pg_catalog.replace(" + out + ", '\"" + name + "', '\"' || :'" + variable + "')";
  return out;
}

std::string dollar_quoted(std::string_view text) {
  std::string tag = "$schemasync$";
  // The first character behind our tag's last dollar must not close it early: "…$schemasync" + "$".
  for (int i = 1; (std::string(text) + "$").find(tag) != std::string::npos; ++i)
    tag = "$schemasync" + std::to_string(i) + "$";
  return tag + std::string(text) + tag;
}

std::string psql_argument(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\')
      out += c == '\'' ? "''" : "\\\\";
    else
      out += c == '\n' ? ' ' : c;
  }
  return out + "'";
}

}  // namespace schemasync
