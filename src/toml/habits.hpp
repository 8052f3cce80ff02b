// What people write who come from an ORM, and how it is written here. The readers of columns and
// tables give these to Section::hint_with.
#pragma once

#include <string>
#include <string_view>

#include "toml/node.hpp"

namespace schemasync {

// `column`: its name; `table`: what is written for it. "": not a habit that is known.
std::string column_habit(std::string_view column, const Node& table, const Entry& unknown);
std::string table_habit(std::string_view table, const Entry& unknown);

}  // namespace schemasync
