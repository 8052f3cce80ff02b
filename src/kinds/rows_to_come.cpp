#include "kinds/rows_to_come.hpp"

#include <algorithm>

#include "kinds/column_parts.hpp"
#include "kinds/repairs.hpp"

namespace schemasync {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

// As a whole word: too often is better than not.
bool mentions(const std::string& text, const std::string& name) {
  for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; ++at) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end])))
      return true;
  }
  return false;
}

std::optional<Sql> constant_default(const Column& column) {
  if (!column.default_value || !is_constant(*column.default_value)) return std::nullopt;
  return sql("({})::{}", Expression{column.default_value->text}, Expression{column.type});
}

class Builder {
 public:
  Builder(const ObjectId& table, const Context& context) : table_(table), context_(context) {}

  bool add(const std::string& name) {
    const ObjectId id = column_id(table_, name);
    if (context_.from.has(id) ||
        std::find(made_.columns.begin(), made_.columns.end(), id) != made_.columns.end())
      return true;
    const Column* column = context_.to.find<Column>(id);
    if (column == nullptr || column->identity || labels_to_come(*column, context_) != nullptr)
      return false;
    made_.columns.push_back(id);
    if (const std::optional<KeptValues> kept = kept_values(*column, context_)) {
      add_kept(*column, *kept);
      return context_.undoing() || !column->backfill;  // of rows that came since
    }
    const std::optional<Sql> value = computed(*column);
    if (value) values_.push_back(sql("{} AS {}", *value, Identifier{name}));
    return value.has_value();
  }

  RowsToCome take() {
    Sql rows = rows_of(table_, context_, out_of_sight_);
    // One around the other: a later one may read what an earlier one gives.
    for (const Sql& value : values_) rows = sql("(SELECT t.*, {} FROM {} AS t)", value, rows);
    if (!kept_.empty())
      rows = sql("(SELECT t.*, {} FROM {} AS t{})", join(kept_, ", "), rows, joins_);
    made_.rows = std::move(rows);
    return std::move(made_);
  }

 private:
  void add_kept(const Column& column, const KeptValues& kept) {
    const Identifier name{column.id.name};
    const Expression type{column.type};
    const std::optional<Sql> otherwise = constant_default(column);
    if (kept.in_place) {
      const Identifier hidden = hidden_column(kept.archive);
      out_of_sight_.push_back(hidden);
      kept_.push_back(column.nullable || !otherwise
                          ? sql("t.{}::{} AS {}", hidden, type, name)
                          : sql("coalesce(t.{}::{}, {}) AS {}", hidden, type, *otherwise, name));
      return;
    }
    const std::vector<std::string> key = archive_key(table_, context_);
    const Identifier alias{"kept" + std::to_string(kept_.size())};
    joins_ += sql(" LEFT JOIN {} AS {} ON {}", kept.archive, alias,
                  pairwise(sql("t"), key, Sql(alias), key));
    const Sql own = sql("{}.{}::{}", alias, name, type);
    kept_.push_back(otherwise ? sql("CASE WHEN {}.{} IS NULL THEN {} ELSE {} END AS {}", alias,
                                    Identifier{key.front()}, *otherwise, own, name)
                              : sql("{} AS {}", own, name));
  }

  std::optional<Sql> computed(const Column& column) {
    const Expression type{column.type};
    if (column.generated) {
      const bool known = std::all_of(column.uses.begin(), column.uses.end(),
                                     [&](const ObjectId& used) { return context_.from.has(used); });
      if (!known) return std::nullopt;
      made_.search_path = column.generated->path.str();
      return sql("({})::{}", Expression{column.generated->text}, type);
    }
    if (column.backfill && !context_.undoing()) {
      for (const Column* other : context_.to.parts<Column>(table_))
        if (other->id != column.id && mentions(column.backfill->text, other->id.name) &&
            (kept_values(*other, context_) || !add(other->id.name)))
          return std::nullopt;
      made_.search_path = column.backfill->path.str();
      return sql("({})::{}", Expression{column.backfill->text}, type);
    }
    if (column.default_value) return constant_default(column);
    made_.without_value = true;
    return sql("NULL::{}", type);
  }

  const ObjectId& table_;
  const Context& context_;
  RowsToCome made_;
  std::vector<Identifier> out_of_sight_;
  std::vector<Sql> values_, kept_;
  Sql joins_;
};

}  // namespace

std::string RowsToCome::once_there(const Context& context) const {
  if (are_there()) return {};
  for (const ObjectId& id : columns)
    if (kept_values(*context.to.find<Column>(id), context))
      return ", once what was kept of " + id.shown() + " is back";
  return ", by the " +
         std::string(context.to.find<Column>(columns.front())->backfill && !context.undoing()
                         ? "backfill"
                         : "default") +
         " of " + columns.front().shown();
}

std::optional<RowsToCome> rows_to_come(const ObjectId& table,
                                       const std::vector<std::string>& columns,
                                       const Context& context) {
  if (!context.from.has(table)) return std::nullopt;
  Builder builder(table, context);
  for (const std::string& column : columns)
    if (!builder.add(column)) return std::nullopt;
  return builder.take();
}

std::optional<KeptValues> kept_values(const Column& column, const Context& context) {
  if (context.from.has(column.id)) return std::nullopt;
  if (context.undoing()) {
    const Keep keep = keep_of(column, context);
    if (keep == Keep::nothing) return std::nullopt;
    return KeptValues{archive_of(column.id), keep == Keep::in_place};
  }
  const auto kept = context.facts.kept.find(column.id);
  if (kept == context.facts.kept.end() || !context.may_have_rows(column.id.owner()) ||
      kept->second.form == Archive::Form::filled)
    return std::nullopt;
  return KeptValues{{"schemasync", kept->second.relation},
                    kept->second.form == Archive::Form::in_place};
}

void read_before_they_go(Change& change, const SqlText& value, const ObjectId& table,
                         const Context& context) {
  if (context.undoing()) return;
  for (const Column* column : context.from.parts<Column>(table))
    if (!context.to.has(column->id) && mentions(value.text, column->id.name))
      change.releases.push_back(column->id);
  for (const Column* column : context.to.parts<Column>(table))
    if (!context.from.has(column->id) && column->id != change.object &&
        mentions(value.text, column->id.name))
      change.needs.push_back(column->id);
  for (const auto& [id, gone] : context.from.all<Table>())
    if (!context.to.has(id) && mentions(value.text, id.name)) change.releases.push_back(id);
  for (const auto& [id, made] : context.to.all<Table>())
    if (!context.from.has(id) && mentions(value.text, id.name)) change.needs.push_back(id);
}

std::optional<Check> backfill_gives_values(const Column& column, const Context& context) {
  const ObjectId table = column.id.owner();
  const bool is_new = !context.from.has(column.id);
  std::optional<RowsToCome> filled;
  if (is_new) {
    filled = rows_to_come(table, {column.id.name}, context);
  } else {
    filled.emplace();
    filled->rows = rows_of(table, context);
    filled->search_path = column.backfill->path.str();
  }
  if (!filled) return std::nullopt;
  Check check;
  check.name = "backfill";
  check.search_path = filled->search_path;
  const Sql value =
      is_new ? Sql(Identifier{column.id.name}) : sql("({})", Expression{column.backfill->text});
  if (column.nullable) {
    check.passed = "the backfill of " + column.id.shown() + " can be computed";
    check.failed = check.passed;
    check.count = sql("SELECT 0::bigint FROM (SELECT {} FROM {} AS t LIMIT 0) AS filled", value,
                      filled->rows);
    return check;
  }
  check.passed = "the backfill gives every row a value for " + column.id.shown();
  check.failed = "{0|row gets|rows get} no value for " + column.id.shown() + " from its backfill";
  const Sql without =
      sql("FROM {} AS t WHERE {}{} IS NULL", filled->rows,
          is_new ? Sql() : sql("t.{} IS NULL AND ", Identifier{column.id.name}), value);
  check.count = sql("SELECT count(*) {}", without);
  if (const std::vector<std::string> key = usable_key(table, context); !key.empty())
    check.sample =
        sql("SELECT {} {} ORDER BY {} LIMIT 10", identifiers(key), without, identifiers(key));
  return check;
}

}  // namespace schemasync
