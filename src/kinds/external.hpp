// Tables outside what the models describe, at which foreign keys may point: [external.table.X] with
// columns alone. They are no objects of a schema: never compared, made or dropped. Foreign keys
// look their columns up here; pull writes one for each key that points out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kinds/object.hpp"
#include "kinds/parts.hpp"
#include "text/error.hpp"

namespace schemasync {

class Connection;

struct ExternalTable {
  struct Column {
    std::string name;
    std::string type;  // as the models or format_type spell it
  };
  static constexpr std::string_view header = "external";

  ObjectId id;  // as a table
  std::vector<Column> columns;
  Source where;  // in the models; line 0 for the catalog's

  const Column* column(std::string_view name) const;
};

// Reads [external.table.X] of a file into the schema that is loaded.
void load_externals(ModelFile& file, Section& root);
void write_external(const ExternalTable& table, TomlWriter& out);

// The tables with these oids; none without a query. Their columns are remembered by the catalog.
std::vector<ExternalTable> read_externals(Catalog& catalog, const std::vector<std::int64_t>& oids);

// Declarations of `wanted` that do not hold on this server: no such table or column, or a table
// that the models' own scope has.
std::vector<Mistake> wrong_externals(Connection& db, const Schema& wanted, const Schema& live);

}  // namespace schemasync
