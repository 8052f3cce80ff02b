// The live database as a Schema: everything in scope, as one snapshot saw it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kinds/schema_of.hpp"
#include "model/scope.hpp"
#include "pg/asked.hpp"

namespace schemasync {

// To print expressions back PostgreSQL opens each of their tables, which takes it as long as all
// other queries. A large catalog is asked for them on a connection of its own, from here on and
// beside whatever else is done; all schemas, since nobody needs to know the scope yet. The rest is
// read from the same snapshot. Does nothing where the catalog is small, or where the server has no
// connection left.
class CatalogAhead {
 public:
  explicit CatalogAhead(Connection& db);
  CatalogAhead(const CatalogAhead&) = delete;
  CatalogAhead& operator=(const CatalogAhead&) = delete;

  const std::string& snapshot() const { return snapshot_; }  // "" when nothing is asked
  Rows answer() { return asked_->next(); }                   // of deparse_queries(), in order

 private:
  void begin(Connection& db);

  std::unique_ptr<Connection> other_;
  std::string snapshot_;
  std::optional<Asked> asked_;
};

// Reads all that is in scope, with what schemasync does not model by name; inside a transaction as
// that one sees it. Throws Error when the role may not see something in scope: hidden is never
// taken for missing.
Schema load_catalog(Connection& db, const Scope& scope);
Schema load_catalog(Connection& db, const Scope& scope, CatalogAhead& ahead);

}  // namespace schemasync
