// Rows that are the same to a key that is to be made: counted, shown with the keys of their rows,
// and ways to repair them.
#pragma once

#include "kinds/index.hpp"
#include "kinds/key.hpp"
#include "model/change.hpp"

namespace schemasync {

struct Context;

// nullopt where it is not known before what the columns will hold, or there can be none.
std::optional<Check> no_duplicates(const Key& made, const Context& context);
std::optional<Check> no_duplicates(const Index& made, const Context& context);  // a unique one

}  // namespace schemasync
