// What of the models only a newer server has. A kind that can hold such a thing says so of an
// object with newest(); cli/ asks for all of them before anything is planned for that server.
#pragma once

#include <vector>

#include "kinds/schema_of.hpp"
#include "text/error.hpp"

namespace schemasync {

// A mistake for each object with something that the server's major version does not have yet.
std::vector<Mistake> beyond_server(const Schema& models, int major);

}  // namespace schemasync
