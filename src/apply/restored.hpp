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

// `what`: "expense"; `file` and `backup` as the journal names files.
RestoreEntry entry_for_restore(Connection& db, const Journal& journal, const std::string& what,
                               const std::string& file, const std::optional<BackupRecord>& backup,
                               const ReadDefinitions& read);
// Behind its COMMIT: what the database is like now.
void finish_restore(Connection& db, const RestoreEntry& entry, const ReadDefinitions& read);

// Behind a restore that brought the journal, of a backup without drift: PostgreSQL may spell a
// restored expression in another way (varchar IN (…), seen), which is no drift.
void record_restored_state(Connection& db, const ReadDefinitions& read);

// A restored journal belongs to this database from now on, for the end of the restore.
Sql adopt_journal();

}  // namespace schemasync
