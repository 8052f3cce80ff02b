#include "load/catalog.hpp"

#include <utility>

#include "kinds/catalog.hpp"
#include "load/unmodelled.hpp"

namespace schemasync {
namespace {

// pg_attribute of some two hundred tables with their indexes; an empty database has half a MB.
constexpr std::int64_t bytes_of_large = 2 << 20;

template <class K>
concept Detailed = requires(const Catalog& catalog) {
  K::details_query(catalog);
};

// Of the kinds in their order, of what none of them models, and of the details of kinds that have
// some.
std::vector<Sql> queries_of(const Catalog& catalog) {
  std::vector<Sql> queries;
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::catalog_query(catalog); })
      queries.push_back(K::catalog_query(catalog));
  });
  queries.push_back(unmodelled_query(catalog));
  for_each_kind([&]<class K>() {
    if constexpr (Detailed<K>) queries.push_back(K::details_query(catalog));
  });
  return queries;
}

Schema read(Catalog& catalog, const Scope& scope) {
  Schema schema;
  catalog.begin_reading(scope);
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::catalog_query(catalog); })
      K::read(catalog, catalog.answer(), schema);
  });
  list_unmodelled(catalog, catalog.answer(), schema);
  for_each_kind([&]<class K>() {
    if constexpr (Detailed<K>) K::read_details(catalog, catalog.answer(), schema);
  });
  return schema;
}

Schema read_here(Connection& db, const Scope& scope) {
  Catalog catalog(db, scope);
  catalog.ask(queries_of(catalog));
  return read(catalog, scope);
}

}  // namespace

CatalogAhead::CatalogAhead(Connection& db) {
  const Rows rows =
      db.query(sql("SELECT pg_relation_size('pg_attribute') > {}", Sql(bytes_of_large)));
  if (!rows.truth(0, 0)) return;
  try {
    other_ = db.another();
    other_->begin_snapshot();
    catalog_ = std::make_unique<Catalog>(*other_, Scope{});
    catalog_->ask(queries_of(*catalog_));
  } catch (const Error&) {  // no connection left
    catalog_.reset();
    other_.reset();
  }
}

CatalogAhead::~CatalogAhead() = default;

Schema load_catalog(Connection& db, const Scope& scope, CatalogAhead* ahead) {
  if (ahead != nullptr && ahead->catalog_) {
    Schema schema = read(*std::exchange(ahead->catalog_, nullptr), scope);
    ahead->other_.reset();  // and with it what it locks
    return schema;
  }
  if (db.in_transaction()) return read_here(db, scope);
  db.begin_snapshot();
  try {
    Schema schema = read_here(db, scope);
    db.commit();
    return schema;
  } catch (...) {
    db.rollback();
    throw;
  }
}

}  // namespace schemasync
