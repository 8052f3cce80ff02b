#include "kinds/repairs.hpp"

#include <algorithm>

#include "kinds/key.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

// Lets go of, or deletes, what points at the rows in temporary table `gone`; then goes on with
// what points at these.
class Deletion {
 public:
  explicit Deletion(const Context& context) : context_(context) {}

  bool points_at(const ObjectId& table) const {
    const auto& keys = context_.from.all<ForeignKey>();
    return std::any_of(keys.begin(), keys.end(),
                       [&](const auto& entry) { return entry.second.target == table; });
  }

  Sql before_deleting(const ObjectId& table, const Identifier& gone) {
    Sql out;
    within_.insert(table);
    for (const auto& [id, child] : context_.from.all<ForeignKey>()) {
      if (child.target != table) continue;
      const ObjectId home = id.owner();
      const QualifiedName name = table_on_server(home, context_);
      const std::vector<std::string> columns = columns_on_server(home, child.columns, context_);
      const std::vector<std::string> targets =
          columns_on_server(table, child.target_columns, context_);
      std::vector<Sql> own;
      for (const std::string& column : columns) own.push_back(sql("child.{}", Identifier{column}));
      const Sql pointing =
          sql("({}) IN (SELECT {} FROM {})", join(own, ", "), identifiers(targets), gone);
      if (std::all_of(child.columns.begin(), child.columns.end(), [&](const std::string& column) {
            const Column* found = context_.from.find<Column>(column_id(home, column));
            return found != nullptr && found->nullable;
          })) {
        std::vector<Sql> nulls;
        for (const std::string& column : columns)
          nulls.push_back(sql("{} = NULL", Identifier{column}));
        out += sql("UPDATE {} AS child SET {} WHERE {};\n", name, join(nulls, ", "), pointing);
      } else if (within_.count(home) == 0) {
        const Identifier more{"gone_" + std::to_string(++made_)};
        out += sql("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT * FROM {} AS child WHERE {};\n",
                   more, name, pointing);
        out += before_deleting(home, more);
        out += sql("DELETE FROM {} AS child WHERE {};\n", name, pointing);
      }
    }
    within_.erase(table);
    return out;
  }

 private:
  const Context& context_;
  std::set<ObjectId> within_;  // a cycle is not followed
  int made_ = 1;
};

}  // namespace

std::string columns_shown(const std::vector<std::string>& columns) {
  std::vector<std::string> shown;
  for (const std::string& column : columns) shown.push_back(display_name(column));
  return joined(shown, ", ");
}

Sql all_not_null(const std::vector<std::string>& columns) {
  std::vector<Sql> tests;
  for (const std::string& column : columns)
    tests.push_back(sql("{} IS NOT NULL", Identifier{column}));
  return join(tests, " AND ");
}

QualifiedName table_on_server(const ObjectId& table, const Context& context) {
  return name_of(on_server(table, context));
}

std::vector<std::string> columns_on_server(const ObjectId& table,
                                           const std::vector<std::string>& columns,
                                           const Context& context) {
  std::vector<std::string> now;
  for (const std::string& column : columns)
    now.push_back(on_server(column_id(table, column), context).name);
  return now;
}

Sql pairwise(const Sql& left, const std::vector<std::string>& left_columns, const Sql& right,
             const std::vector<std::string>& right_columns) {
  std::vector<Sql> tests;
  for (std::size_t i = 0; i < left_columns.size() && i < right_columns.size(); ++i)
    tests.push_back(sql("{}.{} = {}.{}", left, Identifier{left_columns[i]}, right,
                        Identifier{right_columns[i]}));
  return join(tests, " AND ");
}

bool strangers_point_at(const ObjectId& table, const Context& context) {
  const auto found = context.facts.obstacles.find(table);
  return found != context.facts.obstacles.end() &&
         std::any_of(found->second.begin(), found->second.end(), [](const std::string& obstacle) {
           return obstacle.starts_with("foreign key ");
         });
}

std::optional<Repair> delete_rows(const ObjectId& table, const Identifier& alias,
                                  const Sql& condition, const Context& context) {
  if (strangers_point_at(table, context)) return std::nullopt;
  const QualifiedName name = table_on_server(table, context);
  Deletion deletion(context);
  if (!deletion.points_at(table))
    return Repair{"delete them (they are not kept)",
                  sql("DELETE FROM {} AS {} WHERE {};", name, alias, condition)};
  const std::vector<std::string> key =
      columns_on_server(table, usable_key(table, context), context);
  const Identifier gone{"gone_1"};
  Sql repair =
      sql("BEGIN;\nCREATE TEMP TABLE {} ON COMMIT DROP AS SELECT * FROM {} AS {} WHERE "
          "{};\n",
          gone, name, alias, condition);
  repair += deletion.before_deleting(table, gone);
  repair += key.empty() ? sql("DELETE FROM {} AS {} WHERE {};\nCOMMIT;", name, alias, condition)
                        : sql("DELETE FROM {} AS t USING {} WHERE {};\nCOMMIT;", name, gone,
                              pairwise(sql("t"), key, Sql(gone), key));
  return Repair{
      "delete them; rows that point at them come first: these point at nothing from then on "
      "where they may, else they are deleted too (nothing of it is kept)",
      repair};
}

}  // namespace schemasync
