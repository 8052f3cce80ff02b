#include "model/change.hpp"

#include <algorithm>
#include <array>

#include "model/rule.hpp"

namespace schemasync {
namespace {

template <class E, std::size_t N>
std::optional<E> spelled(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<E>(i);
  return std::nullopt;
}

constexpr std::array<std::string_view, 3> works = {"catalog", "scan", "rewrite"};
constexpr std::array<std::string_view, 3> undos = {"lossless", "lossy", "no"};
constexpr std::array<std::string_view, 5> forms = {"values", "conversion", "table", "in_place",
                                                   "filled"};

// Only inside a quoted name, where archive_relation() and the like put it.
void replace_in_names(std::string& text, const std::string& placeholder, std::string_view name) {
  const std::string found = "\"" + placeholder;
  for (std::size_t at = 0; (at = text.find(found, at)) != std::string::npos;) {
    text.replace(at + 1, placeholder.size(), name);
    at += 1 + name.size();
  }
}

}  // namespace

Change::Change(const Rule& by, ObjectId of, std::string why)
    : rule(by.id_for(of.kind)), object(std::move(of)), risk(by.base, std::move(why)) {}

void Change::becomes(const Rule& by) {
  const bool raised = risk.level > risk.base;
  rule = by.id_for(object.kind);
  risk.base = by.base;
  risk.level = raised ? std::max(risk.level, by.base) : by.base;
}

void Change::becomes(const Rule& by, std::string why) {
  rule = by.id_for(object.kind);
  risk = Risk(by.base, std::move(why));
}

std::string_view to_text(Work work) { return works[static_cast<std::size_t>(work)]; }
std::optional<Work> parse_work(std::string_view text) { return spelled<Work>(works, text); }

std::string_view to_text(Undo::Kind kind) { return undos[static_cast<std::size_t>(kind)]; }
std::optional<Undo::Kind> parse_undo(std::string_view text) {
  return spelled<Undo::Kind>(undos, text);
}

std::string_view to_text(Archive::Form form) { return forms[static_cast<std::size_t>(form)]; }
std::optional<Archive::Form> parse_archive_form(std::string_view text) {
  return spelled<Archive::Form>(forms, text);
}

QualifiedName archive_relation() { return {"schemasync", "{archive}"}; }
QualifiedName kept_relation() { return {"schemasync", "{kept}"}; }
QualifiedName archive_of(const ObjectId& object) {
  return {"schemasync", "{archive of " + object.to_text() + "}"};
}

Identifier hidden_column(const QualifiedName& archive, int part) {
  const std::string number = part == 0 ? "" : "_" + std::to_string(part);
  return {archive.name + number + " schemasync"};
}

bool is_hidden_column(std::string_view name) {
  constexpr std::string_view ending = " schemasync";
  if (!name.starts_with('a') || !name.ends_with(ending)) return false;
  const std::string_view number = name.substr(1, name.size() - 1 - ending.size());
  return !number.empty() && number.front() != '_' && number.back() != '_' &&
         number.find_first_not_of("0123456789_") == std::string_view::npos;
}

Sql is_hidden_column(const Sql& name) { return sql("{} ~ '^a[0-9]+(_[0-9]+)? schemasync$'", name); }

Sql with_archive(const Sql& sql, std::string_view archive_name, std::string_view kept_name) {
  std::string text = sql.str();
  if (!archive_name.empty()) replace_in_names(text, "{archive}", archive_name);
  if (!kept_name.empty()) replace_in_names(text, "{kept}", kept_name);
  return Sql::recorded(std::move(text));
}

Sql with_archive_of(const Sql& sql, const ObjectId& object, std::string_view archive_name) {
  std::string text = sql.str();
  // As it stands inside its quotes.
  const std::string quoted = Sql(Identifier{archive_of(object).name}).str();
  replace_in_names(text, quoted.substr(1, quoted.size() - 2), archive_name);
  return Sql::recorded(std::move(text));
}

}  // namespace schemasync
