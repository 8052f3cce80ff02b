// Hand-made plans over one small table, and a catalog reader that sees tables and columns only: the
// executor, the journal and rollback are tested without kinds and planner.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apply/executor.hpp"
#include "apply/rollback.hpp"

namespace schemasync::testing {

// A database of its own on the test server, dropped at the end. Holds
//   card(id integer PRIMARY KEY, name text NOT NULL, daily_limit double precision), three rows.
class Target {
 public:
  Target();
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  Connection connect() const { return Connection(url_); }
  const std::string& url() const { return url_; }
  // Rows as text, one line a row, cells parted by "|".
  std::string ask(const std::string& query) const;
  void run(const std::string& statements) const;
  Definitions definitions() const;

 private:
  std::string name_;
  std::string url_;
};

Definitions read_tables(Connection& db, const Scope& scope);

ObjectId column(const std::string& name);

// A plan from `from` to itself with the changes' objects edited: numbers its segments one a change.
class PlanOf {
 public:
  explicit PlanOf(const Target& target, const std::string& models_hash = "models");
  PlanOf& add_notes();               // ADD COLUMN notes; the way back keeps the values
  PlanOf& drop_daily_limit();        // keeps the values
  PlanOf& fail_once_unless_ready();  // a step that fails while table public.ready is not there
  PlanOf& change(Change change);
  Plan plan() const;

 private:
  Plan plan_;
};

ApplyDoors doors();
ApplyOptions quick();  // short timeouts
RollbackOptions quick_back();

}  // namespace schemasync::testing
