// Where kinds read model files. A kind with a header of its own ([enum.x]) declares `header` and
// load(); a part of a table declares load_of_table(), which asks the table's section and the
// columns' inline tables for its keys. Keys that nobody asked for are mistakes of the file.
// load/models calls load(), tables call their parts; both walk over the list of kinds.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "kinds/schema_of.hpp"
#include "kinds/type_name.hpp"
#include "toml/document.hpp"
#include "toml/section.hpp"

namespace schemasync {

// A name, and what it must be free in: a schema, or a table of one.
struct TakenName {
  Symbol schema;
  Symbol table;
  Symbol name;
  bool operator==(const TakenName&) const = default;
  struct Hash {
    std::size_t operator()(const TakenName& taken) const {
      const std::hash<Symbol> hash;
      return (hash(taken.schema) * 31 + hash(taken.table)) * 31 + hash(taken.name);
    }
  };
};

// One run over all files of a folder. Objects with names are added at once; names that the models
// leave out are given when all files are read, since an index name is one of its whole schema.
class Loading {
 public:
  Loading(Schema& schema, Mistakes& mistakes) : schema_(schema), mistakes_(mistakes) {}

  Schema& schema() { return schema_; }
  Mistakes& mistakes() { return mistakes_; }

  // A second object of that name is a mistake that names both places.
  template <class K>
  void add(K object) {
    std::map<ObjectId, K>& all = schema_.all<K>();
    ObjectId id = object.id;
    const auto at = all.lower_bound(id);
    if (at != all.end() && at->first == id)
      declared_twice(object, at->second);
    else
      claim(all.emplace_hint(at, std::move(id), std::move(object))->second);
  }

  // Gets its name from K::automatic_name with PostgreSQL's numbers behind it where that is taken.
  // `named` is told the name.
  using Named = std::function<void(const ObjectId&)>;
  template <class K>
  void add_unnamed(K object, Named named = {}) {
    unnamed_.push_back([this, object = std::move(object), named](const Naming& naming) mutable {
      object.named = false;
      for (int pass = 0; pass == 0 || is_taken(object); ++pass)
        object.id.name = K::automatic_name(object, naming, pass);
      ObjectId id = object.id;
      if (named) named(id);
      claim(schema_.all<K>().emplace(std::move(id), std::move(object)).first->second);
    });
  }
  // Like an unnamed relation that is no object of its own: an identity column's sequence.
  void add_unnamed_relation(const std::string& schema, std::function<std::string(int pass)> name,
                            Named named);

  // parse_type(), once for each spelling.
  const TypeName& type(const std::string& written);

  // A schema that a file names at its top.
  void mention(const Text& schema) { mentioned_.insert({schema.text, schema.where}); }
  const std::map<std::string, Source>& mentioned() const { return mentioned_; }

  // A file is no TOML: a name that it mentions may be declared there, and is no mistake of its own.
  void lacks(const Document& file);
  bool may_be_lost(std::string_view name) const;

  // Runs when everything is named.
  void check_later(std::function<void()> check) { checks_.push_back(std::move(check)); }

  // Names what is unnamed, then runs the checks.
  void finish(const Naming& naming);

 private:
  // Names that must be free: relations (tables, indexes, keys, sequences) of a schema share one
  // space, types and row types of tables another, constraints of a table a third.
  template <class K>
  void claim(const K& object) {
    const ObjectId& id = object.id;
    const TakenName in_schema{id.schema, {}, id.name};
    if constexpr (requires { K::is_relation; }) claim_in(relation, in_schema, object);
    if constexpr (requires { K::is_type; }) claim_in(type_name, in_schema, object);
    if constexpr (requires { K::is_constraint; }) {
      claim_in(constraint, {id.schema, id.table, id.name}, object);
      schema_constraints_.insert(in_schema);
    }
  }
  // As PostgreSQL chooses: a constraint's automatic name is free in the whole schema.
  template <class K>
  bool is_taken(const K& object) const {
    const TakenName in_schema{object.id.schema, {}, object.id.name};
    bool taken = false;
    if constexpr (requires { K::is_relation; }) taken = spaces_[relation].contains(in_schema);
    if constexpr (requires { K::is_constraint; })
      taken = taken || schema_constraints_.contains(in_schema);
    return taken;
  }
  void declared_twice(const Object& second, const Object& first);
  enum Space : std::size_t { relation, type_name, constraint };
  // `object` stays where it is, in the schema.
  void claim_in(Space space, const TakenName& name, const Object& object);

  Schema& schema_;
  Mistakes& mistakes_;
  // What holds a name; nullptr: an identity column's sequence.
  std::array<std::unordered_map<TakenName, const Object*, TakenName::Hash>, 3> spaces_;
  std::unordered_set<TakenName, TakenName::Hash> schema_constraints_;
  std::unordered_map<std::string, TypeName> types_;
  std::vector<std::string> lost_;  // the texts of files that are no TOML
  bool lost_unread_ = false;       // one of them could not even be read
  std::map<std::string, Source> mentioned_;
  std::vector<std::function<void(const Naming&)>> unnamed_;
  std::vector<std::function<void()>> checks_;
};

struct ModelFile {
  Loading& loading;
  const Document& document;
  std::filesystem::path path;     // where it is read from
  std::string schema = "public";  // of all its objects

  Mistakes& mistakes() const { return loading.mistakes(); }
};

// A column of a table as the file writes it.
struct ColumnModel {
  Text name;      // its key
  Text type;      // with its `?`; "" where a mistake was noted
  bool is_short;  // "varchar?": no keys to ask for
  Section section;
};

struct TableModel {
  ModelFile& file;
  ObjectId id;
  Section& section;
  std::vector<ColumnModel> columns;  // in file order

  Mistakes& mistakes() const { return file.mistakes(); }
  const ColumnModel* column(std::string_view name) const;
  // A mistake where the table has no such column; `subject` as in "… in index ix_user_email".
  bool knows(const Text& column, const std::string& subject) const;
  // The known ones among `columns`; each unknown or repeated one is a mistake.
  std::vector<std::string> known(const std::vector<Text>& columns,
                                 const std::string& subject) const;
};

// A kind that is a part of a table.
template <class K>
concept TablePart = requires(TableModel& table) {
  K::load_of_table(table);
};

// ---- readers that kinds share ----------------------------------------------------------------

Text text_of(const EntryKey& key);
Text text_of(const Node& string);

// "a.b", '"a.b".c': the parts as stored; {} when its quotes are wrong or a part is empty.
std::vector<std::string> name_path(std::string_view text);

// SQL: a string, or { file = "total.sql" } beside the model file.
std::optional<SqlText> sql_text(ModelFile& file, Section& section, std::string_view key);
// The SQL of `sql`, or of the string itself, for keys that take either.
std::optional<SqlText> sql_of(ModelFile& file, const Node& value, std::string_view what);

// Not schemasync's own schema, nor one of PostgreSQL's; else a mistake.
bool is_name_of_schema(const Text& name, Mistakes& mistakes);

// The name of an inline constraint or of a long one; nullopt: left to us.
std::optional<std::string> name_of_part(Section& section);

void load_comment(Section& section, Object& object);
// `archive = "in_place"`: true when it says so; any other value is a mistake.
bool load_archive_in_place(Section& section);
void load_renamed_from(Section& section, Object& object);
void load_owner(Section& section, Object& object);
// `privileges`: those that the kind has, lower case. `columns`: of a table, in order; grants on
// other kinds name none.
void load_grants(Section& section, Object& object, std::span<const std::string_view> privileges,
                 const std::vector<std::string>* columns = nullptr);

std::optional<Deferrable> load_deferrable(Section& section);

// An inline constraint: true, a short string or a table; false or absent: none.
struct InlinePart {
  Source where;
  int length = 1;
  std::optional<Text> text;        // the short string
  std::optional<Section> section;  // the table
};
std::optional<InlinePart> inline_part(ColumnModel& column, std::string_view key);

// The same part in both forms is a mistake.
template <class K>
void reject_both_forms(const TableModel& table, const std::vector<K>& inline_parts,
                       const std::vector<K>& long_parts, std::string_view what) {
  for (const K& longer : long_parts)
    for (const K& shorter : inline_parts)
      if (same_attributes(longer, shorter))
        table.mistakes().add(longer.where, 1, "this " + std::string(what) + " stands in both forms",
                             "it is on its column already, line " +
                                 std::to_string(shorter.where.line) + ": take one of them out");
}

}  // namespace schemasync
