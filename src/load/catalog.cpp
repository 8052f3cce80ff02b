#include "load/catalog.hpp"

#include "kinds/catalog.hpp"
#include "load/unmodelled.hpp"

namespace schemasync {

Schema load_catalog(Connection& db, const Scope& scope) {
  const bool own_snapshot = !db.in_transaction();
  if (own_snapshot) db.begin_snapshot();
  Schema schema;
  try {
    Catalog catalog(db, scope);
    for_each_kind([&]<class K>() { K::read(catalog, schema); });
    list_unmodelled(db, catalog, schema);
  } catch (...) {
    if (own_snapshot) db.rollback();
    throw;
  }
  if (own_snapshot) db.commit();
  return schema;
}

}  // namespace schemasync
