// The storage parameters of PostgreSQL's own index access methods. What the method of an extension
// knows is left to the server.
#pragma once

#include <optional>
#include <string>

namespace schemasync {

struct WrongParameter {
  std::string what;  // "fillfactor is 5"
  std::string hint;  // may be ""
};

// nullopt: `method` takes it, or is none of PostgreSQL's.
std::optional<WrongParameter> wrong_storage_parameter(const std::string& method,
                                                      const std::string& name,
                                                      const std::string& value);

}  // namespace schemasync
