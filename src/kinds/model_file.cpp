#include "kinds/model_file.hpp"

#include <algorithm>
#include <cctype>

#include "text/files.hpp"
#include "text/strings.hpp"
#include "toml/text_place.hpp"

namespace schemasync {
namespace {

std::string noun(const ObjectId& id) {
  std::string word = id.kind;
  std::replace(word.begin(), word.end(), '_', ' ');
  return word + " " + id.shown();
}

// Of what to underline: the name, where its key is the place of the object.
int width(const Object& object) {
  const bool is_key = object.id.table.empty() || object.id.kind == "column";
  return is_key ? code_points(object.id.name) : 1;
}

// The SQL of a file that stands beside the model file, never outside the models' folder.
std::optional<std::string> sql_of_file(const ModelFile& file, const Text& name) {
  namespace fs = std::filesystem;
  const fs::path shown = fs::path(file.document.file.str()).parent_path() / name.text;
  const fs::path relative =
      shown.lexically_relative(fs::path(file.document.file.str()).parent_path());
  const bool outside = name.text.empty() || relative.empty() || *relative.begin() == ".." ||
                       fs::path(name.text).is_absolute();
  if (outside) {
    file.mistakes().add(name.where, name.length, "this is not a file beside the model file",
                        "write its name as in { file = \"total.sql\" }");
    return std::nullopt;
  }
  std::optional<std::string> text = read_file(file.path.parent_path() / name.text);
  if (!text)
    file.mistakes().add(name.where, name.length,
                        "the file cannot be read: " + shown.generic_string());
  return text;
}

std::optional<SqlText> sql_of_string(ModelFile& file, const Node& value, std::string_view text,
                                     std::string_view what) {
  const std::string_view bare = trimmed(text);
  if (!bare.empty()) return SqlText{std::string(bare), "", file.schema};
  file.mistakes().add(value, std::string(what) + " is empty", "write its SQL, or take the key out");
  return std::nullopt;
}

// Privileges of one role, told apart by column ("" = the whole object) and grant option.
using Privileges = std::map<std::tuple<std::string, std::string, bool>, std::set<std::string>>;

// As the catalog gives them: what may be granted on is granted once, columns that have the same
// privileges stand in one entry.
std::vector<Grant> normalised(const Privileges& all, const std::vector<std::string>& columns) {
  std::vector<Grant> grants;
  for (const auto& [key, privileges] : all) {
    const auto& [to, column, grantable] = key;
    if (column.empty())
      grants.push_back({to, {privileges.begin(), privileges.end()}, {}, grantable});
  }
  const std::size_t whole = grants.size();
  for (const std::string& name : columns)
    for (const auto& [key, privileges] : all) {
      const auto& [to, column, grantable] = key;
      if (column != name) continue;
      const Grant wanted{to, {privileges.begin(), privileges.end()}, {name}, grantable};
      const auto same = std::find_if(
          grants.begin() + static_cast<std::ptrdiff_t>(whole), grants.end(), [&](const Grant& one) {
            return one.to == wanted.to && one.grantable == wanted.grantable &&
                   one.privileges == wanted.privileges;
          });
      if (same == grants.end()) {
        grants.push_back(wanted);
      } else {
        same->columns.push_back(name);
      }
    }
  std::sort(grants.begin(), grants.end());
  return grants;
}

// A privilege with grant option includes the one without.
void absorb_grantable(Privileges& all) {
  for (auto& [key, privileges] : all) {
    const auto& [to, column, grantable] = key;
    if (grantable) continue;
    const auto with_option = all.find({to, column, true});
    if (with_option == all.end()) continue;
    for (const std::string& word : with_option->second) privileges.erase(word);
  }
  std::erase_if(all, [](const auto& entry) { return entry.second.empty(); });
}

std::vector<std::string> privileges_of(Section& grant, std::span<const std::string_view> known) {
  std::vector<std::string> words;
  if (!grant.has("privileges")) grant.reject_missing("privileges");
  for (const Text& one : grant.text_or_list("privileges").value_or(std::vector<Text>{})) {
    const std::string word = lowercase(one.text);
    if (word == "all" || word == "all privileges") {
      for (const std::string_view each : known)
        if (each != "maintain") words.emplace_back(each);  // from 17
    } else if (std::find(known.begin(), known.end(), word) == known.end()) {
      grant.reject_word("privilege", one, {known.begin(), known.end()});
    } else {
      words.push_back(word);
    }
  }
  return words;
}

}  // namespace

// ---- one run over all files ------------------------------------------------------------------

void Loading::declared_twice(const Object& second, const Object& first) {
  mistakes_.add(second.where, width(second), noun(second.id) + " stands in the models twice",
                "the other one: " + first.where.to_text());
}

void Loading::claim_in(Space space, const TakenName& name, const Object& object) {
  const auto [found, is_free] = spaces_[space].insert({name, &object});
  if (is_free || found->second == nullptr) return;
  mistakes_.add(object.where, width(object),
                noun(object.id) + " has a name that is taken by " + noun(found->second->id),
                "the other one: " + found->second->where.to_text());
}

const TypeName& Loading::type(const std::string& written) {
  const auto [at, is_new] = types_.try_emplace(written);
  if (is_new) at->second = parse_type(written);
  return at->second;
}

void Loading::add_unnamed_relation(const std::string& schema,
                                   std::function<std::string(int pass)> name, Named named) {
  unnamed_.push_back(
      [this, schema, name = std::move(name), named = std::move(named)](const Naming&) {
        ObjectId id{"sequence", schema, "", ""};
        auto& taken = spaces_[relation];
        const auto in_schema = [&] { return TakenName{id.schema, {}, id.name}; };
        id.name = name(0);
        for (int pass = 1; taken.contains(in_schema()); ++pass) id.name = name(pass);
        taken.insert({in_schema(), nullptr});
        named(id);
      });
}

void Loading::lacks(const Document& file) {
  lost_.push_back(file.text);
  lost_unread_ = lost_unread_ || file.text.empty();
}

bool Loading::may_be_lost(std::string_view name) const {
  const bool is_plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  // Another name may stand there with escapes.
  if (lost_unread_ || (!is_plain && !lost_.empty())) return true;
  return std::any_of(lost_.begin(), lost_.end(),
                     [&](const std::string& text) { return text.find(name) != std::string::npos; });
}

void Loading::finish(const Naming& naming) {
  for (const auto& give_name : unnamed_) give_name(naming);
  for (const auto& check : checks_) check();
}

// ---- tables ----------------------------------------------------------------------------------

const ColumnModel* TableModel::column(std::string_view name) const {
  for (const ColumnModel& one : columns)
    if (one.name.text == name) return &one;
  return nullptr;
}

bool TableModel::knows(const Text& name, const std::string& subject) const {
  if (column(name.text) != nullptr) return true;
  std::vector<std::string> names;
  for (const ColumnModel& one : columns) names.push_back(one.name.text);
  mistakes().add(name.where, name.length, "unknown column \"" + name.text + "\" in " + subject,
                 meant(name.text, names));
  return false;
}

std::vector<std::string> TableModel::known(const std::vector<Text>& names,
                                           const std::string& subject) const {
  std::vector<std::string> found;
  for (const Text& name : names) {
    if (!knows(name, subject)) continue;
    if (std::find(found.begin(), found.end(), name.text) != found.end())
      mistakes().add(name.where, name.length,
                     "column \"" + name.text + "\" stands twice in " + subject);
    found.push_back(name.text);
  }
  return found;
}

// ---- readers that kinds share ----------------------------------------------------------------

Text text_of(const EntryKey& key) { return {key.name, key.where, key.length}; }

Text text_of(const Node& string) { return {string.text, string.where, string.length}; }

std::vector<std::string> name_path(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    std::string part;
    if (i < text.size() && text[i] == '"') {
      for (++i; i < text.size(); ++i) {
        if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
          ++i;
        } else if (text[i] == '"') {
          break;
        }
        part += text[i];
      }
      if (i >= text.size()) return {};  // never closed
      ++i;
      if (i < text.size() && text[i] != '.') return {};
    } else {
      for (; i < text.size() && text[i] != '.'; ++i) {
        if (text[i] == '"') return {};
        part += text[i];
      }
    }
    if (part.empty()) return {};
    parts.push_back(std::move(part));
  }
  return parts;
}

std::optional<SqlText> sql_of(ModelFile& file, const Node& value, std::string_view what) {
  if (value.is_string()) return sql_of_string(file, value, value.text, what);
  if (value.is_table()) {
    Section from(value, std::string(what), file.mistakes());
    const std::optional<Text> name = from.required_text("file");
    from.finish();
    if (!name) return std::nullopt;
    const std::optional<std::string> text = sql_of_file(file, *name);
    return text ? sql_of_string(file, value, *text, what) : std::nullopt;
  }
  file.mistakes().add(value, std::string(what) + " must be SQL in a string, not " +
                                 std::string(described(value.kind)));
  return std::nullopt;
}

std::optional<SqlText> sql_text(ModelFile& file, Section& section, std::string_view key) {
  const Node* value = section.any(key);
  if (value == nullptr) return std::nullopt;
  return sql_of(file, *value, std::string(key) + " in " + section.subject());
}

std::optional<std::string> name_of_part(Section& section) {
  const std::optional<Text> name = section.name("name");
  return name ? std::optional(name->text) : std::nullopt;
}

void load_comment(Section& section, Object& object) {
  if (const std::optional<Text> text = section.text("comment")) object.aspects.comment = text->text;
}

bool load_archive_in_place(Section& section) {
  const std::optional<Text> form = section.text("archive");
  if (!form) return false;
  if (form->text != "in_place")
    section.reject(
        "archive",
        "archive \"" + form->text + "\" of " + section.subject() + " is no way to keep values",
        "write archive = \"in_place\", or leave the key out: values are copied then");
  return form->text == "in_place";
}

void load_renamed_from(Section& section, Object& object) {
  const std::optional<std::vector<Text>> names = section.text_or_list("renamed_from");
  if (!names) return;
  for (const Text& old : *names)
    if (is_name(old, "old name", section.mistakes())) object.renamed_from.push_back(old.text);
}

void load_owner(Section& section, Object& object) {
  if (const std::optional<Text> owner = section.name("owner")) object.aspects.owner = owner->text;
}

void load_grants(Section& section, Object& object, std::span<const std::string_view> privileges,
                 const std::vector<std::string>* columns) {
  if (!section.has("grants")) return;
  Privileges all;
  for (Section& grant : section.sections("grants", "a grant of " + section.subject())) {
    const std::optional<Text> to = grant.name("to");
    if (!grant.has("to")) grant.reject_missing("to");
    const std::vector<std::string> words = privileges_of(grant, privileges);
    const bool grantable = grant.flag("grantable").value_or(false);
    std::vector<std::string> on = {""};
    if (columns != nullptr && grant.has("columns")) {
      on.clear();
      for (const Text& name : grant.required_text_list("columns").value_or(std::vector<Text>{})) {
        if (std::find(columns->begin(), columns->end(), name.text) != columns->end())
          on.push_back(name.text);
        else
          section.mistakes().add(name.where, name.length,
                                 "unknown column \"" + name.text + "\" in " + grant.subject(),
                                 meant(name.text, *columns));
      }
    }
    grant.finish();
    if (!to) continue;
    for (const std::string& column : on)
      if (!words.empty()) all[{to->text, column, grantable}].insert(words.begin(), words.end());
  }
  absorb_grantable(all);
  object.aspects.grants =
      normalised(all, columns != nullptr ? *columns : std::vector<std::string>{});
}

std::optional<Deferrable> load_deferrable(Section& section) {
  if (const Node* value = section.any("deferrable");
      value != nullptr && (value->is_flag(true) || value->is_flag(false))) {
    section.reject("deferrable",
                   "deferrable in " + section.subject() + " says when it is checked, not whether",
                   value->is_flag(true) ? "write \"initially immediate\" or \"initially deferred\""
                                        : "it is not deferrable without the key: take it out");
    return std::nullopt;
  }
  return section.choice<Deferrable>("deferrable",
                                    {{"initially immediate", Deferrable::initially_immediate},
                                     {"initially deferred", Deferrable::initially_deferred}});
}

std::optional<InlinePart> inline_part(ColumnModel& column, std::string_view key) {
  if (column.is_short) return std::nullopt;
  const Entry* entry = column.section.entry(key);
  if (entry == nullptr || entry->value.is_flag(false)) return std::nullopt;
  InlinePart part;
  part.where = entry->key.where;
  part.length = entry->key.length;
  if (entry->value.is_string()) {
    part.text = text_of(entry->value);
  } else if (entry->value.is_table()) {
    part.section.emplace(entry->value, entry->key,
                         std::string(key) + " of " + column.section.subject(),
                         column.section.mistakes());
  } else if (!entry->value.is_flag(true)) {
    column.section.reject_type(key, entry->value, "true, a string or a table");
    return std::nullopt;
  }
  return part;
}

}  // namespace schemasync
