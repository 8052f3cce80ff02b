// The journal as data for people and programs: `history --format json`, and where an interrupted
// migration stopped, for `status`.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apply/drift.hpp"
#include "apply/journal.hpp"

namespace schemasync {

// An array, oldest first: id, number, status, applied_at, applied_by, summary, and where there is
// one the backup taken before (file, bytes) and the file that was restored. Indented, with a line
// end behind it.
std::string history_json(const Journal& journal);

struct Stopped {
  std::string id;
  Direction direction = Direction::up;
  int done = 0;
  int total = 0;
  std::string at;     // ISO 8601, UTC; "" when its session ended without a word
  std::string error;  // "" likewise
  std::vector<std::pair<int, std::string>> done_steps;  // number, summary of its change
  std::vector<std::pair<int, std::string>> next_steps;
};
// nullopt: nothing is interrupted.
std::optional<Stopped> stopped_at(Connection& db, const Journal& journal);

// The live database against what the newest migration left. nullopt when nothing was ever applied,
// or the newest migration is interrupted.
std::optional<std::vector<Difference>> drift_since(Connection& db, const Journal& journal,
                                                   const Definitions& live, const Scope& scope);

// Bytes of all that is kept.
std::int64_t kept_bytes(const Journal& journal);

}  // namespace schemasync
