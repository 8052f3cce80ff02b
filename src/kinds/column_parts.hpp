// What the three files of the column kind share: column.cpp (reading, adding, defaults),
// column_keep.cpp (dropping with the values kept, and their return) and column_type.cpp
// (conversion).
#pragma once

#include <optional>

#include "kinds/column.hpp"
#include "kinds/column_rules.hpp"
#include "kinds/context.hpp"

namespace schemasync {

// How a column's values survive its drop. Chosen at plan time, the same for both ways.
enum class Keep {
  nothing,  // the table is empty, or the values are computed: a plain drop
  copy,     // by a usable key into an archive, in the dropping transaction
  lost,     // no usable key, or more than archive_limit
};
Keep keep_of(const Column& column, const Context& context);

// The key by which an archive of the table's rows is joined, as its columns and as a join condition
// `t.k = a.k`.
std::vector<std::string> archive_key(const ObjectId& table, const Context& context);
Sql key_join(const std::vector<std::string>& key);

// ADD COLUMN with the values that the drop kept, for the way back.
void add_with_values(Change& add, const Column& made, const Context& context,
                     const QualifiedName& archive);
// Archive and drop.
std::vector<Change> drop_column(const Column& dropped, const Context& context);
// The conversion, as a change of part "type".
Change convert_column(const Column& from, const Column& to, const Context& context);

Sql alter_column(const Column& column, const Sql& what);  // ALTER TABLE … ALTER COLUMN … what
Sql set_values(const Column& column, const Sql& value, const Sql& from_and_where);
// A check that no row of the table has NULL in the column.
Check no_nulls(const Column& column, const Context& context);

// The enum that is the column's type, or its array's: gone only after the column lets go of it.
std::optional<ObjectId> enum_of(const Column& column, const Schema& schema);

// Is nothing lost and no row rewritten when a value goes from one type to the other?
bool is_widening(const std::string& from, const std::string& to);

}  // namespace schemasync
