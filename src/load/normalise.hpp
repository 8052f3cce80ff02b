// Brings the models into the form in which they can be compared with the database: types resolved,
// names adopted, and every expression in PostgreSQL's own spelling. An expression whose text in the
// models is what the catalog says is asked of no server.
#pragma once

#include <vector>

#include "load/shadow.hpp"

namespace schemasync {

struct Normalising {
  ShadowServer& shadow;
  Connection* target;                  // nullptr between two folders of models
  const Schema& live_before;           // as the server has it
  const std::vector<Rename>& renames;  // from there to `live`
};

// `live` has followed its renames; the spelling of its expressions that they touch is asked, too.
// Throws MistakesError with the place of each expression that PostgreSQL refuses.
void normalise(Schema& wanted, Schema& live, const Normalising& by);

}  // namespace schemasync
