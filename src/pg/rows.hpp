// What a Rows holds: libpqxx' result. Only rows.cpp and connection.cpp see it.
#pragma once

#include <pqxx/result>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"

namespace schemasync {

struct Rows::Body {
  pqxx::result result;
};

// A one-dimensional array as PostgreSQL prints it: {a,"b c",NULL}, also with bounds: [0:1]={a,b}.
// NULL elements read as "".
std::vector<std::string> parse_array(std::string_view text);

}  // namespace schemasync
