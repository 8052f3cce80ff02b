#include "load/catalog.hpp"

#include <future>
#include <memory>

#include "kinds/catalog.hpp"
#include "load/unmodelled.hpp"

namespace schemasync {
namespace {

using Answers = std::vector<Rows>;

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

Answers ask(Connection& db, const std::vector<Sql>& queries) {
  Answers answers;
  for (const Sql& query : queries) answers.push_back(db.query(query));
  return answers;
}

// nullptr where none is to be had: the server may be full, or the role not be allowed another.
std::unique_ptr<Connection> second_connection(const Connection& db, const std::string& snapshot) {
  try {
    return db.joined(snapshot);
  } catch (const Error&) {
    return nullptr;
  }
}

// To print expressions back PostgreSQL opens each of their tables, which takes as long as all other
// queries: a large catalog is asked for them on a second connection to the same snapshot, while the
// others are read. Else they are asked when they are wanted.
std::future<Answers> ask_deparsed(Connection& db, const Catalog& catalog, bool owns_snapshot) {
  std::vector<Sql> queries = deparse_queries(catalog);
  if (!owns_snapshot || !catalog.is_large())
    return std::async(std::launch::deferred,
                      [&db, queries = std::move(queries)] { return ask(db, queries); });
  return std::async(std::launch::async,
                    [&db, queries = std::move(queries), snapshot = db.export_snapshot()] {
                      const std::unique_ptr<Connection> other = second_connection(db, snapshot);
                      return other == nullptr ? Answers{} : ask(*other, queries);
                    });
}

Schema read(Connection& db, const Scope& scope, bool owns_snapshot) {
  Schema schema;
  Catalog catalog(db, scope);
  std::future<Answers> deparsed = ask_deparsed(db, catalog, owns_snapshot);
  for_each_kind([&]<class K>() {
    if constexpr (requires { K::read(catalog, schema); }) K::read(catalog, schema);
  });
  list_unmodelled(db, catalog, schema);
  Answers answers = deparsed.get();
  if (answers.empty()) answers = ask(db, deparse_queries(catalog));
  auto answer = answers.begin();
  for_each_kind([&]<class K>() {
    if constexpr (Deparsed<K>) K::read_deparsed(catalog, *answer++, schema);
  });
  return schema;
}

}  // namespace

Schema load_catalog(Connection& db, const Scope& scope) {
  const bool own_snapshot = !db.in_transaction();
  if (!own_snapshot) return read(db, scope, false);
  db.begin_snapshot();
  try {
    Schema schema = read(db, scope, true);
    db.commit();
    return schema;
  } catch (...) {
    db.rollback();
    throw;
  }
}

}  // namespace schemasync
