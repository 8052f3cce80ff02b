// PostgreSQL cannot move a column: another order is worth a note, and no change.
#pragma once

#include <optional>
#include <string>

#include "kinds/schema_of.hpp"

namespace schemasync {

// Names the tables whose columns, those that both sides have, stand in another order.
std::optional<std::string> note_of_column_order(const Schema& live, const Schema& models);

}  // namespace schemasync
