// Duplicates: merged, with what points at them, or made distinct.
#include <algorithm>
#include <charconv>

#include "kinds/key.hpp"
#include "kinds/repairs.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

std::vector<std::string> prefixed(const char* prefix, const std::vector<std::string>& columns) {
  std::vector<std::string> out;
  for (const std::string& column : columns) out.push_back(prefix + column);
  return out;
}

struct Unique {
  std::vector<std::string> columns;
  bool nulls_distinct = true;
};

// The whole of what keeps two rows of a table from being alike.
std::vector<Unique> uniques_of(const ObjectId& table, const Schema& schema) {
  std::vector<Unique> found;
  for (const Key* key : schema.parts<Key>(table))
    found.push_back({key->columns, key->nulls_distinct});
  for (const Index* index : schema.parts<Index>(table)) {
    if (!index->unique || index->where_clause) continue;
    Unique unique;
    for (const IndexElement& element : index->elements) unique.columns.push_back(element.column);
    if (std::find(unique.columns.begin(), unique.columns.end(), "") == unique.columns.end())
      found.push_back(std::move(unique));
  }
  return found;
}

// Points at the rows that stay what points at the others. Rows that become alike by that under a
// unique key of their own are merged first, and so on down; then the others can go.
class Merge {
 public:
  explicit Merge(const Context& context) : context_(context) {}

  // `surplus`: a temporary table of (key, keep_key) of `table`.
  Sql children_of(const ObjectId& table, const std::vector<std::string>& by,
                  const Identifier& surplus) {
    Sql out;
    within_.insert(table);
    for (const auto& [id, child] : context_.from.all<ForeignKey>()) {
      if (child.target != table) continue;
      const ObjectId home = id.owner();
      const std::vector<std::string> columns = columns_on_server(home, child.columns, context_);
      const Sql moved = moves(table, by, surplus,
                              columns_on_server(table, child.target_columns, context_), columns);
      if (within_.count(home) == 0) out += merge_alike(home, columns, moved);
      std::vector<Sql> sets;
      for (const std::string& column : columns)
        sets.push_back(sql("{} = moved.{}", Identifier{column}, Identifier{"new_" + column}));
      out += sql("UPDATE {} AS child SET {} FROM {} AS moved WHERE {};\n",
                 table_on_server(home, context_), join(sets, ", "), moved,
                 pairwise(sql("child"), columns, sql("moved"), prefixed("old_", columns)));
    }
    within_.erase(table);
    return out;
  }

  bool went_deeper() const { return made_ > 1; }

  static Sql deleted(const QualifiedName& table, const std::vector<std::string>& by,
                     const Identifier& surplus) {
    return sql("DELETE FROM {} AS gone USING {} WHERE {};\n", table, surplus,
               pairwise(sql("gone"), by, Sql(surplus), by));
  }

 private:
  // (SELECT old_…, new_… of the foreign key's columns): where it points now, and where it shall.
  Sql moves(const ObjectId& table, const std::vector<std::string>& by, const Identifier& surplus,
            const std::vector<std::string>& targets, const std::vector<std::string>& columns) {
    std::vector<Sql> shown;
    std::vector<Sql> by_key;  // where the foreign key points at the very columns of the key
    for (std::size_t i = 0; i < columns.size() && i < targets.size(); ++i) {
      const Identifier was{"old_" + columns[i]};
      const Identifier will_be{"new_" + columns[i]};
      shown.push_back(sql("gone.{} AS {}", Identifier{targets[i]}, was));
      shown.push_back(sql("kept.{} AS {}", Identifier{targets[i]}, will_be));
      if (std::find(by.begin(), by.end(), targets[i]) == by.end()) continue;
      by_key.push_back(sql("{} AS {}", Identifier{targets[i]}, was));
      by_key.push_back(sql("{} AS {}", Identifier{"keep_" + targets[i]}, will_be));
    }
    if (by_key.size() == shown.size())
      return sql("(SELECT {} FROM {})", join(by_key, ", "), surplus);
    const QualifiedName name = table_on_server(table, context_);
    return sql("(SELECT {} FROM {} AS s JOIN {} AS gone ON {} JOIN {} AS kept ON {})",
               join(shown, ", "), surplus, name, pairwise(sql("gone"), by, sql("s"), by), name,
               pairwise(sql("kept"), by, sql("s"), prefixed("keep_", by)));
  }

  Sql merge_alike(const ObjectId& home, const std::vector<std::string>& columns, const Sql& moved) {
    const std::vector<std::string> by =
        columns_on_server(home, usable_key(home, context_), context_);
    Sql out;
    if (by.empty()) return out;
    for (const Unique& unique : uniques_of(home, context_.from)) {
      const std::vector<std::string> parts = columns_on_server(home, unique.columns, context_);
      if (std::none_of(parts.begin(), parts.end(), [&](const std::string& part) {
            return std::find(columns.begin(), columns.end(), part) != columns.end();
          }))
        continue;
      std::vector<Sql> shown;
      std::vector<std::string> listed = by;
      for (const std::string& part : parts)
        if (std::find(by.begin(), by.end(), part) == by.end()) listed.push_back(part);
      // A key that is to be changed itself keeps its old value as what rows are known by.
      if (std::any_of(by.begin(), by.end(), [&](const std::string& part) {
            return std::find(columns.begin(), columns.end(), part) != columns.end();
          })) {
        out += merge_by_moved_key(home, by, parts, columns, moved);
        continue;
      }
      for (const std::string& column : listed) shown.push_back(then(column, columns));
      const Sql rows =
          sql("(SELECT {} FROM {} AS child LEFT JOIN {} AS moved ON {}) AS mapped",
              join(shown, ", "), table_on_server(home, context_), moved,
              pairwise(sql("child"), columns, sql("moved"), prefixed("old_", columns)));
      const Identifier surplus{"surplus_" + std::to_string(++made_)};
      out += sql("CREATE TEMP TABLE {} ON COMMIT DROP AS\n  {};\n", surplus,
                 surplus_rows(parts, unique.nulls_distinct, by, rows));
      out += children_of(home, by, surplus);
      out += deleted(table_on_server(home, context_), by, surplus);
    }
    return out;
  }

  // The column as it will be.
  static Sql then(const std::string& column, const std::vector<std::string>& columns) {
    if (std::find(columns.begin(), columns.end(), column) == columns.end())
      return sql("child.{}", Identifier{column});
    return sql("coalesce(moved.{}, child.{}) AS {}", Identifier{"new_" + column},
               Identifier{column}, Identifier{column});
  }

  // The unique key holds the foreign key's columns and is what rows are known by: of the rows that
  // become alike the one that need not move stays, else the first.
  Sql merge_by_moved_key(const ObjectId& home, const std::vector<std::string>& by,
                         const std::vector<std::string>& parts,
                         const std::vector<std::string>& columns, const Sql& moved) {
    std::vector<Sql> was;
    std::vector<Sql> will;
    std::vector<Sql> keeps;
    for (const std::string& column : by) {
      was.push_back(sql("child.{}", Identifier{column}));
      keeps.push_back(
          sql("first_value({}) OVER same AS {}", Identifier{column}, Identifier{"keep_" + column}));
    }
    std::vector<Sql> then_names;
    for (const std::string& part : parts) {
      const bool moves = std::find(columns.begin(), columns.end(), part) != columns.end();
      const Identifier name{"then_" + part};
      then_names.emplace_back(name);
      will.push_back(moves ? sql("coalesce(moved.{}, child.{}) AS {}", Identifier{"new_" + part},
                                 Identifier{part}, name)
                           : sql("child.{} AS {}", Identifier{part}, name));
    }
    const Sql rows =
        sql("SELECT {}, {}, moved.{} IS NOT NULL AS moves FROM {} AS child LEFT JOIN {} AS moved "
            "ON {}",
            join(was, ", "), join(will, ", "), Identifier{"new_" + columns.front()},
            table_on_server(home, context_), moved,
            pairwise(sql("child"), columns, sql("moved"), prefixed("old_", columns)));
    const Identifier surplus{"surplus_" + std::to_string(++made_)};
    std::vector<Sql> keep_names;
    for (const std::string& column : by) keep_names.emplace_back(Identifier{"keep_" + column});
    Sql out =
        sql("CREATE TEMP TABLE {} ON COMMIT DROP AS\n  SELECT {}, {} FROM (\n    SELECT {}, {}, "
            "row_number() OVER same AS nth FROM ({}) AS mapped WINDOW same AS (PARTITION BY {} "
            "ORDER BY "
            "moves, {})\n  ) numbered WHERE nth > 1;\n",
            surplus, identifiers(by), join(keep_names, ", "), identifiers(by), join(keeps, ", "),
            rows, join(then_names, ", "), identifiers(by));
    out += children_of(home, by, surplus);
    return out + deleted(table_on_server(home, context_), by, surplus);
  }

  const Context& context_;
  std::set<ObjectId> within_;  // a cycle is not followed
  int made_ = 1;
};

// Does a foreign key of the table to itself hold a column of the new key? Merging parents may make
// their children alike.
bool may_make_more(const Key& made, const Context& context) {
  const ObjectId table = made.id.owner();
  for (const ForeignKey* own : context.from.parts<ForeignKey>(table))
    if (own->target == table &&
        std::any_of(own->columns.begin(), own->columns.end(), [&](const std::string& column) {
          return std::find(made.columns.begin(), made.columns.end(), column) != made.columns.end();
        }))
      return true;
  return false;
}

Repair keep_first(const Key& made, const std::vector<std::string>& by, const Context& context) {
  const ObjectId table = made.id.owner();
  const QualifiedName name = table_on_server(table, context);
  const std::vector<std::string> key = columns_on_server(table, by, context);
  const Identifier surplus{"surplus_1"};
  Sql repair = sql("BEGIN;\nCREATE TEMP TABLE {} ON COMMIT DROP AS\n  {};\n", surplus,
                   surplus_rows(columns_on_server(table, made.columns, context),
                                made.nulls_distinct, key, sql("{} AS t", name)));
  Merge merge(context);
  repair += merge.children_of(table, key, surplus);
  repair += Merge::deleted(name, key, surplus) + sql("COMMIT;");
  return {
      "keep the first row of each group by " + columns_shown(key) +
          ", point the rows that refer to the others at it" +
          (merge.went_deeper() ? " (of those that become alike by that one stays, too)" : "") +
          ", delete the others (what it deletes is not kept)" +
          (may_make_more(made, context) ? "; run it again while the plan still finds some" : ""),
      repair};
}

// Without a key nothing can point at the rows.
std::optional<Repair> keep_one(const Key& made, const Context& context) {
  const ObjectId table = made.id.owner();
  if (strangers_point_at(table, context)) return std::nullopt;
  for (const auto& [id, child] : context.from.all<ForeignKey>())
    if (child.target == table) return std::nullopt;
  const std::vector<std::string> columns = columns_on_server(table, made.columns, context);
  const QualifiedName name = table_on_server(table, context);
  return Repair{
      "keep one row of each group, delete the others (they are not kept)",
      sql("DELETE FROM {} WHERE ctid IN (SELECT id FROM (\n  SELECT ctid AS id, row_number() OVER "
          "(PARTITION BY {} ORDER BY ctid) AS nth FROM {}{}\n) AS numbered WHERE nth > 1);",
          name, identifiers(columns), name,
          made.nulls_distinct ? sql(" WHERE {}", all_not_null(columns)) : Sql())};
}

bool is_in_foreign_key(const ObjectId& column, const Schema& schema) {
  return std::any_of(
      schema.all<ForeignKey>().begin(), schema.all<ForeignKey>().end(), [&](const auto& entry) {
        const auto has = [&](const std::vector<std::string>& columns) {
          return std::find(columns.begin(), columns.end(), column.name) != columns.end();
        };
        return (entry.first.owner() == column.owner() && has(entry.second.columns)) ||
               (entry.second.target == column.owner() && has(entry.second.target_columns));
      });
}

// How many characters the text of a value takes at most; 0 = no limit is known.
std::int64_t longest_text(const ObjectId& column, const Context& context) {
  static const std::map<std::string_view, std::int64_t> longest = {
      {"smallint", 6}, {"integer", 11}, {"bigint", 20}, {"uuid", 36}};
  const Column* found = context.from.find<Column>(column);
  const auto known = found == nullptr ? longest.end() : longest.find(found->type.str());
  return known == longest.end() ? 0 : known->second;
}

// Of "character varying(20)"; nullopt for a type without a limit.
std::optional<std::int64_t> length_limit(std::string_view type) {
  const std::size_t open = type.find('(');
  if (open == std::string_view::npos) return std::nullopt;
  std::int64_t length = 0;
  std::from_chars(type.data() + open + 1, type.data() + type.size(), length);
  return length;
}

// " (5-7, 9)" fits behind any text that is cut for it.
bool has_room_for(const ObjectId& table, const std::vector<std::string>& by, std::int64_t length,
                  const Context& context) {
  std::int64_t needed = 5 + static_cast<std::int64_t>(by.size());
  for (const std::string& part : by) {
    const std::int64_t most = longest_text(column_id(table, part), context);
    if (most == 0) return false;
    needed += most;
  }
  return needed <= length;
}

// " (5)", or " (5, 2)" and so on where that text is taken already: of nth.n, for the rows t.
Sql distinct_ending(const std::vector<std::string>& key) {
  std::vector<Sql> parts;
  for (const std::string& part : key) parts.push_back(sql("t.{}::text", Identifier{part}));
  return sql("' (' || {} || CASE WHEN nth.n > 1 THEN ', ' || nth.n ELSE '' END || ')'",
             join(parts, " || '-' || "));
}

// The first of nine texts that no row has, for each row that is too many.
Repair with_endings(const Key& made, const std::vector<std::string>& by, const Column& column,
                    std::optional<std::int64_t> length, const Context& context) {
  const ObjectId table = made.id.owner();
  const QualifiedName home = table_on_server(table, context);
  const std::vector<std::string> key = columns_on_server(table, by, context);
  const Identifier name{on_server(column.id, context).name};
  const Identifier text{"new_" + name.name};
  const Sql ending = distinct_ending(key);
  // What would not fit is cut before the addition.
  const Sql start =
      length ? sql("left(t.{}, {} - length({}))", name, Sql(*length), ending) : sql("t.{}", name);
  std::vector<Sql> own;
  for (const std::string& part : key) own.push_back(sql("t.{}", Identifier{part}));
  const Sql free =
      sql("SELECT DISTINCT ON ({}) {}, made.text AS {} FROM {} AS t JOIN (\n  {}\n) AS surplus ON "
          "{}\n  CROSS JOIN generate_series(1, 9) AS nth(n) CROSS JOIN LATERAL (SELECT {} || {} AS "
          "text) AS made\n  WHERE NOT EXISTS (SELECT FROM {} AS taken WHERE taken.{} = made.text)"
          "\n  ORDER BY {}, nth.n",
          join(own, ", "), join(own, ", "), text, home,
          surplus_rows(columns_on_server(table, made.columns, context), made.nulls_distinct, key,
                       sql("{} AS t", home)),
          pairwise(sql("t"), key, sql("surplus"), key), start, ending, home, name, join(own, ", "));
  return {"keep all rows, add " + columns_shown(key) + " to " + display_name(name.name) +
              " of the others",
          sql("UPDATE {} AS same SET {} = free.{} FROM (\n  {}\n) AS free WHERE {};", home, name,
              text, free, pairwise(sql("same"), key, sql("free"), key))};
}

std::optional<Repair> make_distinct(const Key& made, const std::vector<std::string>& by,
                                    const Context& context) {
  const ObjectId table = made.id.owner();
  for (auto column = made.columns.rbegin(); column != made.columns.rend(); ++column) {
    const ObjectId id = column_id(table, *column);
    const Column* found = context.from.find<Column>(id);
    if (found == nullptr || found->generated || is_in_foreign_key(id, context.from) ||
        may_be_refused(id, context) ||
        !(found->type == "text" || found->type.starts_with("character varying")))
      continue;
    const std::optional<std::int64_t> length = length_limit(found->type.str());
    if (!length || has_room_for(table, by, *length, context))
      return with_endings(made, by, *found, length, context);
  }
  return std::nullopt;
}

// Who points at the rows that are too many, and what a plain DELETE of them would do: one more
// figure each.
void count_children(Check& check, const Key& made, const std::vector<std::string>& by,
                    const Context& context) {
  std::size_t figure = 3;
  const ObjectId table = made.id.owner();
  const Sql rows = rows_of(table, context);
  const Sql surplus = surplus_rows(made.columns, made.nulls_distinct, by, sql("{} AS t", rows));
  for (const auto& [id, child] : context.from.all<ForeignKey>()) {
    if (child.target != table || !are_there(id.owner(), child.columns, context) ||
        !are_there(table, child.target_columns, context))
      continue;
    std::vector<Sql> columns;
    for (const std::string& column : child.columns)
      columns.push_back(sql("child.{}", Identifier{column}));
    // What it points at is known by the key itself, or has to be looked up by it.
    Sql gone = sql("SELECT {} FROM ({}) AS surplus", identifiers(child.target_columns), surplus);
    if (child.target_columns != by) {
      std::vector<Sql> targets;
      for (const std::string& column : child.target_columns)
        targets.push_back(sql("gone.{}", Identifier{column}));
      gone = sql("SELECT {} FROM ({}) AS surplus JOIN {} AS gone ON {}", join(targets, ", "),
                 surplus, rows, pairwise(sql("gone"), by, sql("surplus"), by));
    }
    check.count += sql(", (SELECT count(*) FROM {} AS child WHERE ({}) IN ({}))",
                       rows_of(id.owner(), context), join(columns, ", "), gone);
    const std::string meaning = child.on_delete == "cascade" ? "delete them too"
                                : child.on_delete == "set null" || child.on_delete == "set default"
                                    ? "make them point elsewhere"
                                    : "fail";
    const std::string n = std::to_string(figure++);
    check.failed += "; {" + n + "|row|rows} of " + id.owner().shown() + " {" + n +
                    ":points|point} at these (a plain DELETE would " + meaning + ")";
  }
}

}  // namespace

Sql surplus_rows(const std::vector<std::string>& unique, bool nulls_distinct,
                 const std::vector<std::string>& by, const Sql& from) {
  std::vector<Sql> kept;
  std::vector<Sql> names;
  for (const std::string& column : by) {
    names.emplace_back(Identifier{"keep_" + column});
    kept.push_back(
        sql("first_value({}) OVER same AS {}", Identifier{column}, Identifier{"keep_" + column}));
  }
  return sql(
      "SELECT {}, {} FROM (\n    SELECT {}, {}, row_number() OVER same AS nth FROM {} {}WINDOW "
      "same AS (PARTITION BY {} ORDER BY {})\n  ) numbered WHERE nth > 1",
      identifiers(by), join(names, ", "), identifiers(by), join(kept, ", "), from,
      nulls_distinct ? sql("WHERE {} ", all_not_null(unique)) : Sql(), identifiers(unique),
      identifiers(by));
}

void add_duplicate_repairs(Check& check, const Key& made, const std::vector<std::string>& by,
                           const Context& context) {
  if (by.empty()) {
    if (std::optional<Repair> repair = keep_one(made, context)) check.repairs.push_back(*repair);
    return;
  }
  count_children(check, made, by, context);
  if (!strangers_point_at(made.id.owner(), context))
    check.repairs.push_back(keep_first(made, by, context));
  if (std::optional<Repair> repair = make_distinct(made, by, context))
    check.repairs.push_back(*repair);
}

}  // namespace schemasync
