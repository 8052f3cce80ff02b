// Ctrl-C and SIGTERM while apply or rollback runs: the running statement is cancelled, the segment
// rolls back, and the journal says where it stood. A thread waits for the signals, because
// cancelling opens a connection, which a signal handler must not.
#pragma once

#include <atomic>
#include <csignal>
#include <thread>

#include "pg/connection.hpp"

namespace schemasync {

class InterruptWatch {
 public:
  explicit InterruptWatch(Connection& db);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  bool interrupted() const { return interrupted_; }
  // Throws Error when a signal came. Before each statement: one that came in between cancels none.
  void stop_if_interrupted() const;

 private:
  void watch(Connection& db, const sigset_t& signals);

  std::atomic<bool> interrupted_{false};
  std::atomic<bool> done_{false};
  sigset_t before_{};
  std::thread thread_;
};

}  // namespace schemasync
