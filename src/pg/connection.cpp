#include "pg/connection.hpp"

#include <cstdlib>
#include <pqxx/pqxx>

#include "pg/conninfo.hpp"
#include "pg/rows.hpp"
#include "text/strings.hpp"

// What libpqxx 6.4 to 7.10 have in common is deprecated in one or the other.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace schemasync {

namespace {

// libpqxx hands a notice over with its line end; the sink gets it without.
class NoticeHandler : public pqxx::errorhandler {
 public:
#if PQXX_VERSION_MAJOR < 7
  explicit NoticeHandler(pqxx::connection_base& connection) : pqxx::errorhandler(connection) {}
#else
  explicit NoticeHandler(pqxx::connection& connection) : pqxx::errorhandler(connection) {}
#endif
  bool operator()(const char message[]) noexcept override {
    try {
      if (sink) sink(std::string(trimmed(message)));
    } catch (...) {  // a sink that cannot write must not end the session
    }
    return false;
  }
  std::function<void(const std::string&)> sink;
};

std::string milliseconds(std::int64_t amount) { return std::to_string(amount); }

// Why each setting: what we read and write must not depend on how a role or database is set up.
Sql session_settings(const SessionOptions& options, int server_version, bool check_client) {
  Sql text =
      sql("SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; "
          "SET search_path = pg_catalog; "  // deparsed names come out qualified
          "SET row_security = off; "        // an error instead of a silent half of the rows
          "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; "
          "SET extra_float_digits = 3; SET quote_all_identifiers = off; "
          "SET jit = off; "  // catalog queries cost more to compile than to run
          "SET idle_in_transaction_session_timeout = '10min'");
  const auto set = [&text](SqlPattern<Sql> setting, const Literal& value) {
    text += sql(setting, Sql(value));
  };
  set("; SET application_name = {}", {options.application_name});
  set("; SET statement_timeout = {}", {milliseconds(options.statement_timeout_ms)});
  set("; SET lock_timeout = {}", {milliseconds(options.lock_timeout_ms)});
  // From 14 a running statement notices that its client is gone, and lets its locks go.
  if (check_client && server_version >= 140000)
    text += sql("; SET client_connection_check_interval = '1s'");
  if (!options.role.empty()) text += sql("; SET ROLE {}", Identifier{options.role});
  return text;
}

// "ERROR:  relation …\nDETAIL:  …\n" without the word that every message of ours begins with.
std::string server_text(const char* what) {
  std::string_view text = trimmed(what);
  if (text.starts_with("ERROR:  ")) text.remove_prefix(8);
  return std::string(text);
}

}  // namespace

struct Connection::Body {
  std::string given_url;
  SessionOptions given_options;
  Conninfo conninfo;
  std::unique_ptr<pqxx::connection> connection;
  std::unique_ptr<NoticeHandler> notices;
  // libpqxx runs statements inside a transaction object only. This one sends them as they are;
  // BEGIN and COMMIT are statements of ours.
  std::unique_ptr<pqxx::nontransaction> channel;
  int version = 0;
  int backend_pid = 0;
  bool in_transaction = false;
  bool has_failed = false;  // the transaction only waits for its ROLLBACK

  pqxx::result run(const Sql& statement, const std::vector<std::optional<std::string>>* parameters);
  void connect(const std::string& url);
  void set_up(const SessionOptions& options);
  void catch_up();
};

namespace {

pqxx::result exec_with(pqxx::nontransaction& channel, const std::string& text,
                       const std::vector<std::optional<std::string>>& parameters) {
#if PQXX_VERSION_MAJOR < 7
  std::vector<const char*> values;
  for (const auto& one : parameters) values.push_back(one ? one->c_str() : nullptr);
  return channel.exec_params(text, pqxx::prepare::make_dynamic_params(values));
#else
  pqxx::params values;
  for (const auto& one : parameters)
    if (one)
      values.append(*one);
    else
      values.append();
  return channel.exec_params(text, values);
#endif
}

}  // namespace

pqxx::result Connection::Body::run(const Sql& statement,
                                   const std::vector<std::optional<std::string>>* parameters) {
  try {
    pqxx::result result = parameters != nullptr ? exec_with(*channel, statement.str(), *parameters)
                                                : channel->exec(statement.str());
    has_failed = false;
    return result;
  } catch (const pqxx::sql_error& error) {
    has_failed = true;
    throw DatabaseError(server_text(error.what()), connection->is_open() ? error.sqlstate() : "",
                        statement.str());
  } catch (const pqxx::failure& error) {  // broken_connection, in_doubt_error
    has_failed = true;
    throw DatabaseError("the connection was lost: " + server_text(error.what()), "",
                        statement.str());
  }
}

// A timeout that fires just as its statement ends is answered with the next one (PostgreSQL looks
// for it before it reads on); the answer to that one then comes as the answer to the one behind it.
// Asks until question and answer fit.
void Connection::Body::catch_up() {
  constexpr int most = 10;
  for (int i = 0; i < most; ++i) {
    channel.reset();
    connection->get_notifs();  // takes what has come, and nobody asked for
    channel = std::make_unique<pqxx::nontransaction>(*connection);
    const std::string mark = "schemasync " + std::to_string(i);
    try {
      const pqxx::result answer = channel->exec("SELECT '" + mark + "'");
      if (answer.size() == 1 && answer.columns() == 1 && answer[0][0].c_str() == mark) return;
    } catch (const pqxx::sql_error&) {
    }
  }
}

void Connection::Body::connect(const std::string& url) {
  conninfo = parse_conninfo(url);
  Conninfo complete = conninfo;
  if (!complete.contains("connect_timeout") && std::getenv("PGCONNECT_TIMEOUT") == nullptr)
    complete["connect_timeout"] = "10";
  try {
    connection = std::make_unique<pqxx::connection>(conninfo_text(complete));
  } catch (const pqxx::failure& error) {
    const std::string said = error.what();
    // Who waited for a timeout does not want to wait for it again.
    const bool is_silent = said.find("timeout expired") != std::string::npos;
    throw connection_error(conninfo, said, is_silent ? "" : refusal_of(complete));
  }
#if PQXX_VERSION_MAJOR < 7
  connection->inhibit_reactivation(true);  // 6.x would go on in a new session, without our locks
#endif
}

void Connection::Body::set_up(const SessionOptions& options) {
  version = connection->server_version();
  backend_pid = connection->backendpid();
  if (version < 130000)
    throw Error("the server is PostgreSQL " + std::to_string(version / 10000) +
                    ", and schemasync needs 13 or newer",
                "upgrade the server, or name another one in the url");
  notices = std::make_unique<NoticeHandler>(*connection);
  channel = std::make_unique<pqxx::nontransaction>(*connection);
  try {
    try {
      run(session_settings(options, version, true), nullptr);
    } catch (const DatabaseError& error) {
      // Servers on macOS and Windows cannot watch their clients and refuse the setting.
      if (error.sqlstate() != "22023") throw;
      run(session_settings(options, version, false), nullptr);
    }
  } catch (const DatabaseError& error) {
    if (options.role.empty()) throw;
    throw Error("cannot become role " + display_name(options.role) + ": " + error.what(),
                "name a role that exists and that " + display_name(connection->username()) +
                    " is a member of");
  }
}

Connection::Connection(const std::string& url, const SessionOptions& options)
    : body_(std::make_unique<Body>()) {
  body_->given_url = url;
  body_->given_options = options;
  body_->connect(url);
  body_->set_up(options);
}

Connection::~Connection() = default;

Rows Connection::query(const Sql& statement) {
  Rows rows;
  rows.body_ = std::make_unique<Rows::Body>(body_->run(statement, nullptr));
  return rows;
}

Rows Connection::query(const Sql& statement,
                       const std::vector<std::optional<std::string>>& parameters) {
  Rows rows;
  rows.body_ = std::make_unique<Rows::Body>(body_->run(statement, &parameters));
  return rows;
}

void Connection::execute(const Sql& statement) { body_->run(statement, nullptr); }

void Connection::execute_one(const Sql& statement) {
  const std::vector<std::optional<std::string>> none;
  body_->run(statement, &none);
}

void Connection::begin() {
  body_->run(sql("BEGIN ISOLATION LEVEL READ COMMITTED"), nullptr);
  body_->in_transaction = true;
}

void Connection::begin_snapshot() {
  body_->run(sql("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"), nullptr);
  body_->in_transaction = true;
}

void Connection::share_snapshot(Connection& of) {
  const Rows rows = of.query(sql("SELECT pg_export_snapshot()"));
  begin_snapshot();
  execute(sql("SET TRANSACTION SNAPSHOT {}", Literal{std::string(rows.text(0, 0))}));
}

std::unique_ptr<Connection> Connection::another() const {
  return std::make_unique<Connection>(body_->given_url, body_->given_options);
}

void Connection::commit() {
  const Sql statement = sql("COMMIT");
  // PostgreSQL answers COMMIT of a failed transaction with a silent ROLLBACK.
  const bool has_failed = body_->has_failed;
  body_->in_transaction = false;
  if (has_failed) {
    rollback();
    throw DatabaseError("the transaction failed before, and was rolled back", "25P02",
                        statement.str());
  }
  try {
    body_->run(statement, nullptr);
  } catch (const DatabaseError& error) {
    body_->has_failed = false;
    if (!error.sqlstate().empty()) throw;
    throw DatabaseError(
        std::string(error.what()) + "\nwhether the server committed is not known: read the journal",
        "", statement.str());
  }
}

void Connection::rollback() noexcept {
  body_->in_transaction = false;
  try {
    try {
      body_->run(sql("ROLLBACK"), nullptr);
    } catch (const DatabaseError& error) {
      if (error.sqlstate() == "57014") body_->catch_up();
    }
  } catch (...) {  // a lost connection: the server rolls back by itself
  }
  body_->has_failed = false;
}

bool Connection::in_transaction() const { return body_->in_transaction; }
int Connection::server_version() const { return body_->version; }
int Connection::backend_pid() const { return body_->backend_pid; }

bool Connection::is_alive() {
  try {
    body_->channel->exec("SELECT");
    return true;
  } catch (const pqxx::sql_error&) {  // inside a failed transaction the answer is an error
    return body_->connection->is_open();
  } catch (const pqxx::failure&) {
    return false;
  }
}

void Connection::cancel() {
  try {
    body_->connection->cancel_query();
  } catch (const std::exception&) {  // nothing runs any more; of a connection that broke libpqxx
  }                                  // says bad_alloc
}

std::string Connection::database() const { return body_->connection->dbname(); }
std::string Connection::user() const { return body_->connection->username(); }

std::string Connection::host() const {
  const char* host = body_->connection->hostname();
  return host != nullptr && *host != '\0' ? host : "localhost";
}

int Connection::port() const {
  const char* port = body_->connection->port();
  return port != nullptr && *port != '\0' ? std::atoi(port) : 5432;
}

void Connection::on_notice(std::function<void(const std::string&)> sink) {
  body_->notices->sink = std::move(sink);
}

std::string shown_target(const Connection& db) {
  const std::string host = db.host();
  if (host.starts_with("/") || host.starts_with("@")) return db.database() + " at " + host;
  return db.database() + " at " + host + ":" + std::to_string(db.port());
}

}  // namespace schemasync
