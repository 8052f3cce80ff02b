// What the database holds and schemasync does not model: found in the catalog and named, so that
// nothing is left out silently.
#pragma once

#include "kinds/catalog.hpp"
#include "kinds/schema_of.hpp"

namespace schemasync {

Sql unmodelled_query(const Catalog& catalog);
void list_unmodelled(const Catalog& catalog, const Rows& rows, Schema& schema);

}  // namespace schemasync
