// Sequences: [sequence.invoice_no], and those that `serial` columns own. Identity columns keep
// theirs inside the column.
#pragma once

#include <cstdint>

#include "kinds/object.hpp"
#include "kinds/parts.hpp"

namespace schemasync {

// What a sequence counts like; the same for identity columns.
struct Counting {
  Symbol type = "bigint";  // smallint, integer, bigint
  std::int64_t start = 1;
  std::int64_t increment = 1;
  std::int64_t min_value = 1;
  std::int64_t max_value = 9223372036854775807;
  std::int64_t cache = 1;
  bool cycle = false;

  bool operator==(const Counting&) const = default;
  static constexpr auto fields() {
    return std::tuple{
        Field{"type", &Counting::type},           Field{"start", &Counting::start},
        Field{"increment", &Counting::increment}, Field{"min_value", &Counting::min_value},
        Field{"max_value", &Counting::max_value}, Field{"cache", &Counting::cache},
        Field{"cycle", &Counting::cycle}};
  }
  // PostgreSQL's defaults for a type and a direction.
  static Counting of_type(std::string_view type, std::int64_t increment = 1);
};

// The keys start, increment, min_value, max_value, cache and cycle of a model's table.
Counting load_counting(Section& section, const std::string& type);

// "START WITH 1 INCREMENT BY 1 MINVALUE … NO CYCLE", without the type.
Sql counting_clause(const Counting& counting);

struct Sequence : Object {
  static constexpr std::string_view kind = "sequence";
  static std::span<const Rule> rules();  // how it can change, explained
  Counting counting;
  std::optional<ObjectId> owned_by;  // a column
  ObjectId container() const { return owned_by.value_or(id); }

  static constexpr auto fields() {
    return std::tuple{Field{"counting", &Sequence::counting},
                      Field{"owned_by", &Sequence::owned_by}};
  }
  void follow(const Rename& rename);
  static Sql address(const ObjectId& id);
  static std::vector<Sql> renaming(const ObjectId& from, const ObjectId& to);
  static Sql catalog_query(const Catalog& catalog);
  static void read(Catalog& catalog, const Rows& rows, Schema& schema);
  static constexpr std::string_view header = "sequence";
  static constexpr bool is_relation = true;
  static void load(ModelFile& file, const Text& name, Section& section);
  static constexpr std::string_view gathered = "sequences";
  static bool is_written(const Sequence& sequence, const Schema& schema);
  static void write(const Sequence& sequence, const Writing& writing, TomlWriter& out);
  static std::vector<Change> create(const Sequence& made, const Context& context);
  static std::vector<Change> drop(const Sequence& dropped, const Context& context);
  static std::vector<Change> alter(const Sequence& from, const Sequence& to,
                                   const Context& context);
  // "<table>_<column>_seq" of an owned sequence; its own name where it stands alone.
  static std::string automatic_name(const Sequence& sequence, const Naming& naming, int pass = 0);
};

// The default that a serial column has, as PostgreSQL prints it:
// nextval('public.user_id_seq'::regclass).
std::string nextval_of(const ObjectId& sequence);
// The other way round: the sequence that such a default counts by; nullopt for any other SQL.
std::optional<ObjectId> sequence_of_default(const std::string& sql);

// The statements alone, for tables and columns that take their sequences along.
Sql create_sequence(const Sequence& sequence);
Sql own_sequence(const Sequence& sequence);  // ALTER SEQUENCE … OWNED BY …

}  // namespace schemasync
