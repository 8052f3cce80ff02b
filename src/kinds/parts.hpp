// What kinds and the pipeline say to each other: the declarations that every kind's header needs.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/change.hpp"
#include "model/scope.hpp"
#include "text/sql.hpp"

namespace schemasync {

class Catalog;      // kinds/catalog.hpp: where read() reads
class Rows;         // pg/connection.hpp: what read() gets
class Schema;       // kinds/schema_of.hpp: all objects of all kinds
struct ModelFile;   // kinds/model_file.hpp: where load() reads
struct TableModel;  // kinds/model_file.hpp: where load_of_table() reads
class Loading;
class Section;  // toml/section.hpp
struct Text;
class Writing;     // kinds/model_writing.hpp: what write() writes
struct TableText;  // kinds/model_writing.hpp: where write_of_table() writes
class TomlWriter;  // toml/writer.hpp
struct Context;    // kinds/context.hpp: both schemas, the way, and the facts

// One object gets another name (or schema). A column's ids hold its table's name at that moment.
struct Rename {
  ObjectId from;
  ObjectId to;
};
// The id follows: it is the renamed object, or a part of the renamed table.
void follow(ObjectId& id, const Rename& rename);
// Column names of the table `part` belongs to follow a column's rename.
void follow(std::vector<std::string>& columns, const ObjectId& part, const Rename& rename);

}  // namespace schemasync
