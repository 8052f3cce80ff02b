#include "load/roles.hpp"

#include <set>

#include "toml/writer.hpp"

namespace schemasync {
namespace {

// Where the models name a role: the first place, and how many objects do.
struct Named {
  Source where;
  std::string as;  // "owner of table public.t"
  std::size_t objects = 0;
};

using Names = std::map<std::string, Named>;

void note(Names& names, const std::string& role, const Object& object, const std::string& as) {
  Named& named = names[role];
  ++named.objects;
  if (named.objects > 1 && !(object.where < named.where)) return;
  named.where = object.where;
  named.as = as + " " + object.id.kind + " " + object.id.shown();
}

void note_roles(Names& names, const Object& object) {
  if (object.aspects.owner) note(names, *object.aspects.owner, object, "owner of");
  if (!object.aspects.grants) return;
  std::set<std::string> granted;
  for (const Grant& grant : *object.aspects.grants)
    if (grant.to != "public" && grant.to != object.aspects.owner) granted.insert(grant.to);
  for (const std::string& role : granted) note(names, role, object, "grants of");
}

std::set<std::string> roles_there(Connection& db, const std::set<std::string>& asked) {
  std::vector<Sql> literals;
  for (const std::string& role : asked) literals.emplace_back(Literal{role});
  const Rows rows = db.query(
      sql("SELECT rolname FROM pg_roles WHERE rolname::text IN ({})", join(literals, ", ")));
  std::set<std::string> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.emplace(rows.text(i, 0));
  return found;
}

Mistake missing(const std::string& role, const std::string& here, const Named& named,
                const std::string& env) {
  const std::string of_env = "[env." + (env.empty() ? "NAME" : env) + "]";
  const bool is_mapped = role != here;
  std::string what = "role " + display_name(here) + " does not exist on this server: " + named.as;
  if (named.objects > 1) what += ", and " + std::to_string(named.objects - 1) + " more";
  if (is_mapped) what += " (roles of " + of_env + " give " + display_name(role) + " this name)";
  const std::string create = "CREATE ROLE " + Sql(Identifier{here}).str() + " makes it";
  return {named.where, 1, std::move(what),
          is_mapped ? create + "; or correct its name in roles of " + of_env
                    : create + "; where it has another name here, roles of " + of_env +
                          " say so: roles = { " + toml_key(role) + " = \"…\" }"};
}

}  // namespace

std::vector<Mistake> missing_roles(Connection& db, const Schema& wanted,
                                   const std::map<std::string, std::string>& roles,
                                   const std::string& env) {
  Names names;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : wanted.all<K>()) note_roles(names, object);
  });
  if (names.empty()) return {};
  const auto here = [&](const std::string& role) {
    const auto mapped = roles.find(role);
    return mapped == roles.end() ? role : mapped->second;
  };
  std::set<std::string> asked;
  for (const auto& [role, named] : names) asked.insert(here(role));
  const std::set<std::string> there = roles_there(db, asked);
  std::vector<Mistake> mistakes;
  for (const auto& [role, named] : names)
    if (there.count(here(role)) == 0) mistakes.push_back(missing(role, here(role), named, env));
  return mistakes;
}

}  // namespace schemasync
