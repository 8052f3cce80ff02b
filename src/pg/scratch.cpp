#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>

#include "pg/connection.hpp"
#include "pg/conninfo.hpp"
#include "pg/server.hpp"
#include "text/digest.hpp"
#include "text/strings.hpp"

namespace schemasync {

namespace {

constexpr std::string_view prefix = "schemasync_scratch_";

// Process numbers mean something on one machine only (in one container), and a server is shared.
std::string machine() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  struct stat processes {};
  stat("/proc/self/ns/pid", &processes);
  return sha256(std::string(name) + ":" + std::to_string(processes.st_ino)).substr(0, 8);
}

std::string unique_name() {
  static std::atomic<int> made = 0;
  return std::string(prefix) + machine() + "_" + std::to_string(getpid()) + "_" +
         std::to_string(++made);
}

// Made by a process of this machine that is gone?
bool is_left_over(std::string_view name) {
  const std::string ours = std::string(prefix) + machine() + "_";
  if (!name.starts_with(ours)) return false;
  name.remove_prefix(ours.size());
  pid_t maker = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), maker);
  return read.ec == std::errc() && maker > 1 && kill(maker, 0) != 0 && errno == ESRCH;
}

std::string random_password() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
    throw Error("the system gives no random numbers");
  std::string text;
  constexpr std::string_view digits = "0123456789abcdef";
  for (const unsigned char byte : bytes) text += {digits[byte >> 4], digits[byte & 15]};
  return text;
}

void drop_leftovers(Connection& db) {
  const Rows databases =
      db.query(sql("SELECT datname FROM pg_database d WHERE starts_with(datname, {}) "
                   "AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)",
                   Literal{std::string(prefix)}));
  for (std::size_t row = 0; row < databases.size(); ++row)
    if (is_left_over(databases.text(row, 0)))
      db.execute(
          sql("DROP DATABASE IF EXISTS {}", Identifier{std::string(databases.text(row, 0))}));
  const Rows roles =
      db.query(sql("SELECT rolname FROM pg_roles r WHERE starts_with(rolname, {}) "
                   "AND NOT EXISTS (SELECT FROM pg_database d WHERE d.datdba = r.oid)",
                   Literal{std::string(prefix)}));
  for (std::size_t row = 0; row < roles.size(); ++row)
    if (is_left_over(roles.text(row, 0)))
      db.execute(sql("DROP ROLE IF EXISTS {}", Identifier{std::string(roles.text(row, 0))}));
}

}  // namespace

struct ScratchDatabase::Body {
  std::unique_ptr<Connection> db;
  std::string name;
  bool has_role = false;
  std::string url;
  std::string superuser_url;

  ~Body() {
    try {
      if (db) drop();
    } catch (...) {  // the server is gone, or another process finds it later
    }
  }

  void make(const std::string& server_url) {
    const Rows rights =
        db->query(sql("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"));
    const bool is_superuser = rights.truth(0, 0);
    if (!is_superuser && !rights.truth(0, 1))
      throw Error(
          "role " + display_name(db->user()) + " may not make a scratch database on " +
              shown_target(*db),
          "ALTER ROLE " + display_name(db->user()) + " CREATEDB, or use the embedded server");
    try {
      drop_leftovers(*db);
    } catch (const DatabaseError&) {  // somebody else is just dropping them
    }
    Conninfo target = parse_conninfo(server_url);
    name = unique_name();
    target["dbname"] = name;
    if (is_superuser) {
      superuser_url = conninfo_text(target);
      target["user"] = name;
      target["password"] = random_password();
      db->execute(sql("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}",
                      Identifier{name}, Literal{target["password"]}));
      has_role = true;
    }
    url = conninfo_text(target);
    db->execute(create_statement(is_superuser ? name : db->user()));
  }

  // template0: what an administrator put into template1 is not in the models.
  Sql create_statement(const std::string& owner) const {
    const Sql statement =
        sql("CREATE DATABASE {} OWNER {} TEMPLATE template0", Identifier{name}, Identifier{owner});
    return db->server_version() >= 150000 ? statement + sql(" STRATEGY file_copy") : statement;
  }

  void drop() {
    db->execute(sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", Identifier{name}));
    if (has_role) db->execute(sql("DROP ROLE IF EXISTS {}", Identifier{name}));
  }
};

ScratchDatabase::ScratchDatabase(const std::string& server_url) : body_(std::make_unique<Body>()) {
  body_->db = std::make_unique<Connection>(server_url);
  body_->make(server_url);
}

ScratchDatabase::~ScratchDatabase() = default;

const std::string& ScratchDatabase::url() const { return body_->url; }
const std::string& ScratchDatabase::superuser_url() const { return body_->superuser_url; }

}  // namespace schemasync
