// One session on a PostgreSQL server, with the settings that every session of ours has
// (TimeZone=UTC, search_path=pg_catalog, row_security=off, … : connection.cpp names each and why).
// pg/ is the only includer of libpqxx. A lost connection is an error for ever: never a silent
// reconnect, because the advisory lock and the settings would be gone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/error.hpp"
#include "text/sql.hpp"

namespace schemasync {

// The answer to one query. Views point into it and live as long as it does.
class Rows {
 public:
  Rows();
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();

  std::size_t size() const;  // rows
  std::size_t columns() const;
  std::string column_name(std::size_t column) const;
  bool is_null(std::size_t row, std::size_t column) const;
  std::string_view text(std::size_t row, std::size_t column) const;  // "" for NULL
  std::int64_t number(std::size_t row, std::size_t column) const;    // 0 for NULL
  bool truth(std::size_t row, std::size_t column) const;  // a boolean column; false for NULL
  std::optional<std::string> maybe(std::size_t row, std::size_t column) const;
  // A text[] column's elements; NULL elements and a NULL array read as "" and {}.
  std::vector<std::string> list(std::size_t row, std::size_t column) const;

 private:
  friend class Connection;
  struct Body;
  std::unique_ptr<Body> body_;
};

struct SessionOptions {
  std::string application_name = "schemasync";
  std::string role;                       // SET ROLE after connecting; "" = none
  std::int64_t statement_timeout_ms = 0;  // 0 = none
  std::int64_t lock_timeout_ms = 0;
};

class Connection {
 public:
  // `url`: a connection URI or a key=value string, completed by PG* variables, ~/.pgpass and
  // service files through libpq. Throws Error (exit 1) that says what failed and what to do:
  // unreachable, wrong password, no such database, no rights, server older than 13. Never shows a
  // password.
  explicit Connection(const std::string& url, const SessionOptions& options = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Outside begin(): each call is a transaction of its own, sent alone, so that statements that
  // refuse a transaction block work. Throws DatabaseError.
  Rows query(const Sql& statement);
  void execute(const Sql& statement);  // may hold several statements
  // Refuses several: what stands in a model must not end its own statement and begin another.
  void execute_one(const Sql& statement);
  // Parameters are sent apart from the text ($1, $2, …).
  Rows query(const Sql& statement, const std::vector<std::optional<std::string>>& parameters);

  void begin();                         // READ COMMITTED
  void begin_snapshot();                // REPEATABLE READ, READ ONLY
  void share_snapshot(Connection& of);  // the one that `of` has open
  // Another connection to the same place, set up alike. Throws what the constructor throws.
  std::unique_ptr<Connection> another() const;
  void commit();
  void rollback() noexcept;
  bool in_transaction() const;

  int server_version() const;  // 150018
  int backend_pid() const;
  bool is_alive();  // the same backend still answers
  void cancel();    // from another thread; it allocates, so not from a signal handler
  std::string database() const;
  std::string user() const;
  std::string host() const;  // "localhost", or the socket's folder
  int port() const;
  // NOTICEs and WARNINGs of the server, one call each.
  void on_notice(std::function<void(const std::string&)> sink);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

// RAII: rolls back unless commit() was called.
class Transaction {
 public:
  explicit Transaction(Connection& db) : db_(db) { db_.begin(); }
  ~Transaction() {
    if (!done_) db_.rollback();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    db_.commit();
    done_ = true;
  }

 private:
  Connection& db_;
  bool done_ = false;
};

// The place a connection string leads to, without its password: "expenses_db at localhost:5432".
std::string shown_target(const Connection& db);

// A connection string with every password removed (URI user info, password=, and ?password=), for
// messages.
std::string without_password(const std::string& url);

}  // namespace schemasync
