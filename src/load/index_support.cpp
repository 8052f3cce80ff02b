#include "load/index_support.hpp"

#include <map>
#include <set>

namespace schemasync {
namespace {

Sql row_of(std::int64_t number, const IndexColumnNeeds& one) {
  const auto flag = [](bool is) { return is ? sql("true") : sql("false"); };
  return sql("({}, {}, {}, {}, {}, {}, {}, {}, {})", Sql(number), Literal{one.method},
             Literal{one.type}, Literal{one.opclass}, Literal{one.collation}, flag(one.has_order),
             flag(one.is_unique), flag(one.has_include), flag(one.has_more_columns));
}

// What is missing, by the number of the row, with the classes that another schema has under the
// name asked for; no row where nothing is. A class serves a type as PostgreSQL's
// IsBinaryCoercible() says it (parse_coerce.c).
Sql question(const std::vector<Sql>& rows) {
  return sql(
      "WITH asked (n, method, type, opclass, collated, ordered, uniq, included, many) AS "
      "(VALUES {}), "
      "a AS (SELECT asked.*, m.oid AS am, coalesce(nullif(t.typbasetype, 0), t.oid) AS base "
      "FROM asked LEFT JOIN pg_am m ON m.amname = asked.method AND m.amtype = 'i' "
      "LEFT JOIN pg_type t ON t.oid = to_regtype(nullif(asked.type, ''))), "
      "classes AS (SELECT a.n, quote_ident(s.nspname) || '.' || quote_ident(c.opcname) AS name, "
      "c.opcdefault, b.oid IS NULL OR b.typtype = 'd' OR c.opcintype = b.oid OR CASE i.typname "
      "WHEN 'any' THEN true WHEN 'anyelement' THEN true WHEN 'anyarray' THEN b.typcategory = 'A' "
      "WHEN 'anyenum' THEN b.typtype = 'e' WHEN 'anyrange' THEN b.typtype = 'r' WHEN "
      "'anymultirange' THEN b.typtype = 'm' WHEN 'record' THEN b.typtype = 'c' ELSE EXISTS(SELECT "
      "FROM pg_cast k WHERE k.castsource = b.oid AND k.casttarget = c.opcintype AND k.castmethod = "
      "'b' AND k.castcontext = 'i') END AS serves FROM a JOIN pg_opclass c ON c.opcmethod = a.am "
      "JOIN pg_namespace s ON s.oid = c.opcnamespace JOIN pg_type i ON i.oid = c.opcintype LEFT "
      "JOIN pg_type b ON b.oid = a.base) "
      "SELECT * FROM (SELECT a.n, (SELECT string_agg(DISTINCT c.name, ', ') FROM classes c WHERE "
      "c.n = a.n AND substring(c.name FROM '[.](.*)') = substring(a.opclass FROM '[.](.*)')) AS "
      "alike, CASE WHEN a.am IS NULL THEN 'method' "
      "WHEN a.uniq AND NOT pg_indexam_has_property(a.am, 'can_unique') THEN 'unique' "
      "WHEN a.many AND NOT pg_indexam_has_property(a.am, 'can_multi_col') THEN 'columns' "
      "WHEN a.included AND NOT pg_indexam_has_property(a.am, 'can_include') THEN 'include' "
      "WHEN a.ordered AND NOT pg_indexam_has_property(a.am, 'can_order') THEN 'order' "
      "WHEN a.opclass = '' AND a.base IS NOT NULL AND NOT EXISTS(SELECT FROM classes c WHERE c.n = "
      "a.n AND c.opcdefault AND c.serves) THEN 'no class' "
      "WHEN a.opclass <> '' AND NOT EXISTS(SELECT FROM classes c WHERE c.n = a.n AND c.name = "
      "a.opclass) THEN 'class' "
      "WHEN a.opclass <> '' AND NOT EXISTS(SELECT FROM classes c WHERE c.n = a.n AND c.name = "
      "a.opclass AND c.serves) THEN 'type' "
      "WHEN a.collated <> '' AND NOT EXISTS(SELECT FROM pg_collation o JOIN pg_namespace s ON "
      "s.oid = o.collnamespace WHERE quote_ident(s.nspname) || '.' || quote_ident(o.collname) = "
      "a.collated AND o.collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))) THEN "
      "'collation' END AS missing FROM a) found WHERE missing IS NOT NULL",
      join(rows, ", "));
}

// A mistake without its place: what the server lacks, and what to write.
Mistake lacking(std::string_view missing, const IndexColumnNeeds& one, std::string_view alike) {
  const std::string method = "access method " + display_name(one.method);
  if (missing == "method")
    return {{},
            1,
            method + " does not exist on this server",
            "an extension may bring it; those there are: SELECT amname FROM pg_am"};
  if (missing == "unique")
    return {{}, 1, method + " has no unique indexes", "take unique or the method out"};
  if (missing == "columns")
    return {{}, 1, method + " indexes one column alone", "make an index of each column"};
  if (missing == "include")
    return {{}, 1, method + " has no include", "take include or the method out"};
  if (missing == "order")
    return {{}, 1, method + " keeps no order", "take order, nulls or the method out"};
  if (missing == "class")
    return {{},
            1,
            method + " has no operator class " + one.opclass + " on this server",
            alike.empty()
                ? "an extension may bring it; those there are: SELECT opcname FROM pg_opclass"
                : "write it with its schema: " + std::string(alike)};
  if (missing == "type")
    return {{},
            1,
            "operator class " + one.opclass + " is not for type " + one.type,
            "name one that is, or none"};
  if (missing == "collation")
    return {{},
            1,
            "collation " + one.collation + " does not exist in this database",
            "those there are: SELECT collname FROM pg_collation"};
  return {{},
          1,
          "type " + one.type + " has no default operator class for " + method,
          one.method == "btree" ? "index an expression of it: { sql = \"...\" }"
                                : "name one: { column = \"...\", opclass = \"...\" }"};
}

}  // namespace

std::vector<Mistake> unsupported_indexes(Connection& db, const Schema& wanted, const Schema& live) {
  struct Place {
    Source where;
    std::string subject;
  };
  std::map<IndexColumnNeeds, std::vector<Place>> asked;
  for_each_kind([&]<class K>() {
    if constexpr (requires(const K& object) { K::index_needs(object, wanted); })
      for (const auto& [id, object] : wanted.all<K>()) {
        const IndexNeeds needs = K::index_needs(object, wanted);
        const K* now = live.find<K>(id);
        if (now != nullptr && K::index_needs(*now, live) == needs) continue;
        for (const IndexColumnNeeds& one : needs.columns)
          asked[one].push_back({object.where, needs.subject});
      }
  });
  if (asked.empty()) return {};

  std::vector<Sql> rows;
  std::vector<const std::pair<const IndexColumnNeeds, std::vector<Place>>*> by_number;
  for (const auto& entry : asked) {
    rows.push_back(row_of(static_cast<std::int64_t>(by_number.size()), entry.first));
    by_number.push_back(&entry);
  }
  const Rows found = db.query(question(rows));
  std::vector<Mistake> mistakes;
  std::set<std::string> named;  // one mistake an object
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& [one, places] = *by_number.at(static_cast<std::size_t>(found.number(i, 0)));
    for (const Place& place : places) {
      if (!named.insert(place.subject).second) continue;
      Mistake mistake = lacking(found.text(i, 2), one, found.text(i, 1));
      mistake.where = place.where;
      mistake.what = place.subject + ": " + mistake.what;
      mistakes.push_back(std::move(mistake));
    }
  }
  return mistakes;
}

}  // namespace schemasync
