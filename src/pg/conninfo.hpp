// Connection strings as libpq reads them (URI or key=value), taken apart and put together again,
// and the sentence for a connection that failed. Used inside pg/ only; callers use connection.hpp.
// Refuses a string whose password would end up in a host name or port, and never repeats a
// password.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "text/error.hpp"

namespace schemasync {

// libpq's keywords and their values, as given: nothing filled in from the environment.
using Conninfo = std::map<std::string, std::string>;

Conninfo parse_conninfo(const std::string& url);
std::string conninfo_text(const Conninfo& conninfo);  // host='…' port='5432' …

// The same place with another database.
std::string url_for_database(const std::string& url, const std::string& database);

// Replaces each secret (the password of `conninfo`, PGPASSWORD) by "***".
std::string scrubbed(std::string text, const Conninfo& conninfo);

// What libpq says of a failed connection, one cause for each address that it tried, without the
// repeated "connection to server at … failed:".
std::vector<std::string> connection_causes(std::string_view libpq_message);

// The SQLSTATE with which the server refused: "28P01"; "" when none was reached. It asks once more,
// because libpqxx gives the message alone, and that is in the server's language.
std::string refusal_of(const Conninfo& conninfo);

// "cannot connect to expenses_db at localhost:5432 as app: password authentication failed …".
Error connection_error(const Conninfo& conninfo, std::string_view libpq_message,
                       const std::string& sqlstate);

}  // namespace schemasync
