// `rollback --fill TABLE.COLUMN=VALUE`: gives VALUE to the rows that have none where the way back
// needs one, or whose value it refuses, and to no other row.
#pragma once

#include <string_view>

#include "apply/run.hpp"

namespace schemasync {

// "expense.priority=low", "crm.person.region=EU": split at the first "=" behind the names. Throws
// Error when it is not one.
Fill parse_fill(std::string_view text);

// UPDATE … WHERE the column IS NULL.
Sql filling_missing(const Fill& fill);
// Says with what the statements of Step::filling fill, until the transaction ends.
Sql filling_with(const Fill& fill);

// In a transaction: UPDATE … WHERE the column IS NULL, with the user's triggers of the table off
// and put back as they were. Does nothing while the column is not there or forbids NULL already.
void fill_missing(Connection& db, const Fill& fill);

// Throws Error when the column, as `before` knows it, does not take the value.
void refuse_unfit(Connection& db, const Fill& fill, const Before& before);

// Which rows a fill of the change's column would give a value, of those that the check found.
enum class Fillable { none, missing, refused };
Fillable fillable(const Change& change, const Check& check);

// "--fill debitcard.note=VALUE", as the shell takes it, for the change's column.
std::string fill_option(const Change& change);

// What the fills of a rollback replaced, and where it is: "2 values of m.v replaced by the one of
// --fill; kept (schemasync.a4) until the same change is applied again".
std::vector<std::string> notes_of_replaced(Connection& db, int migration);

}  // namespace schemasync
