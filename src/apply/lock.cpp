#include "apply/lock.hpp"

#include <thread>

#include "apply/backoff.hpp"
#include "model/journal_sql.hpp"
#include "text/strings.hpp"

namespace schemasync {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Our key as pg_locks shows it: a bigint key is split over classid and objid, objsubid is 1.
Sql is_our_lock() {
  return sql(
      "l.locktype = 'advisory' AND l.granted AND l.classid = {}::oid AND l.objid = {}::oid AND "
      "l.objsubid = 1 AND l.database = (SELECT oid FROM pg_database WHERE datname = "
      "current_database())",
      apply_lock_key >> 32, apply_lock_key & std::int64_t{0xffffffff});
}

bool try_lock(Connection& db) {
  return db.query(sql("SELECT pg_try_advisory_lock({})", apply_lock_key)).truth(0, 0);
}

bool poll(Connection& db, const LockOptions& options, bool& told) {
  const auto end = steady_clock::now() + milliseconds(options.timeout_ms);
  Backoff backoff(milliseconds(50), milliseconds(1000));
  for (;;) {
    if (try_lock(db)) return true;
    if (!told && options.on_wait) {
      told = true;
      if (const auto holder = lock_holder(db))
        options.on_wait("waiting for the lock of " + holder->to_text());
    }
    const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
    if (left.count() <= 0) return false;
    std::this_thread::sleep_for(std::min(backoff.next(), left));
  }
}

void terminate_holder(Connection& db) {
  db.query(
      sql("SELECT pg_terminate_backend(l.pid) FROM pg_locks AS l WHERE {} AND l.pid <> "
          "pg_backend_pid()",
          is_our_lock()));
}

}  // namespace

std::string LockHolder::to_text() const {
  std::vector<std::string> known;
  if (!application.empty()) known.push_back(application);
  if (!user.empty()) known.push_back("user " + display_name(user));
  if (!client.empty()) known.push_back("from " + client);
  if (!since.empty()) known.push_back("since " + since);
  std::string out = "process " + std::to_string(pid);
  if (!known.empty()) out += " (" + joined(known, ", ") + ")";
  return out;
}

std::optional<LockHolder> lock_holder(Connection& db) {
  const Rows rows = db.query(
      sql("SELECT l.pid, a.application_name, a.usename, to_char(coalesce(a.xact_start, "
          "a.backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS \"UTC\"'), CASE WHEN a.pid "
          "IS NOT NULL THEN coalesce(host(a.client_addr), 'this host, by socket') END FROM "
          "pg_locks AS l LEFT JOIN pg_stat_activity AS a USING (pid) WHERE {} AND l.pid <> "
          "pg_backend_pid()",
          is_our_lock()));
  if (rows.size() == 0) return std::nullopt;
  LockHolder holder;
  holder.pid = static_cast<int>(rows.number(0, 0));
  holder.application = rows.text(0, 1);
  holder.user = rows.text(0, 2);
  holder.since = rows.text(0, 3);
  holder.client = rows.text(0, 4);
  return holder;
}

ApplyLock::ApplyLock(Connection& db, const LockOptions& options) : db_(db), pid_(db.backend_pid()) {
  bool told = false;
  if (poll(db, options, told)) return;
  if (options.terminate) {
    terminate_holder(db);
    if (poll(db, options, told)) return;
  }
  const auto holder = lock_holder(db);
  throw Error("another schemasync is changing this database: " +
                  (holder ? holder->to_text() : std::string("a session that has just ended")) +
                  " holds the lock; waited " + std::to_string(options.timeout_ms) + " ms",
              "wait until it is done; when its client is gone, --terminate ends that session");
}

ApplyLock::~ApplyLock() {
  try {
    if (db_.in_transaction()) db_.rollback();
    if (db_.backend_pid() == pid_) db_.query(sql("SELECT pg_advisory_unlock({})", apply_lock_key));
  } catch (const std::exception&) {
    // The session is gone, and the lock with it.
  }
}

void ApplyLock::check() const {
  const Rows rows = db_.query(
      sql("SELECT pg_backend_pid() = {} AND EXISTS (SELECT FROM pg_locks AS l WHERE {} AND l.pid = "
          "pg_backend_pid())",
          std::int64_t{pid_}, is_our_lock()));
  if (!rows.truth(0, 0))
    throw Error("the session has lost its lock: a connection pooler changed the backend",
                "connect to PostgreSQL itself, or through a pooler in session mode");
}

}  // namespace schemasync
