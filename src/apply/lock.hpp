// The advisory lock of whoever changes the target (apply, rollback, a plan's psql file): one at a
// time. It belongs to the session that runs the steps, is polled outside any transaction (a waiter
// that holds a snapshot deadlocks with CREATE INDEX CONCURRENTLY), and is checked again before each
// segment, because a pooler may hand a transaction to another backend.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "pg/connection.hpp"

namespace schemasync {

struct LockHolder {
  int pid = 0;
  std::string application;  // these may be hidden from a role without pg_read_all_stats: ""
  std::string user;
  std::string since;
  std::string client;
  std::string to_text() const;  // `process 4711 (schemasync, user anna, from 10.0.0.5, since …)`
};

// Who holds our key in this database, other than this session.
std::optional<LockHolder> lock_holder(Connection& db);

struct LockOptions {
  std::int64_t timeout_ms = 3000;
  bool terminate = false;  // after the timeout: end the holder's session, and take the lock
  std::function<void(const std::string&)> on_wait;  // once, naming the holder
};

class ApplyLock {
 public:
  // Throws Error (exit 1) that names the holder and the way out when the lock is not to be had.
  ApplyLock(Connection& db, const LockOptions& options);
  ~ApplyLock();  // gives it back, if the connection still stands
  ApplyLock(const ApplyLock&) = delete;
  ApplyLock& operator=(const ApplyLock&) = delete;

  // Throws Error when the session is another one or has lost the lock.
  void check() const;

 private:
  Connection& db_;
  int pid_;
};

}  // namespace schemasync
