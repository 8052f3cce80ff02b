// Queries that a connection is asked one after another in a thread of its own: what comes first is
// used while the server works at what comes next.
#pragma once

#include <future>
#include <thread>
#include <vector>

#include "pg/connection.hpp"

namespace schemasync {

class Asked {
 public:
  // Begins at once. Nobody else uses `db` before wait() or the last next(); it outlives this.
  Asked(Connection& db, std::vector<Sql> queries);
  ~Asked();  // what is still asked is cancelled
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  // The answers in the order of the queries, each once. Waits; throws DatabaseError of its query.
  Rows next();
  // Until the connection is free again.
  void wait();

 private:
  Connection& db_;
  std::vector<std::future<Rows>> answers_;
  std::size_t taken_ = 0;
  std::thread thread_;
};

}  // namespace schemasync
