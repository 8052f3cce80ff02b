// Roles that the models name, as owners or in grants, and the server does not have: found before
// anything runs, because the step that first names one would stop an apply half-way.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kinds/schema_of.hpp"
#include "pg/connection.hpp"
#include "text/error.hpp"

namespace schemasync {

// One mistake a role, where the models name it first. `roles`: role names of the models -> those of
// env `env`. One query, and none where the models name no role.
std::vector<Mistake> missing_roles(Connection& db, const Schema& wanted,
                                   const std::map<std::string, std::string>& roles,
                                   const std::string& env);

}  // namespace schemasync
