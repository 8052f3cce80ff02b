// What stands on a table and would go on reading and writing its archive once it is moved away.
#pragma once

#include "kinds/context.hpp"

namespace schemasync {

// Asked before the table goes, either way: views, rules, policies, functions, foreign keys, columns
// of its row type and defaults by its sequences that this schema does not know.
Check nothing_unknown_stands_on(const Table& table, const Context& context);

}  // namespace schemasync
