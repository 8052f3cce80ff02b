// The live database as a Schema: everything in scope, as one snapshot saw it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kinds/schema_of.hpp"
#include "model/scope.hpp"
#include "pg/connection.hpp"

namespace schemasync {

class Catalog;

// A large catalog takes PostgreSQL a while. It is asked on a connection of its own, from here on
// and beside whatever else is done, for all schemas, since nobody needs to know the scope yet. Does
// nothing where the catalog is small, or where the server has no connection left.
class CatalogAhead {
 public:
  explicit CatalogAhead(Connection& db);
  CatalogAhead(const CatalogAhead&) = delete;
  CatalogAhead& operator=(const CatalogAhead&) = delete;
  ~CatalogAhead();

 private:
  friend Schema load_catalog(Connection& db, const Scope& scope, CatalogAhead* ahead);
  std::unique_ptr<Connection> other_;
  std::unique_ptr<Catalog> catalog_;
};

// Reads all that is in scope, with what schemasync does not model by name; inside a transaction as
// that one sees it. Throws Error when the role may not see something in scope: hidden is never
// taken for missing.
Schema load_catalog(Connection& db, const Scope& scope, CatalogAhead* ahead = nullptr);

}  // namespace schemasync
