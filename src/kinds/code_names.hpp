// What running code calls an object that a change drops, renames or retypes: the words that are
// searched in the application's source. Kinds and renames put them into their changes.
#pragma once

#include <vector>

#include "kinds/context.hpp"

namespace schemasync {

// Of a relation, a column, a type, or a part with a name of its own. `gone` is named as in `from`;
// `renames` lead from the server's names to these.
std::vector<CodeName> code_names(const ObjectId& gone, const Schema& from, const Schema& to,
                                 const std::vector<Rename>& renames);
std::vector<CodeName> code_names(const ObjectId& gone, const Context& context);

// Labels of an enum. One that another enum has too counts only beside the enum, or a table with a
// column of it.
std::vector<CodeName> code_names_of_labels(const ObjectId& type,
                                           const std::vector<std::string>& labels,
                                           const Context& context);

}  // namespace schemasync
