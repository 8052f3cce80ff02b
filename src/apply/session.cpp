#include "apply/session.hpp"

namespace schemasync {

Sql set_local_timeouts(const LocalTimeouts& timeouts) {
  return sql("SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {}", timeouts.lock_ms,
             timeouts.statement_ms);
}

Sql set_local_search_path(const std::string& schema) {
  if (schema.empty()) return sql("SET LOCAL search_path = pg_catalog");
  return sql("SET LOCAL search_path = {}, public", Identifier{schema});
}

bool ran_out_of_time(const DatabaseError& error) {
  return error.sqlstate() == "57014" || error.sqlstate() == "55P03";
}

bool is_worth_a_retry(const DatabaseError& error) {
  return error.sqlstate() == "55P03" || error.sqlstate() == "40P01" || error.sqlstate() == "40001";
}

}  // namespace schemasync
