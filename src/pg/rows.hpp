// What a Rows holds: libpqxx' result. Only rows.cpp and connection.cpp see it.
#pragma once

#include <pqxx/result>
#include <pqxx/row>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"

namespace schemasync {

struct Rows::Body {
  explicit Body(pqxx::result of) : result(std::move(of)) {}
  pqxx::field cell(std::size_t row, std::size_t column);

  pqxx::result result;

 private:
  pqxx::row row_;  // the one that was read last: libpqxx takes longer to make it than to read it
  std::size_t at_ = static_cast<std::size_t>(-1);
};

// A one-dimensional array as PostgreSQL prints it: {a,"b c",NULL}, also with bounds: [0:1]={a,b}.
// NULL elements read as "".
std::vector<std::string> parse_array(std::string_view text);

}  // namespace schemasync
