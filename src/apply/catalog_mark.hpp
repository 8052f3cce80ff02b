// Notices that a table changed shape between the reading of the catalog and the moment a segment
// holds its locks, without reading the catalog again: a digest over the row versions (xmin) of the
// table's rows in pg_attribute, pg_constraint, pg_index and the like. ANALYZE and VACUUM leave
// those rows alone; each ALTER, CREATE INDEX, DROP or RENAME writes one anew.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/plan.hpp"
#include "pg/connection.hpp"

namespace schemasync {

class CatalogMark {
 public:
  // Takes the first mark: before the definitions are read. Tables that a plan makes have none.
  CatalogMark(Connection& db, const Plan& plan);

  // In a segment's transaction, before its first step: takes SHARE UPDATE EXCLUSIVE on each table
  // (no other session's DDL passes it, all reads and writes do), in the order of names, and
  // throws Error (exit 5) when a table is not as it was when marked.
  void lock_and_compare(Connection& db) const;

  // At a segment's end: what our own steps did is as it should be.
  void renew(Connection& db);

 private:
  std::string read(Connection& db) const;

  std::vector<std::int64_t> oids_;
  std::string mark_;
};

}  // namespace schemasync
