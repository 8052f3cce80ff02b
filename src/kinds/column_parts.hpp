// What the files of the column kind share: column.cpp (reading, adding), column_alter.cpp (default,
// NULL, identity), column_keep.cpp
// (dropping with the values kept, and their return), column_type.cpp (conversion) and
// column_fill.cpp (values that the conversion back refuses).
#pragma once

#include <optional>

#include "kinds/column.hpp"
#include "kinds/column_rules.hpp"
#include "kinds/context.hpp"

namespace schemasync {

// How a column's values survive its drop. Chosen at plan time, the same for both ways.
enum class Keep {
  nothing,   // the table is empty, or the values are computed: a plain drop
  copy,      // by a usable key into an archive, in the dropping transaction
  in_place,  // under a reserved name in the same table: no usable key, more than archive_limit, or
             // the models say so
};
Keep keep_of(const Column& column, const Context& context);

// The key by which an archive of the table's rows is joined, as its columns and as a join condition
// `t.k = a.k`.
std::vector<std::string> archive_key(const ObjectId& table, const Context& context);
Sql key_join(const std::vector<std::string>& key);

// ADD COLUMN with the values that the drop kept, for the way back.
void add_with_values(Change& add, const Column& made, const Context& context,
                     const QualifiedName& archive);
// RENAME of a column that was kept in place to its own name, with all that it had.
void bring_back(Change& add, const Column& made, const Context& context,
                const QualifiedName& archive);
// Out of sight, in its own table: the steps of a drop that keeps the values in place.
void put_out_of_sight(Change& gone, const Column& dropped, const QualifiedName& archive);

// How a conversion's old values are kept in the table itself.
struct InPlace {
  const Column& before;  // as it was before the way up
  const Column& after;
  bool by_author;  // `using` converts: what came of it is kept too, a plain cast is made again
  Sql between;     // as in Conversion
};
void keep_old_in_place(Change& made, const InPlace& kept);        // before the conversion
void keep_converted_in_place(Change& made, const InPlace& kept);  // behind it
// Rows whose value the application changed since, into the archive, for the report.
void list_changed_in_place(Change& made, const InPlace& kept);
// The old value where the converted one still stands, else `converted_back`.
Sql old_value_in_place(const InPlace& kept, const Sql& converted_back);
void drop_old_in_place(Change& made, const InPlace& kept);

// Fills the rows that have NULL and remembers with what, in the table itself; and empties them
// again where it still stands.
void fill_in_place(Change& made, const Column& column, const SqlText& value);
void empty_filled_in_place(Change& made, const Column& column);

// What belongs to a column and leaves with it: sequences that it owns (moved to schema schemasync)
// and the counter of an identity (remembered there).
void keep_sequences(Change& gone, const Column& dropped, const Context& context,
                    const QualifiedName& archive);
void return_sequences(Change& add, const Column& made, const Context& context,
                      const QualifiedName& archive);
void keep_counter(Change& gone, const Column& dropped, const QualifiedName& archive);
void return_counter(Change& add, const Column& made, const QualifiedName& archive);
// An identity's next values for the rows that have none, before the counter is returned.
void count_rows_without_value(Change& add, const Column& made, const QualifiedName& archive);
// The sequences that a column owns go on behind the values that came back with it.
void count_on(Change& add, const Column& made, const Context& context);
// The counter goes on behind the values that are there; one that came back may be ahead of them.
Step count_behind_values(const Column& column, const Sequence& sequence);
std::vector<const Sequence*> sequences_of(const Schema& schema, const ObjectId& column);

// What `rollback --fill` does with values that the conversion back refuses (column_fill.cpp): they
// are kept, by the key or in the table itself. `key`: empty where there is none. Nothing for a
// column that cannot be without a value in between: generated, or of the primary key.
struct Conversion;  // kinds/repairs.hpp
void add_filling(Step& conversion_step, const Conversion& back, const std::vector<std::string>& key,
                 const Context& context);
// For the loops over a table's rows that try a conversion on each: under what name a row is a
// whole, of the columns that are there at that moment, beside its columns one by one; and, in a
// handler, what raises an error again that says nothing of the value: cancelled, out of time or
// means, no such column, no right to it. Input functions themselves raise nearly all others
// (tsquery 42601, regclass 42P01).
Identifier whole_row();
Sql raise_unless_of_a_value();
// What it kept, and comes back when the conversion is applied again, where the value given still
// stands: looked at before the conversion, put back behind it.
const KeptArchive* kept_by_filling(const Column& to, const std::vector<std::string>& key,
                                   const Context& context);
void mark_filled(Change& made, const Conversion& again, const KeptArchive& kept,
                 const std::vector<std::string>& key);
void put_back_filled(Change& made, const Conversion& again, const KeptArchive& kept,
                     const std::vector<std::string>& key);

// Of a column whose type to come is an enum (column_labels.cpp).
Sql between_enums(const Column& from, const Column& to, const Context& context);
// The enum, where it is not there yet or not with these labels when a check is asked.
const Enum* labels_to_come(const Column& to, const Context& context);
Check fits_labels(const Conversion& conversion, const Enum& type,
                  const std::vector<std::string>& key, const Context& context);
// As the server calls it when a check is asked.
std::string type_on_server(const Column& column, const Context& context);
// GENERATED … AS IDENTITY (…), of a column of that table.
Sql identity_clause(const Identity& identity, const ObjectId& table);
// What has to be there before the column's default: the sequence that it counts by, with what that
// one comes along with.
std::vector<ObjectId> counts_by(const Column& column, const Schema& schema);
bool counts_by_new_sequence(const Column& column, const Context& context);
bool is_whole_number(const Symbol& type);  // smallint, integer, bigint
// The sequence of an identity column, by the name that it has or gets.
ObjectId identity_sequence(const Column& column);
Sql identity_options(const Identity& identity);  // SET GENERATED … SET START WITH …
// A default that cannot be set in the same step as the new type: its sequence is made, or the
// column's identity goes, in between.
bool comes_after_type(const Column& from, const Column& to, const Context& context);

// That no view uses the column which the plan does not know.
Check no_view_came_since(const Column& column, const Context& context);
// Archive and drop.
std::vector<Change> drop_column(const Column& dropped, const Context& context);
// The conversion, as a change of part "type".
Change convert_column(const Column& from, const Column& to, const Context& context);

Sql alter_column(const Column& column, const Sql& what);  // ALTER TABLE … ALTER COLUMN … what
Sql set_values(const Column& column, const Sql& value, const Sql& from_and_where);
// A literal default is stored once; anything that is called for each row rewrites the table.
bool is_constant(const SqlText& value);
// A check that no row of the table has NULL in the column once its conversion ran, where there is
// one.
Check no_nulls(const Column& from, const Column& to, const Context& context);
// Is there no value for the row (alias t) behind the conversion?
Sql is_null_after_conversion(const Column& from, const Column& to, const Context& context);

std::string type_name(const ObjectId& type);  // of an enum, as a column's type has it
// The enum that is the column's type, or its array's: gone only after the column lets go of it.
std::optional<ObjectId> enum_of(const Column& column, const Schema& schema);

// Is nothing lost and no row rewritten when a value goes from one type to the other?
bool is_widening(const std::string& from, const std::string& to);

}  // namespace schemasync
