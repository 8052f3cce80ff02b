// Really drops what was kept: what is back already, all of it, or was left (`--discard-kept`), and,
// where an age is given, what is older than that. A kept table or copy of values is emptied rather
// than dropped, so that a rollback that goes on without the data (`--allow data-loss`) still finds
// its shape.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apply/journal.hpp"
#include "apply/run.hpp"

namespace schemasync {

struct Purgeable {
  std::int64_t number = 0;  // of the archive
  std::string migration;    // id
  ObjectId object;
  std::string state;    // kept, restored, discarded
  std::string made_at;  // "2026-01-04"
  std::int64_t bytes = 0;
  bool loses_way_back = false;      // a rollback over `migration` has no data then
  bool holds_rest = false;          // it came back but for rows and values that are nowhere else
  std::vector<std::string> tables;  // in schema schemasync
  std::vector<std::string> sequences;
  std::vector<HiddenColumn> columns;
};

// By number. `older_than`: seconds.
std::vector<Purgeable> purgeable(Connection& db, std::optional<std::int64_t> older_than);

// "30d", "12h", "2w": seconds. Throws Error for anything else.
std::int64_t parse_age(const std::string& text);

// One transaction. For who holds the lock. Does nothing when the archive changed its state
// meanwhile (false).
bool purge(Connection& db, const Purgeable& one, const Timeouts& timeouts);

}  // namespace schemasync
