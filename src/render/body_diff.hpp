// Unified diffs of longer texts, drawn by dtl: the body of a view as it is and as it will be.
// The plan's text shows them below the change; text of one line is left to Change::diff.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/object_id.hpp"

namespace schemasync {

// Hunks with three lines of context, "" where both are equal. No file header lines.
std::string definition_diff(std::string_view old_text, std::string_view new_text);

// The diff of each attribute of `object` that has a text of several lines on either side, by the
// canonical definitions of both. Empty when the object is not on both sides.
std::vector<std::string> body_diffs(const Definitions& from, const Definitions& to,
                                    const ObjectId& object);

}  // namespace schemasync
