// What the models' renamed_from may not say, whatever the database holds: swaps and rings of names,
// an object that was itself, two that were the same one. load/models calls it. True when there is
// any renamed_from at all.
#pragma once

#include "kinds/schema_of.hpp"
#include "toml/mistakes.hpp"

namespace schemasync {

bool check_renames(const Schema& schema, Mistakes& mistakes);

}  // namespace schemasync
