// Labels that the models rename, for what stands between a type's old labels and its new ones.
#pragma once

#include <map>
#include <string>

#include "kinds/context.hpp"
#include "kinds/enum.hpp"

namespace schemasync {

using LabelRenames = std::map<std::string, std::string>;  // new label -> old label

// Of this pair of schemas, whichever way it goes: what the way up renames, or that turned around.
LabelRenames label_renames(const Enum& from, const Enum& to, const Context& context);

// SQL that names a label, or an enum, which the migration itself makes cannot be asked before it:
// the check becomes a warning that says so. `texts`: all the SQL of what stands on `uses`.
void ask_if_labels_are_there(Check& check, const std::vector<ObjectId>& uses,
                             const std::vector<SqlText>& texts, const Context& context);

Step rename_label(const ObjectId& type, const std::string& before, const std::string& now);

}  // namespace schemasync
