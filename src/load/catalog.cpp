#include "load/catalog.hpp"

#include "kinds/catalog.hpp"
#include "load/unmodelled.hpp"

namespace schemasync {
namespace {

// pg_attribute of some two hundred tables with their indexes; an empty database has half a MB.
constexpr std::int64_t bytes_of_large = 2 << 20;

template <class K>
concept Deparsed = requires(const Catalog& catalog) {
  K::deparse_query(catalog);
};

std::vector<Sql> deparse_queries(const Catalog& catalog) {
  std::vector<Sql> queries;
  for_each_kind([&]<class K>() {
    if constexpr (Deparsed<K>) queries.push_back(K::deparse_query(catalog));
  });
  return queries;
}

// Of the kinds, in their order, and of what none of them models.
std::vector<Sql> queries_of(const Catalog& catalog) {
  std::vector<Sql> queries;
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::catalog_query(catalog); })
      queries.push_back(K::catalog_query(catalog));
  });
  queries.push_back(unmodelled_query(catalog));
  return queries;
}

Schema read(Connection& db, const Scope& scope, CatalogAhead* ahead) {
  Schema schema;
  Catalog catalog(db, scope);
  std::vector<Sql> queries = queries_of(catalog);
  const bool is_ahead = ahead != nullptr && !ahead->snapshot().empty();
  if (!is_ahead)
    for (Sql& query : deparse_queries(catalog)) queries.push_back(std::move(query));
  catalog.ask(std::move(queries));
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::catalog_query(catalog); })
      K::read(catalog, catalog.answer(), schema);
  });
  list_unmodelled(catalog, catalog.answer(), schema);
  for_each_kind([&]<class K>() {
    if constexpr (Deparsed<K>)
      K::read_deparsed(catalog, is_ahead ? ahead->answer() : catalog.answer(), schema);
  });
  return schema;
}

}  // namespace

CatalogAhead::CatalogAhead(Connection& db) {
  const Rows rows =
      db.query(sql("SELECT pg_relation_size('pg_attribute') > {}", Sql(bytes_of_large)));
  if (!rows.truth(0, 0)) return;
  try {
    begin(db);
  } catch (const Error&) {  // no connection left, or none that may export: the first one does all
    snapshot_.clear();
  }
}

void CatalogAhead::begin(Connection& db) {
  other_ = db.another();
  other_->begin_snapshot();
  snapshot_ = other_->export_snapshot();
  // PostgreSQL takes information_schema's rows for a few: it would look into an index for each.
  other_->execute(sql("SET LOCAL enable_nestloop = off"));
  const Scope everything;
  asked_.emplace(*other_, deparse_queries(Catalog(*other_, everything)));
}

Schema load_catalog(Connection& db, const Scope& scope) {
  if (db.in_transaction()) return read(db, scope, nullptr);
  CatalogAhead ahead(db);
  return load_catalog(db, scope, ahead);
}

Schema load_catalog(Connection& db, const Scope& scope, CatalogAhead& ahead) {
  db.begin_snapshot(ahead.snapshot());
  try {
    Schema schema = read(db, scope, &ahead);
    db.commit();
    return schema;
  } catch (...) {
    db.rollback();
    throw;
  }
}

}  // namespace schemasync
