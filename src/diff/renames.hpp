// Renames that the models declare: found, made visible as changes of their own before all others,
// and followed through the live schema, so that what is compared after them has the names of the
// models.
#pragma once

#include <string>
#include <vector>

#include "kinds/schema_of.hpp"
#include "model/change.hpp"
#include "model/scope.hpp"

namespace schemasync {

struct Renames {
  std::vector<Rename> all;         // in the order in which they run; ids as they are at that moment
  std::vector<Change> changes;     // with both directions
  std::vector<std::string> notes;  // done already, or nothing there under either name
  std::vector<Mistake> mistakes;   // two listed names are there
};

// `renamed_from` is used when the new name is absent and exactly one listed name is present. Names
// that PostgreSQL or [naming] made from a table's or column's name go along. `live` follows the
// renames.
Renames find_renames(const Schema& wanted, Schema& live, const Naming& naming);

}  // namespace schemasync
