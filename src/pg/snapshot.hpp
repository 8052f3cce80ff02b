// One snapshot over all reads of a scope, given back at its end, unless the caller has a
// transaction of its own. A statement timeout that fires just as its statement ends hits the
// ROLLBACK, which knows what to do.
#pragma once

#include "pg/connection.hpp"

namespace schemasync {

class Snapshot {
 public:
  explicit Snapshot(Connection& db) : db_(db), is_own_(!db.in_transaction()) {
    if (is_own_) db_.begin_snapshot();
  }
  ~Snapshot() {
    if (is_own_) db_.rollback();
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Connection& db_;
  bool is_own_;
};

}  // namespace schemasync
