// Where an application's source names what a plan takes away or alters. Each file is read once,
// whatever the number of names: linear in the size of the source. Binary files (a NUL byte) and
// files above 1 MiB are passed over. Knows names and the words that they count beside, no kinds.
#pragma once

#include <filesystem>
#include <vector>

#include "model/plan.hpp"

namespace schemasync {

struct CodeToSearch {
  std::vector<std::filesystem::path> roots;  // folders or files, absolute
  std::filesystem::path leave_out;           // the models, which name everything
  std::filesystem::path current;             // what shown paths are relative to
};

struct CodeFound {
  CodeSearch search;
  std::vector<std::vector<CodeUse>> uses;  // parallel to the changes; only names that were found
};

CodeFound search_code(const CodeToSearch& where, const std::vector<Change>& changes);

}  // namespace schemasync
