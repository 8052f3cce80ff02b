// `rollback --fill TABLE.COLUMN=VALUE`: gives VALUE to the rows that have none where the way back
// needs one, and to no other row.
#pragma once

#include <string_view>

#include "apply/run.hpp"

namespace schemasync {

// "expense.priority=low", "crm.person.region=EU": split at the first "=" behind the names. Throws
// Error when it is not one.
Fill parse_fill(std::string_view text);

// In a transaction: UPDATE … WHERE the column IS NULL, with the user's triggers of the table off
// and put back as they were. Does nothing while the column is not there or forbids NULL already.
void fill_missing(Connection& db, const Fill& fill);

// Would the fill give values to the rows that this check found?
bool settles(const Fill& fill, const Change& change, const Check& check);

}  // namespace schemasync
