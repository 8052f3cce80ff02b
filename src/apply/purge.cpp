#include "apply/purge.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "apply/kept_rows.hpp"
#include "apply/session.hpp"

namespace schemasync {
namespace {

struct Relation {
  std::string name;
  bool is_sequence = false;
  std::int64_t bytes = 0;
};

// a17 and a17_1, …: of a moved table its indexes and sequences go with it.
std::multimap<std::int64_t, Relation> relations(Connection& db) {
  const Rows rows = db.query(
      sql("SELECT substring(c.relname from '^a([0-9]+)')::bigint, c.relname, c.relkind = 'S', "
          "pg_total_relation_size(c.oid) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = "
          "c.relnamespace WHERE n.nspname = 'schemasync' AND c.relkind IN ('r', 'p', 'S') AND "
          "c.relname ~ '^a[0-9]+(_[0-9]+)?$' AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE "
          "d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = "
          "'pg_class'::regclass AND d.deptype IN ('a', 'i')) ORDER BY 2"));
  std::multimap<std::int64_t, Relation> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.emplace(rows.number(i, 0),
                  Relation{std::string(rows.text(i, 1)), rows.truth(i, 2), rows.number(i, 3)});
  return found;
}

// CREATE TABLE … (LIKE …) copies a hidden column's name: of two the one in the column's own table.
void take_columns(Purgeable& one, const std::multimap<std::int64_t, HiddenColumn>& hidden) {
  const auto [begin, end] = hidden.equal_range(one.number);
  for (auto column = begin; column != end; ++column) {
    const QualifiedName& table = column->second.table;
    const bool at_home = table.schema == one.object.schema && table.name == one.object.table;
    const bool alone = std::count_if(begin, end, [&](const auto& other) {
                         return other.second.name == column->second.name;
                       }) == 1;
    if (!at_home && !alone) continue;
    one.columns.push_back(column->second);
    one.bytes += column->second.bytes;
  }
}

QualifiedName kept(const std::string& name) { return {"schemasync", name}; }

}  // namespace

std::vector<Purgeable> purgeable(Connection& db, std::optional<std::int64_t> older_than) {
  const auto tables = relations(db);
  std::multimap<std::int64_t, HiddenColumn> hidden;
  for (HiddenColumn& one : hidden_columns(db)) hidden.emplace(one.archive, std::move(one));
  const Rows rows = db.query(
      sql("SELECT a.n, m.id, a.object, a.state, a.made_by = 'apply', to_char(a.made_at AT TIME "
          "ZONE 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"'), a.form, a.old FROM (SELECT *, "
          "coalesce(made_at <= clock_timestamp() - make_interval(secs => {}), false) AS old FROM "
          "schemasync.archive) AS a JOIN schemasync.migration AS m ON m.number = a.migration WHERE "
          "a.state IN ('restored', 'discarded') OR (a.state = 'kept' AND a.old) ORDER BY a.n",
          older_than ? Sql(*older_than) : sql("NULL")));
  std::vector<Purgeable> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Purgeable one;
    one.number = rows.number(i, 0);
    one.migration = rows.text(i, 1);
    one.object = ObjectId::from_text(rows.text(i, 2));
    one.state = rows.text(i, 3);
    one.made_at = rows.text(i, 5);
    one.loses_way_back = one.state == "kept" && rows.truth(i, 4);
    one.holds_rest =
        one.state == "restored" &&
        holds_what_is_nowhere_else(
            db, kept("a" + std::to_string(one.number)),
            parse_archive_form(rows.text(i, 6)).value_or(Archive::Form::values), rows.truth(i, 4));
    if (one.holds_rest && !rows.truth(i, 7)) continue;
    const auto [begin, end] = tables.equal_range(one.number);
    for (auto relation = begin; relation != end; ++relation) {
      // The way back needs a sequence and an identity's counter; they take no room.
      const bool main = relation->second.name == "a" + std::to_string(one.number);
      if (one.loses_way_back && (relation->second.is_sequence || !main)) continue;
      one.bytes += relation->second.bytes;
      (relation->second.is_sequence ? one.sequences : one.tables).push_back(relation->second.name);
    }
    take_columns(one, hidden);
    if (!one.tables.empty() || !one.sequences.empty() || !one.columns.empty())
      found.push_back(std::move(one));
  }
  return found;
}

std::int64_t parse_age(const std::string& text) {
  std::int64_t number = -1;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  static const std::map<std::string, std::int64_t> units = {
      {"h", 3600}, {"d", 86'400}, {"w", 604'800}};
  const auto unit = units.find(std::string(end, text.data() + text.size()));
  if (failure != std::errc{} || number < 0 || number > 100'000 || unit == units.end())
    throw Error("--older-than " + text + ": not an age", "30d, 12h or 8w, say");
  return number * unit->second;
}

bool purge(Connection& db, const Purgeable& one, const Timeouts& timeouts) {
  Transaction transaction(db);
  db.execute(set_local_timeouts({timeouts.lock_ms, timeouts.statement_ms}));
  const Rows state = db.query(
      sql("SELECT state FROM schemasync.archive WHERE n = {} FOR UPDATE", Sql(one.number)));
  if (state.size() == 0 || state.text(0, 0) != one.state) return false;
  for (const std::string& table : one.tables)
    db.execute(one.loses_way_back ? sql("TRUNCATE TABLE {}", kept(table))
                                  : sql("DROP TABLE {}", kept(table)));
  for (const std::string& sequence : one.sequences)
    db.execute(sql("DROP SEQUENCE {}", kept(sequence)));
  for (const HiddenColumn& column : one.columns)
    db.execute(sql("ALTER TABLE {} DROP COLUMN {}", column.table, Identifier{column.name}));
  db.execute(mark_archive_purged(Sql(one.number)));
  transaction.commit();
  return true;
}

}  // namespace schemasync
