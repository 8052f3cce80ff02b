#include "load/catalog.hpp"

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

// As the one snapshot that `db` has open sees it.
Schema read(Connection& db, const Scope& scope, Connection* beside = nullptr) {
  Schema schema;
  Catalog catalog(db, scope);
  catalog.ask(queries_of(catalog), beside);
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

Schema read_at_once(Connection& db, const Scope& scope) {
  if (db.in_transaction()) return read(db, scope);
  db.begin_snapshot();
  try {
    Schema schema = read(db, scope);
    db.commit();
    return schema;
  } catch (...) {
    db.rollback();
    throw;
  }
}

// What is not stated of it is PostgreSQL's business.
void leave_public_alone(Schema& schema) {
  for (auto& [id, space] : schema.all<Namespace>())
    if (Namespace::has_stated_aspects_alone(id)) space.aspects = {};
}

}  // namespace

CatalogAhead::CatalogAhead(Connection& db, Scope scope) : scope_(std::move(scope)) {
  const Rows rows =
      db.query(sql("SELECT pg_relation_size('pg_attribute') > {}", Sql(bytes_of_large)));
  if (!rows.truth(0, 0)) return;
  try {
    first_ = db.another();
    second_ = db.another();
    first_->begin_snapshot();
    second_->share_snapshot(*first_);
  } catch (const Error&) {  // no connection left
    stop();
    return;
  }
  schema_ =
      std::async(std::launch::async, [first = first_.get(), second = second_.get(),
                                      scope = scope_] { return read(*first, scope, second); });
}

CatalogAhead::~CatalogAhead() { stop(); }

void CatalogAhead::stop() {
  if (schema_.valid()) {
    first_->cancel();
    second_->cancel();
    schema_.wait();
    schema_ = {};
  }
  second_.reset();  // and with them what they lock
  first_.reset();
}

std::optional<Schema> CatalogAhead::take(const Scope& scope) {
  // Whether schema public is stated changes nothing in what is read.
  scope_.states_public = scope.states_public;
  std::optional<Schema> schema;
  if (schema_.valid() && scope_ == scope) schema = schema_.get();
  stop();
  return schema;
}

Schema load_catalog(Connection& db, const Scope& scope, CatalogAhead* ahead) {
  std::optional<Schema> read_ahead;
  if (ahead != nullptr) read_ahead = ahead->take(scope);
  Schema schema = read_ahead ? *std::move(read_ahead) : read_at_once(db, scope);
  if (!scope.states_public) leave_public_alone(schema);
  return schema;
}

}  // namespace schemasync
