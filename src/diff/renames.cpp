#include "diff/renames.hpp"

#include <algorithm>

#include "diff/rename_rules.hpp"
#include "kinds/code_names.hpp"
#include "kinds/naming.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// "public.members" of a table (both parts are there), else a name.
ObjectId listed_id(const ObjectId& now, const std::string& old) {
  ObjectId id = now;
  if (now.kind != "table") {
    id.name = old;
    return id;
  }
  const ObjectId parsed = ObjectId::from_text("table " + old);
  if (!parsed.schema.empty()) id.schema = parsed.schema;
  id.name = parsed.name;
  return id;
}

class Finder {
 public:
  Finder(const Schema& wanted, Schema& live, const Naming& naming)
      : wanted_(wanted), live_(live), naming_(naming) {}

  // Tables before their parts, because parts are looked up under the new table name.
  Renames found() && {
    for_each_kind([&]<class K>() {
      std::vector<std::pair<ObjectId, const K*>> listed;
      for (const auto& [id, object] : wanted_.all<K>())
        if (!object.renamed_from.empty()) listed.emplace_back(id, &object);
      for (const auto& [id, object] : listed) consider<K>(id, *object);
    });
    return std::move(out_);
  }

 private:
  template <class K>
  void consider(const ObjectId& id, const K& object) {
    std::vector<ObjectId> present;
    for (const std::string& old : object.renamed_from)
      if (const ObjectId old_id = listed_id(id, old); live_.find<K>(old_id) != nullptr)
        present.push_back(old_id);
    if (live_.find<K>(id) != nullptr) {
      out_.notes.push_back(id.kind + " " + id.shown() + ": renamed_from is done already");
      return;
    }
    if (present.empty()) {
      out_.notes.push_back(id.kind + " " + id.shown() +
                           ": nothing of the names in renamed_from is there, so it is added");
      return;
    }
    if (present.size() > 1) {
      out_.mistakes.push_back({object.where, 1,
                               "two of the old names of " + id.kind + " " + id.shown() +
                                   " are in the database: " + present[0].shown() + " and " +
                                   present[1].shown(),
                               "name the one that is meant in renamed_from"});
      return;
    }
    rename<K>(present.front(), id, object);
  }

  template <class K>
  void rename(const ObjectId& from, const ObjectId& to, const K& object) {
    Change made(rename_rule("*.rename"), to, "Code that still uses the old name fails at once.");
    made.part = "name";
    made.summary = "Rename " + from.kind + " " + from.shown() + " to " +
                   (from.schema == to.schema ? display_name(to.name) : to.shown());
    made.strategy = "direct rename";
    made.backup = to.owner().shown() + ", and the code that uses the old name";
    made.blocks = "Reads and writes of " + to.owner().shown() + " wait for a moment.";
    made.breaking = "the old name is gone";
    made.undo = {Undo::Kind::lossless, "renames it back."};
    made.where = object.where;
    made.phase = 0;
    made.creates = {to};
    made.drops = {from};
    if (from.schema != to.schema) made.needs = {{"schema", "", "", to.schema}};
    made.tables = {to.owner()};
    made.diff = {"~ " + from.kind + " " + from.shown() + " -> " + to.shown()};
    made.code_names = code_names(from, live_, wanted_, out_.all);
    const std::vector<ObjectId> automatic = named_after(from);
    const std::vector<ObjectId> identities = identities_of(from);
    add_steps<K>(made, from, to);
    rename_in(live_, {from, to});
    out_.all.push_back({from, to});
    move_sequences_along(from, to);
    take_along(made, automatic, {from, to});
    take_identities_along(made, identities, {from, to});
    std::reverse(made.down.begin(), made.down.end());
    out_.changes.push_back(std::move(made));
  }

  // PostgreSQL moves what a table owns with it into the other schema.
  void move_sequences_along(const ObjectId& from, const ObjectId& to) {
    if (from.kind != "table" || from.schema == to.schema) return;
    std::vector<Rename> moved;
    for (const Sequence* sequence : owned_sequences(live_, to)) {
      ObjectId there = sequence->id;
      there.schema = to.schema;
      if (there != sequence->id) moved.push_back({sequence->id, there});
    }
    for (const Rename& one : moved) {
      rename_in(live_, one);
      out_.all.push_back(one);
    }
  }

  template <class K>
  void add_steps(Change& made, const ObjectId& from, const ObjectId& to) {
    for (const Sql& statement : K::renaming(from, to)) {
      made.up.push_back(
          {statement, "", Work::catalog, {{to.owner().shown(), "ACCESS EXCLUSIVE"}}, {}, 0});
    }
    const std::vector<Sql> back = K::renaming(to, from);
    for (auto it = back.rbegin(); it != back.rend(); ++it)  // reversed once more with the rest
      made.down.push_back(
          {*it, "", Work::catalog, {{to.owner().shown(), "ACCESS EXCLUSIVE"}}, {}, 0});
  }

  // What the rule named after a table or a column, as it is called now.
  std::vector<ObjectId> named_after(const ObjectId& id) const {
    std::vector<ObjectId> automatic;
    if (id.kind != "table" && id.kind != "column") return automatic;
    for_each_kind([&]<class K>() {
      for (const K* object : live_.belonging<K>(id.owner()))
        if (automatic_name(*object) == object->id.name) automatic.push_back(object->id);
    });
    return automatic;
  }

  // What was named after the old name, by the rule, is named after the new one.
  void take_along(Change& made, const std::vector<ObjectId>& automatic, const Rename& renamed) {
    for_each_kind([&]<class K>() {
      std::vector<Rename> along;
      for (const ObjectId& id : automatic) {
        if (id.kind != K::kind) continue;
        ObjectId now_id = id;
        follow(now_id, renamed);
        // A sequence is no part of its table, and moves with it all the same.
        if (id.table.empty() && live_.find<K>(now_id) == nullptr) now_id.schema = renamed.to.schema;
        const K* now = live_.find<K>(now_id);
        if (now == nullptr) continue;
        const std::optional<std::string> wanted_name = automatic_name(*now);
        if (!wanted_name || *wanted_name == now_id.name) continue;
        ObjectId target = now_id;
        target.name = *wanted_name;
        const K* asked = wanted_.find<K>(now_id);
        if ((asked != nullptr && asked->named) || live_.find<K>(target) != nullptr) continue;
        along.push_back({now_id, target});
      }
      for (const Rename& rename : along) {
        add_steps<K>(made, rename.from, rename.to);
        rename_in(live_, rename);
        made.code_names.push_back({rename.from.name, {}, false, {}});
        out_.all.push_back(rename);
        note_along(made, rename);
      }
    });
  }

  // An identity column's sequence is no object of its own, but has such a name, too.
  std::vector<ObjectId> identities_of(const ObjectId& id) const {
    std::vector<ObjectId> columns;
    if (id.kind != "table" && id.kind != "column") return columns;
    for (const Column* column : live_.parts<Column>(id.owner()))
      if (automatic_sequence(*column)) columns.push_back(column->id);
    return columns;
  }

  void take_identities_along(Change& made, const std::vector<ObjectId>& columns,
                             const Rename& rename) {
    for (const ObjectId& id : columns) {
      ObjectId now_id = id;
      follow(now_id, rename);
      if (now_id == id) continue;
      const Column* now = live_.find<Column>(now_id);
      if (now == nullptr) continue;
      Column renamed = *now;
      const ObjectId old_name{"sequence", now_id.schema, "", now->identity->sequence};
      renamed.identity->sequence = postgres_name(now_id.table, now_id.name, "seq");
      const ObjectId new_name = *automatic_sequence(renamed);
      if (new_name == old_name || is_relation(new_name)) continue;
      add_steps<Sequence>(made, old_name, new_name);
      rename_in(live_, {old_name, new_name});
      note_along(made, {old_name, new_name});
    }
  }

  static void note_along(Change& made, const Rename& rename) {
    made.notes.push_back("Takes along: " + rename.from.kind + " " + display_name(rename.from.name) +
                         " -> " + display_name(rename.to.name));
  }

  // Does anything have this name among the relations of its schema?
  bool is_relation(const ObjectId& name) const {
    bool taken = false;
    for_each_kind([&]<class K>() {
      if constexpr (requires { K::is_relation; })
        for (const auto& [id, object] : live_.all<K>())
          taken = taken || (id.schema == name.schema && id.name == name.name);
    });
    return taken;
  }

  template <class K>
  std::optional<std::string> automatic_name(const K& object) const {
    if constexpr (requires { K::automatic_name(object, naming_, 0); })
      return K::automatic_name(object, naming_, 0);
    else
      return std::nullopt;
  }

  const Schema& wanted_;
  Schema& live_;
  const Naming& naming_;
  Renames out_;
};

}  // namespace

Renames find_renames(const Schema& wanted, Schema& live, const Naming& naming) {
  return Finder(wanted, live, naming).found();
}

}  // namespace schemasync
