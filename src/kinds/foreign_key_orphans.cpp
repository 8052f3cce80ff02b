#include "kinds/foreign_key_orphans.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "kinds/repairs.hpp"
#include "kinds/rows_to_come.hpp"

namespace schemasync {
namespace {

// Rows of the key's table, alias t.
Sql are_orphans(const ForeignKey& key) {
  std::vector<Sql> given, same;
  for (std::size_t i = 0; i < key.columns.size(); ++i) {
    given.push_back(sql("t.{} IS NOT NULL", Identifier{key.columns[i]}));
    same.push_back(
        sql("p.{} = t.{}", Identifier{key.target_columns[i]}, Identifier{key.columns[i]}));
  }
  return sql("{} AND NOT EXISTS (SELECT FROM {} AS p WHERE {})", join(given, " AND "),
             name_of(key.target), join(same, " AND "));
}

bool lets_go(const ForeignKey& key) {
  return key.on_delete == "set null" || key.on_delete == "set default";
}

Sql let_go(const ForeignKey& key) {
  std::vector<Sql> sets;
  for (const std::string& column : key.set_columns.empty() ? key.columns : key.set_columns)
    sets.push_back(sql("{} = {}", Identifier{column},
                       key.on_delete == "set null" ? sql("NULL") : sql("DEFAULT")));
  return sql("UPDATE {} AS t SET {} WHERE {}", table_of(key.id), join(sets, ", "),
             are_orphans(key));
}

Sql exists_orphan(const ForeignKey& key) {
  return sql("EXISTS (SELECT FROM {} AS t WHERE {})", table_of(key.id), are_orphans(key));
}

Sql marked(const QualifiedName& archive) {
  return sql("COMMENT ON TABLE {} IS 'Some of its rows did not come back.';\n      ", archive);
}

// Into the archive that the table came from, found by the journal: another change made it.
Sql take_out(const ForeignKey& key, const Context& context) {
  const QualifiedName table = table_of(key.id);
  const Sql gone = sql("DELETE FROM {} AS t WHERE {};\n", table, are_orphans(key));
  if (!context.undoing()) {  // the archive has all rows still
    const auto kept = context.facts.kept.find(key.id.owner());
    if (kept == context.facts.kept.end()) return gone;
    return sql("    IF {} THEN {}END IF;\n", exists_orphan(key),
               marked({"schemasync", kept->second.relation})) +
           gone;
  }
  const Sql like = sql(" AS SELECT * FROM {} WITH NO DATA", table);
  const Sql rows = sql(" SELECT t.* FROM {} AS t WHERE {}", table, are_orphans(key));
  return sql("    away := 'schemasync.' || quote_ident((SELECT relation FROM schemasync.archive "
             "WHERE object = {} AND form = 'table' AND made_by = 'apply' ORDER BY n DESC LIMIT "
             "1));\n"
             "    EXECUTE 'CREATE TABLE IF NOT EXISTS ' || away || {};\n"
             "    EXECUTE 'INSERT INTO ' || away || {};\n    ",
             Literal{key.id.owner().to_text()}, Literal{like.str()}, Literal{rows.str()}) +
         gone;
}

struct Keys {
  std::vector<const ForeignKey*> late;    // not made yet
  std::vector<const ForeignKey*> others;  // made, and their tables can lose a row that they need
};

// Of the tables that come back, by way of all that can take a row out.
Keys keys_of(const Context& context) {
  Keys keys;
  std::multimap<ObjectId, const ForeignKey*> made;  // by what they point at
  std::vector<ObjectId> losing;
  for (const auto& [id, key] : context.to.all<ForeignKey>()) {
    if (!context.is_made(id.owner()) || !key.validated) continue;
    if (context.late.count(id) == 0) {
      made.emplace(key.target, &key);
      continue;
    }
    keys.late.push_back(&key);
    if (!lets_go(key)) losing.push_back(id.owner());
  }
  std::set<ObjectId> seen;
  while (!losing.empty()) {
    const ObjectId table = losing.back();
    losing.pop_back();
    if (!seen.insert(table).second) continue;
    const auto [begin, end] = made.equal_range(table);
    for (auto key = begin; key != end; ++key) {
      keys.others.push_back(key->second);
      if (!lets_go(*key->second)) losing.push_back(key->second->id.owner());
    }
  }
  return keys;
}

// `seen`: tables on the way here, in a ring of keys.
Sql rows_that_return(const ObjectId& table, const Context& context, std::set<ObjectId> seen) {
  seen.insert(table);
  std::vector<Sql> stays;
  for (const ForeignKey* key : context.to.parts<ForeignKey>(table)) {
    if (!key->validated || lets_go(*key) || context.late.contains(key->id)) continue;
    if (seen.contains(key->target)) continue;
    const bool returns = context.is_made(key->target);
    std::vector<Sql> given;
    for (const std::string& column : key->columns)
      given.push_back(sql("r.{} IS NULL", Identifier{column}));
    stays.push_back(
        sql("({} OR EXISTS (SELECT FROM {} AS p WHERE {}))", join(given, " OR "),
            returns ? rows_that_return(key->target, context, seen) : Sql(name_of(key->target)),
            pairwise(sql("p"), key->target_columns, sql("r"), key->columns)));
  }
  if (stays.empty()) return Sql(archive_of(table));
  return sql("(SELECT r.* FROM {} AS r WHERE {})", archive_of(table), join(stays, " AND "));
}

bool has_rows(const ObjectId& table, const Context& context) {
  return context.undoing() || context.facts.kept.count(table) > 0;
}

}  // namespace

Step follow_on_delete(const ForeignKey& key, const QualifiedName& away, bool has_all) {
  const QualifiedName table = table_of(key.id);
  const Sql orphans = are_orphans(key);
  if (lets_go(key)) return step(without_user_triggers(key.id.owner(), let_go(key)), Work::rewrite);
  const Sql left = has_all ? marked(away)
                           : sql("CREATE TABLE IF NOT EXISTS {} AS SELECT * FROM {} WITH NO DATA;\n"
                                 "      INSERT INTO {} SELECT t.* FROM {} AS t WHERE {};\n      ",
                                 away, table, away, table, orphans);
  return step(without_user_triggers(key.id.owner(), sql("WHILE {} LOOP\n"
                                                        "      {}DELETE FROM {} AS t WHERE {};\n"
                                                        "  END LOOP",
                                                        exists_orphan(key), left, table, orphans)),
              Work::rewrite);
}

Sql rows_that_return(const ObjectId& table, const Context& context) {
  return rows_that_return(table, context, {});
}

bool lets_go_of_copies(const ForeignKey& key, const Context& context) {
  const std::vector<std::string>& sets = key.set_columns.empty() ? key.columns : key.set_columns;
  return lets_go(key) && std::all_of(sets.begin(), sets.end(), [&](const std::string& name) {
           const Column* column = context.to.find<Column>(column_id(key.id.owner(), name));
           const auto kept = column == nullptr ? std::nullopt : kept_values(*column, context);
           return kept && !kept->in_place;
         });
}

ObjectId first_in_cycles(const std::set<ObjectId>& late, const Schema& schema) {
  return *std::find_if(late.begin(), late.end(),
                       [&](const ObjectId& id) { return schema.has(id); });
}

std::optional<Step> follow_on_delete_in_cycles(const Context& context) {
  const Keys keys = keys_of(context);
  std::set<ObjectId> tables;
  std::vector<Sql> any_orphan, any_left;
  Sql drop, let, take, add;
  bool rows = false;
  for (const auto* list : {&keys.late, &keys.others})
    for (const ForeignKey* key : *list) {
      tables.insert(key->id.owner());
      if (list == &keys.late) {
        any_orphan.push_back(exists_orphan(*key));
        rows = rows || has_rows(key->id.owner(), context);
      } else {
        drop += sql("    ALTER TABLE {} DROP CONSTRAINT {};\n", table_of(key->id),
                    Identifier{key->id.name});
        add += sql("    ALTER TABLE {} ADD {};\n", table_of(key->id), foreign_key_definition(*key));
        for (const Step& one : aspect_steps(*key, ForeignKey::address(key->id)))
          add += sql("    {};\n", one.sql);
      }
      if (key->on_delete != "set default") any_left.push_back(exists_orphan(*key));
      (lets_go(*key) ? let : take) +=
          lets_go(*key) ? sql("    {};\n", let_go(*key)) : take_out(*key, context);
    }
  if (!rows) return std::nullopt;
  if (any_left.empty()) any_left.push_back(sql("false"));
  // A default may point at nothing itself: it is set, and what it points at is the key's to judge.
  return step(without_user_triggers(
                  {tables.begin(), tables.end()},
                  sql("DECLARE away text;\n"
                      "  BEGIN\n"
                      "  IF {} THEN\n{}{}"
                      "    WHILE {} LOOP\n{}{}    END LOOP;\n{}"
                      "  END IF;\n  END",
                      join(any_orphan, " OR "), drop, let, join(any_left, " OR "), take, let, add)),
              Work::rewrite);
}

}  // namespace schemasync
