// Names for what the models leave unnamed: the [naming] pattern of its kind, else PostgreSQL's own
// rule (makeObjectName in src/backend/commands/indexcmds.c: the longer part is shortened first,
// never inside a character, 63 bytes at most).
#pragma once

#include <string>
#include <vector>

#include "model/scope.hpp"

namespace schemasync {

// expense + {user_id} + "fkey" -> "expense_user_id_fkey". `pass`: how many names were taken before:
// the next one is "expense_user_id_fkey1".
std::string object_name(const Naming& naming, const std::string& kind, const std::string& table,
                        const std::vector<std::string>& columns, const std::string& suffix,
                        int pass = 0);

// PostgreSQL's rule alone; either name may be empty.
std::string postgres_name(std::string_view first, std::string_view second, std::string_view suffix);

}  // namespace schemasync
