// Passwords of connection strings in any text that people will see: an error repeats what it was
// given, and that may be a connection string in the wrong place. Rather hides too much than too
// little.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace schemasync {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;  // behind the last byte
};

// postgresql://user:PASSWORD@host, password=PASSWORD and sslpassword=PASSWORD; in order, apart.
std::vector<Span> passwords_in(std::string_view text);

// Each of them as "***".
std::string without_passwords(std::string_view text);

// As libpq takes one: postgresql://… or host=… dbname=…; or another driver's URL of PostgreSQL.
bool is_connection_string(std::string_view word);

}  // namespace schemasync
