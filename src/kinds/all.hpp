// The list of kinds, in the order in which a database is read and written: what others need comes
// first. Adding a kind is its pair of files, its line here, and its line in src/meson.build.
#pragma once

#include "kinds/check.hpp"
#include "kinds/column.hpp"
#include "kinds/enum.hpp"
#include "kinds/foreign_key.hpp"
#include "kinds/index.hpp"
#include "kinds/key.hpp"
#include "kinds/namespace.hpp"
#include "kinds/sequence.hpp"
#include "kinds/table.hpp"
#include "kinds/view.hpp"

namespace schemasync {

template <class... K>
struct KindList {};

using AllKinds = KindList<Namespace, Enum, Table, Column, Sequence, Key, CheckConstraint, Index,
                          ForeignKey, View>;

}  // namespace schemasync
