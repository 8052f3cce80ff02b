// What differs between a recorded state and the live database, object by object: drift (live
// against the journal) and a stale plan (live against what the plan was made for).
#pragma once

#include <string>
#include <vector>

#include "model/plan.hpp"

namespace schemasync {

struct Difference {
  enum class Kind { added, removed, changed };  // in the live database
  Kind kind = Kind::changed;
  ObjectId object;
  std::string text;             // of a changed one: "type varchar(100) -> varchar(200)"; else ""
  std::string to_text() const;  // "~ column public.user.email  type varchar(100) -> varchar(200)"
};

std::vector<Difference> differences(const Definitions& recorded, const Definitions& live);

// The same where only part was recorded (a psql file has nothing but its plan, which leaves out
// what the models do not state): other objects, and other attributes, are not looked at.
std::vector<Difference> differences_of_known(const Definitions& recorded, const Definitions& live);

// `live` with comments, owners and grants as they were recorded, where the scope does not manage
// them: who grants something there changes nothing of ours.
Definitions without_unmanaged(Definitions live, const Definitions& recorded, const Scope& scope);

// What moved of what a plan is bound to, since it was made.
std::vector<Difference> moved_since(const Plan& plan, const Definitions& live);

// Attribute by attribute where both are JSON objects, else the whole texts.
std::string described_change(const std::string& from, const std::string& to);

// Without the parts of tables that came or went whole, for a reader.
std::vector<Difference> without_parts(const std::vector<Difference>& differences);

// One line each, indented, for an error message; long lists are cut, with a count.
std::string listed(const std::vector<Difference>& differences);

}  // namespace schemasync
