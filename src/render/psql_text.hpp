// SQL as psql reads it: psql replaces :name by its variables, also in SQL that a user wrote with a
// colon in it, and ends a statement at each semicolon outside quotes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace schemasync {

// Names in the SQL that stand for a psql variable: {"{archive}", "schemasync_archive_3"}.
using PsqlNames = std::map<std::string, std::string>;

// The statement ready for a psql file, without its semicolon: lone colons are escaped, and a quoted
// name that is one of `names` becomes :"variable". nullopt when one of `names` stands anywhere else
// (inside a DO block, or as the beginning of a longer name).
std::optional<std::string> for_psql(std::string_view sql, const PsqlNames& names = {});

// The same statement made by the server at run time and sent again with \gexec.
std::string by_gexec(std::string_view sql, const PsqlNames& names);
// An expression that evaluates to the statement as it runs.
std::string text_at_run_time(std::string_view sql, const PsqlNames& names);

// $schemasync$…$schemasync$, with a tag that does not stand in the text.
std::string dollar_quoted(std::string_view text);
// One argument of a psql command.
std::string psql_argument(std::string_view text);

}  // namespace schemasync
