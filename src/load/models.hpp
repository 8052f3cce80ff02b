// A folder of model files as a Schema, with what they say of their scope and of names. Commands
// call it for every operand that is a folder. Refuses with all mistakes of all files at once.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kinds/schema_of.hpp"
#include "model/scope.hpp"

namespace schemasync {

struct Models {
  Schema schema;
  Scope scope;
  Naming naming;
  std::string hash;  // SHA-256 of what the files say; comments, blanks and layout do not count
  bool declares_renames = false;  // something in them has a renamed_from
  int files = 0;
  int tables = 0;
};

// Reads *.toml below `folder`, in the order of their names. `shown` stands for the folder in
// messages and places ("schemas"); the default is the folder as it is written. Throws
// MistakesError, or Error where the folder cannot be read. Types that neither PostgreSQL nor the
// models have keep their spelling until resolve_types knows the server's.
Models load_models(const std::filesystem::path& folder, const std::string& shown = {});

// What scope.toml says, where a folder's [scope] stands by custom. A guess: any file may hold it,
// and whether schema public is stated only its files together tell. Its mistakes are not said here.
Scope scope_by_custom(const std::filesystem::path& folder);

}  // namespace schemasync
