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

std::vector<Rows> ask(Connection& db, const std::vector<Sql>& queries) {
  std::vector<Rows> answers;
  for (const Sql& query : queries) answers.push_back(db.query(query));
  return answers;
}

Schema read(Connection& db, const Scope& scope, CatalogAhead* ahead) {
  Schema schema;
  Catalog catalog(db, scope);
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::read(catalog, schema); }) K::read(catalog, schema);
  });
  list_unmodelled(db, catalog, schema);
  const std::vector<Rows> answers = ahead != nullptr && !ahead->snapshot().empty()
                                        ? ahead->answers()
                                        : ask(db, deparse_queries(catalog));
  auto answer = answers.begin();
  for_each_kind([&]<class K>() {
    if constexpr (Deparsed<K>) K::read_deparsed(catalog, *answer++, schema);
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
  const Scope everything;
  std::vector<Sql> queries = deparse_queries(Catalog(*other_, everything));
  answers_ = std::async(std::launch::async, [other = other_.get(), queries = std::move(queries)] {
    return ask(*other, queries);
  });
}

CatalogAhead::~CatalogAhead() {
  if (answers_.valid()) other_->cancel();
}

std::vector<Rows> CatalogAhead::answers() { return answers_.get(); }

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
