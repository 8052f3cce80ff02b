// The live database as a Schema: everything in scope, as one snapshot saw it.
#pragma once

#include <future>
#include <memory>
#include <optional>

#include "kinds/schema_of.hpp"
#include "model/scope.hpp"
#include "pg/connection.hpp"

namespace schemasync {

// A large catalog takes PostgreSQL a while. It is read on two connections of its own, from here on
// and beside whatever else is done, for the scope that is likely. Does nothing where the catalog is
// small, or where the server has no connections left.
class CatalogAhead {
 public:
  CatalogAhead(Connection& db, Scope scope);
  CatalogAhead(const CatalogAhead&) = delete;
  CatalogAhead& operator=(const CatalogAhead&) = delete;
  ~CatalogAhead();

  // What was read, once; nothing when that was another scope. Waits; throws as load_catalog does.
  std::optional<Schema> take(const Scope& scope);

 private:
  void stop();

  std::unique_ptr<Connection> first_;
  std::unique_ptr<Connection> second_;  // to the same snapshot
  Scope scope_;
  std::future<Schema> schema_;
};

// Reads all that is in scope, with what schemasync does not model by name; inside a transaction as
// that one sees it. Throws Error when the role may not see something in scope: hidden is never
// taken for missing.
Schema load_catalog(Connection& db, const Scope& scope, CatalogAhead* ahead = nullptr);

}  // namespace schemasync
