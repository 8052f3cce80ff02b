// Rows that come back with their table, and whose parent went while they were away.
#pragma once

#include "kinds/context.hpp"

namespace schemasync {

// They follow the key's own ON DELETE: SET NULL and SET DEFAULT; with any other they are taken out
// of the table, and stay in the archive. Before the key is made again. `away`: the table's archive;
// `has_all`: it still has all rows, and is marked where some do not come back.
Step follow_on_delete(const ForeignKey& key, const QualifiedName& away, bool has_all);
// Can columns that come back with their kept values follow it, too? Where all that it sets is in an
// archive still.
bool lets_go_of_copies(const ForeignKey& key, const Context& context);

// Of a table that comes back on the way down, while it is in its archive still: those of its rows
// that will not be taken out as orphans of its own keys.
Sql rows_that_return(const ObjectId& table, const Context& context);

// The same for all keys in cycles among the tables that come back, in one step: what one takes out
// may be what another one points at. It belongs to one of these keys, the first one that is made
// and the last one that goes. nullopt where no table comes back with rows.
// `schema`: the side that has the keys; `late` holds at least one of it.
ObjectId first_in_cycles(const std::set<ObjectId>& late, const Schema& schema);
std::optional<Step> follow_on_delete_in_cycles(const Context& context);

}  // namespace schemasync
