// Which object of the models is which object of the database, before anything is compared: names
// that the models leave out, aspects that they do not state, and what they do not speak of at all.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "kinds/schema_of.hpp"
#include "model/scope.hpp"

namespace schemasync {

// An unnamed constraint, index or serial's sequence takes the name of an equal one in the database.
// Matching is over multisets, by name first, then by definition. True when any name was adopted.
bool adopt_names(Schema& wanted, const Schema& live);

// Aspects that are not managed and not stated become the live object's (never diffed, kept when the
// object is made again); managed and absent means PostgreSQL's default. `owner`: who connects.
// `roles`: role names of the models -> this env's.
void adopt_aspects(Schema& wanted, const Schema& live, const Scope& scope, const std::string& owner,
                   const std::map<std::string, std::string>& roles);

// In the database and not in the models: tables and objects of their own; a part only with its
// table.
std::vector<ObjectId> objects_beside(const Schema& wanted, const Schema& live);

// Takes objects with all their parts out of a schema.
void remove_objects(Schema& schema, const std::vector<ObjectId>& objects);

}  // namespace schemasync
