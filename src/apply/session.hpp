// Settings of one transaction of ours: timeouts and the search path, set and put back with it.
#pragma once

#include <cstdint>
#include <string>

#include "text/error.hpp"
#include "text/sql.hpp"

namespace schemasync {

struct LocalTimeouts {
  std::int64_t lock_ms = 0;  // 0 = none
  std::int64_t statement_ms = 0;
  bool operator==(const LocalTimeouts&) const = default;
};
Sql set_local_timeouts(const LocalTimeouts& timeouts);

// "": pg_catalog alone, where SQL of ours names everything in full; else "<schema>, public", where
// SQL of a model finds its types, functions and operators.
Sql set_local_search_path(const std::string& schema);

bool ran_out_of_time(const DatabaseError& error);   // statement_timeout or lock_timeout
bool is_worth_a_retry(const DatabaseError& error);  // lock_timeout, deadlock, serialization

}  // namespace schemasync
