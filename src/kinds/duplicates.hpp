// Rows that are the same to a key that is to be made: counted, shown with the keys of their rows,
// and ways to repair them.
#pragma once

#include "kinds/index.hpp"
#include "kinds/key.hpp"
#include "model/change.hpp"

namespace schemasync {

struct Context;

Check no_duplicates(const Key& made, const Context& context);
Check no_duplicates(const Index& made, const Context& context);  // a unique one

}  // namespace schemasync
