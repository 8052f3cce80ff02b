// The text files of an application's source: those that git tracks below a folder, or, where there
// is no git work tree, all but hidden ones and what package managers and builds leave. Reads the
// index alone: runs no program and no hook.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace schemasync {

struct SourceFiles {
  std::vector<std::filesystem::path> files;  // absolute, sorted, each once
  std::vector<std::string> notes;            // what a reader should know of how they were found
};

// `roots`: folders or files, absolute. Files below `leave_out` are not among them. `current` is
// what the notes' paths are relative to.
SourceFiles source_files(const std::vector<std::filesystem::path>& roots,
                         const std::filesystem::path& leave_out,
                         const std::filesystem::path& current);

// Relative to `current`, however far: "../app/models.py".
std::string shown_from(const std::filesystem::path& path, const std::filesystem::path& current);

}  // namespace schemasync
