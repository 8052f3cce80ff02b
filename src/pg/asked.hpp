// Queries that connections are asked in threads of their own, each the next one as soon as it is
// free: what comes first is used while the server works at what comes next.
#pragma once

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "pg/connection.hpp"

namespace schemasync {

class Asked {
 public:
  // Begins at once. Nobody else uses the connections before wait() or the last next(); they outlive
  // this.
  Asked(std::vector<Connection*> connections, std::vector<Sql> queries);
  ~Asked();  // what is still asked is cancelled
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  // The answers in the order of the queries, each once. Waits; throws DatabaseError of its query.
  Rows next();
  // Until the connections are free again.
  void wait();

 private:
  void ask(Connection& db);

  std::vector<Connection*> connections_;
  std::vector<Sql> queries_;
  std::vector<std::promise<Rows>> promised_;
  std::vector<std::future<Rows>> answers_;
  std::atomic<std::size_t> begun_ = 0;
  std::size_t taken_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace schemasync
