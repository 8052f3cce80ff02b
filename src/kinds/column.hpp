// Columns: their type, nullability, default, identity and generation; and what keeps their values
// when they are dropped or converted (column_keep.cpp).
#pragma once

#include "kinds/object.hpp"
#include "kinds/parts.hpp"
#include "kinds/sequence.hpp"

namespace schemasync {

struct Identity {
  bool always = false;
  Counting counting;
  Symbol sequence;  // its sequence's name, in the table's schema; "" = PostgreSQL's own
  bool operator==(const Identity& o) const { return always == o.always && counting == o.counting; }
  static constexpr auto fields() {
    return std::tuple{Field{"always", &Identity::always}, Field{"counting", &Identity::counting},
                      Field{"sequence", &Identity::sequence}};
  }
};

// How a type change converts; model SQL on the column's old (up) and new (down) value.
struct Using {
  SqlText up;
  std::optional<SqlText> down;
};

struct Column : Object {
  static constexpr std::string_view kind = "column";
  static std::span<const Rule> rules();  // how it can change, explained
  Symbol type;                           // as format_type prints it under search_path = pg_catalog
  bool nullable = true;
  std::optional<SqlText> default_value;
  std::optional<Identity> identity;
  std::optional<SqlText> generated;
  bool generated_virtual = false;  // from 18

  // Not compared: order, and the author's intent.
  int position = 0;                 // order in the file or attnum
  bool serial = false;              // written as serial: owns a sequence with default options
  std::optional<Using> conversion;  // `using`
  std::optional<SqlText> backfill;  // fills old rows once
  bool archive_in_place = false;    // what a conversion changes stays in the table, out of sight
  Symbol beside;                    // what it has that no model says: "storage"; "" = nothing

  static constexpr auto fields() {
    return std::tuple{Field{"type", &Column::type},
                      Field{"nullable", &Column::nullable},
                      Field{"default", &Column::default_value},
                      Field{"identity", &Column::identity},
                      Field{"generated", &Column::generated},
                      Field{"virtual", &Column::generated_virtual}};
  }
  void follow(const Rename& rename);
  // A change from one to the other leaves old casts inside what stands on the column by an
  // expression.
  static bool disturbs(const Column& from, const Column& to) {
    return from.type != to.type || remakes(from, to);
  }
  // It drops the column and makes it again: what only names it would go without a word.
  static bool remakes(const Column& from, const Column& to) {
    return from.generated != to.generated || from.generated_virtual != to.generated_virtual;
  }
  static Sql address(const ObjectId& id);
  static std::vector<Sql> renaming(const ObjectId& from, const ObjectId& to);
  static Sql catalog_query(const Catalog& catalog);
  static void read(Catalog& catalog, const Rows& rows, Schema& schema);
  static Sql details_query(const Catalog& catalog);
  static void read_details(Catalog& catalog, const Rows& rows, Schema& schema);
  static void load_of_table(TableModel& table);
  static void write_of_table(TableText& table);
  static std::optional<ServerNeed> newest(const Column& column);
  void take_intent(const Column& of_models);
  static void complete(Loading& loading);  // finds the models' own types
  static std::vector<ObjectId> types_of(const Column& column, const Schema& schema);  // modelled
  static std::vector<Change> create(const Column& made, const Context& context);
  static std::vector<Change> drop(const Column& dropped, const Context& context);
  static std::vector<Change> alter(const Column& from, const Column& to, const Context& context);
};

// `"name" type DEFAULT … NOT NULL`, for CREATE TABLE and ADD COLUMN.
Sql column_definition(const Column& column);
// The schema in which the column's model SQL is resolved; "" where it has none.
std::string column_search_path(const Column& column);
// The sequence of an identity column, where it has the name that PostgreSQL gives it.
std::optional<ObjectId> automatic_sequence(const Column& column);
// What stands by itself and must be there before the column's default: a sequence, or the table
// whose column owns it. {} for the column's own.
std::vector<ObjectId> needs_of_default(const Column& column, const Schema& schema);
// "amount double precision not null default 0", for diffs.
std::string column_shown(const Column& column);

}  // namespace schemasync
