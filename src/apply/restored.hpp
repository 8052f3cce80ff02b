// A restore in the journal. A backup that does not hold the journal itself (single tables, another
// tool's file) changes the database behind its back, so it is a migration of its own: without
// steps, and without a way back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apply/journal.hpp"

namespace schemasync {

struct RestoreEntry {
  int number = 0;
  std::string id;  // "0007_restore_expense"
  Scope scope;
  std::vector<Sql> statements;  // for the restore's own transaction
};

struct Restored {
  std::string what;  // "expense"
  std::string file;  // as the journal names files, and so the backup that was taken before it
  std::optional<BackupRecord> backup;
  Scope scope_of_models;  // for a database without a journal
};

// Where there is no journal, it begins in the same transaction, with the state before the restore.
// Throws Error where the role may not make it.
RestoreEntry entry_for_restore(Connection& db, const Journal& journal, const Restored& restored,
                               const ReadDefinitions& read);
// Behind its COMMIT: what the database is like now.
void finish_restore(Connection& db, const RestoreEntry& entry, const ReadDefinitions& read);

// Behind a restore that brought the journal, of a backup without drift: PostgreSQL may spell a
// restored expression in another way (varchar IN (…), seen), which is no drift.
void record_restored_state(Connection& db, const ReadDefinitions& read);

// A restored journal belongs to this database from now on, for the end of the restore.
Sql adopt_journal();

}  // namespace schemasync
