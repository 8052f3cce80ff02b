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

Step rename_label(const ObjectId& type, const std::string& before, const std::string& now);

}  // namespace schemasync
