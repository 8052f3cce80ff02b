// A table that was moved away gives up what stands on an enum when the enum goes
// (archives_to_text() in enum.cpp): its columns are text from then on, and it has neither the
// defaults, checks and indexes nor the computed columns. All of them are made again when it is
// back.
#pragma once

#include "kinds/context.hpp"

namespace schemasync {

// May it be gone from a table that comes back? Its index is found under its kept name only if not.
bool may_be_given_up(const Index& index, const Schema& schema);

// Behind the table's return under its own name.
std::vector<Step> made_again_of_enums(const Table& table, const Schema& schema);

}  // namespace schemasync
