#include "kinds/catalog.hpp"

#include <algorithm>
#include <map>

#include "text/strings.hpp"

namespace schemasync {

Catalog::Catalog(Connection& db, Scope scope)
    : db_(db), scope_(std::move(scope)), version_(db.server_version()) {
  const Rows spaces =
      db_.query(sql("SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT "
                    "IN ('information_schema', 'schemasync')"));
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    if (!scope_.has_schema(spaces.text(i, 1))) continue;
    namespaces_ += (namespaces_.empty() ? "{" : ",") + std::string(spaces.text(i, 0));
  }
  namespaces_ += namespaces_.empty() ? "{}" : "}";
}

void Catalog::ask(std::vector<Sql> queries, Connection* beside) {
  // The system's own comments are left out: user objects start at FirstNormalObjectId, 16384; only
  // schema public is older.
  queries.insert(
      queries.begin(),
      sql("SELECT classoid::regclass::text, objoid, objsubid, description FROM pg_description "
          "WHERE objoid >= 16384 OR classoid = 'pg_namespace'::regclass"));
  std::vector<Connection*> connections = {&db_};
  if (beside != nullptr) connections.push_back(beside);
  asked_.emplace(std::move(connections), std::move(queries));
  const Rows comments = answer();
  for (std::size_t i = 0; i < comments.size(); ++i)
    comments_.emplace(
        Key{std::string(comments.text(i, 0)), comments.number(i, 1), comments.number(i, 2)},
        comments.text(i, 3));
}

void Catalog::remember(std::string_view catalog, std::int64_t oid, const ObjectId& id) {
  objects_[std::string(catalog)].emplace(oid, id);
}

const ObjectId* Catalog::object(std::string_view catalog, std::int64_t oid) const {
  const auto of_catalog = objects_.find(catalog);
  if (of_catalog == objects_.end()) return nullptr;
  const auto found = of_catalog->second.find(oid);
  return found == of_catalog->second.end() ? nullptr : &found->second;
}

void Catalog::remember_column(std::int64_t relation, std::int64_t number, const std::string& name) {
  columns_.emplace(place(relation, number), name);
}

const std::string* Catalog::column(std::int64_t relation, std::int64_t number) const {
  const auto found = columns_.find(place(relation, number));
  return found == columns_.end() ? nullptr : &found->second;
}

std::vector<std::string> Catalog::columns(std::int64_t relation,
                                          const std::vector<std::string>& numbers) const {
  std::vector<std::string> names;
  for (const std::string& number : numbers)
    if (const std::string* name = column(relation, std::stoll(number))) names.push_back(*name);
  return names;
}

std::optional<std::string> Catalog::comment(std::string_view catalog, std::int64_t oid,
                                            std::int64_t sub) const {
  if (comments_.empty()) return std::nullopt;
  const auto found = comments_.find(Key{std::string(catalog), oid, sub});
  if (found == comments_.end()) return std::nullopt;
  return found->second;
}

std::vector<Grant> grants_of(const std::vector<std::string>& entries) {
  // "reader=select/0": the role may hold anything, so the split is from the right.
  std::map<std::pair<std::string, bool>, std::vector<std::string>> by_role;
  for (const std::string& entry : entries) {
    const std::size_t slash = entry.rfind('/');
    const std::size_t equals = entry.rfind('=', slash);
    by_role[{entry.substr(0, equals), entry.substr(slash + 1) == "1"}].push_back(
        lowercase(entry.substr(equals + 1, slash - equals - 1)));
  }
  std::vector<Grant> grants;
  for (auto& [role, privileges] : by_role) {
    std::sort(privileges.begin(), privileges.end());
    grants.push_back({role.first, privileges, {}, role.second});
  }
  std::sort(grants.begin(), grants.end());
  return grants;
}

Sql acl_entries(const Expression& acl, const Expression& owner) {
  return sql(
      "CASE WHEN {} IS NULL THEN NULL ELSE ARRAY(SELECT CASE e.grantee WHEN 0 THEN 'public' ELSE "
      "pg_get_userbyid(e.grantee) END || '=' || e.privilege_type || '/' || "
      "e.is_grantable::int FROM aclexplode({}) e WHERE e.grantee <> {})::text END",
      acl, acl, owner);
}

}  // namespace schemasync
