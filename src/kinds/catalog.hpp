// Where kinds read the live database: one snapshot, one connection, and what earlier kinds learned
// (which oid is which object). docs/catalog.md says what is read where and why.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kinds/object.hpp"
#include "kinds/parts.hpp"
#include "pg/asked.hpp"

namespace schemasync {

class Catalog {
 public:
  // `db` has a snapshot open.
  Catalog(Connection& db, Scope scope);

  // Asks all queries ahead of their answers, and reads what everything is commented with. `beside`:
  // a connection with the same snapshot that takes its turns, or nullptr.
  void ask(std::vector<Sql> queries, Connection* beside);
  Rows answer() { return asked_->next(); }  // of the next query that was asked
  // For a query that stands on answers: free once all that was asked is answered.
  Connection& db() {
    if (asked_) asked_->wait();
    return db_;
  }
  const Scope& scope() const { return scope_; }
  int version() const { return version_; }

  // The oids of the schemas in scope, as an array literal's text: '{2200,16385}'.
  Literal namespaces() const { return {namespaces_}; }

  // Object identity across queries. Only what was remembered exists for later kinds.
  void remember(std::string_view catalog, std::int64_t oid, const ObjectId& id);
  const ObjectId* object(std::string_view catalog, std::int64_t oid) const;
  void remember_column(std::int64_t relation, std::int64_t number, const std::string& name);
  // nullptr for a column of a relation that is not modelled.
  const std::string* column(std::int64_t relation, std::int64_t number) const;
  std::vector<std::string> columns(std::int64_t relation,
                                   const std::vector<std::string>& numbers) const;

  // COMMENT ON; sub = attnum or 0. nullopt where there is none.
  std::optional<std::string> comment(std::string_view catalog, std::int64_t oid,
                                     std::int64_t sub = 0) const;

 private:
  struct Key {
    std::string catalog;
    std::int64_t oid;
    std::int64_t sub;
    auto operator<=>(const Key&) const = default;
  };
  // A column in one number: attnum has 16 bits, an oid 32.
  static std::uint64_t place(std::int64_t relation, std::int64_t number) {
    return (static_cast<std::uint64_t>(relation) << 16) |
           (static_cast<std::uint64_t>(number) & 0xFFFF);
  }
  using ByOid = std::unordered_map<std::int64_t, ObjectId>;
  Connection& db_;
  std::optional<Asked> asked_;
  Scope scope_;
  int version_;
  std::string namespaces_;
  std::map<std::string, ByOid, std::less<>> objects_;  // by catalog: "pg_class"
  std::unordered_map<std::uint64_t, std::string> columns_;
  std::map<Key, std::string> comments_;
};

// An ACL as aclexplode gives it, one text per entry ("reader=select/1"), without the owner's own.
std::vector<Grant> grants_of(const std::vector<std::string>& entries);
// SQL for such entries as a text[], of an ACL column and its owner's column; NULL = the default =
// {}.
Sql acl_entries(const Expression& acl, const Expression& owner);

}  // namespace schemasync
