// What `pull` writes: the objects of a database as model files. Knows no kind: each says what it
// looks like in a file (kinds/model_writing.hpp) and whether files of its own or one for all hold
// it. Files whose objects are as the database has them are not touched.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "load/models.hpp"

namespace schemasync {

// A folder of models, and what stands in it.
struct ModelFolder {
  std::filesystem::path path;
  std::string shown;  // as load_models was told
  Models models;      // normalised against the database
};

struct FileChange {
  enum class Fate { created, changed, deleted };
  Fate fate = Fate::created;
  std::filesystem::path path;        // below the folder
  std::string text;                  // "" of a deleted one
  std::vector<std::string> objects;  // "+ table user", "~ column user.email", "- enum mood"
  bool loses_comments = false;       // the file had comments, which a new text does not have
};

// The changes that make the folder describe `live`, by path. What the models say of intent (using,
// backfill, renamed_from, class) stays. `owner`: the role that an absent owner means. Roles of
// `live` have their names of the models.
std::vector<FileChange> files_to_write(const Schema& live, const ModelFolder& folder,
                                       const std::string& owner);

// The files of a folder that holds nothing yet, scope.toml among them unless the scope is stated.
std::map<std::filesystem::path, std::string> files_for(const Schema& live, const Scope& scope,
                                                       const Naming& naming,
                                                       const std::string& owner = {});

// The scope that pull writes where none stands: every aspect that is read.
Scope scope_of_pull(const Scope& scope);

}  // namespace schemasync
