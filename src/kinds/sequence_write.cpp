#include <algorithm>

#include "kinds/model_writing.hpp"
#include "kinds/sequence.hpp"

namespace schemasync {
namespace {

const Sequence* serial_sequence(const Column& column, const Schema& schema) {
  if (!column.default_value) return nullptr;
  for (const Sequence* one : owned_sequences(schema, column.id.owner()))
    if (one->owned_by == column.id && column.default_value->spelling() == nextval_of(one->id))
      return one;
  return nullptr;
}

}  // namespace

bool is_written_as_serial(const Column& column, const Schema& schema) {
  const bool written_out = column.where.line != 0 && !column.serial;
  if (written_out || column.nullable || column.identity || column.generated) return false;
  const Sequence* sequence = serial_sequence(column, schema);
  if (sequence == nullptr || sequence->id.schema != column.id.schema) return false;
  if (sequence->counting != Counting::of_type(column.type)) return false;
  // The owner is the table's, always: PostgreSQL sees to that.
  const Aspects& aspects = sequence->aspects;
  if (aspects.comment || !aspects.grants.value_or(std::vector<Grant>{}).empty()) return false;
  return column.serial || Sequence::automatic_name(*sequence, {}) == sequence->id.name;
}

void add_counting(TomlMembers& members, const Counting& counting) {
  const Counting usual = Counting::of_type(counting.type, counting.increment);
  const bool ascending = counting.increment > 0;
  if (counting.start != (ascending ? counting.min_value : counting.max_value))
    members.emplace_back("start", toml_integer(counting.start));
  if (counting.increment != 1) members.emplace_back("increment", toml_integer(counting.increment));
  if (counting.min_value != usual.min_value)
    members.emplace_back("min_value", toml_integer(counting.min_value));
  if (counting.max_value != usual.max_value)
    members.emplace_back("max_value", toml_integer(counting.max_value));
  if (counting.cache != 1) members.emplace_back("cache", toml_integer(counting.cache));
  if (counting.cycle) members.emplace_back("cycle", toml_flag(true));
}

bool Sequence::is_written(const Sequence& sequence, const Schema& schema) {
  if (!sequence.owned_by) return true;
  const Column* column = schema.find<Column>(*sequence.owned_by);
  if (column == nullptr || !is_written_as_serial(*column, schema)) return true;
  return serial_sequence(*column, schema) != &sequence;
}

void Sequence::write(const Sequence& sequence, const Writing&, TomlWriter& out) {
  TomlMembers own;
  add_renamed_from(own, sequence.renamed_from);
  if (sequence.counting.type != "bigint")
    own.emplace_back("type", toml_text(sequence.counting.type));
  add_counting(own, sequence.counting);
  if (const std::optional<ObjectId>& column = sequence.owned_by)
    own.emplace_back("owned_by", toml_text(name_path_text(sequence.id.schema, column->schema,
                                                          {column->table, column->name})));
  write_header(out, {std::string(header), sequence.id.name}, std::move(own), sequence);
}

}  // namespace schemasync
