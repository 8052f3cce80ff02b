// Mistakes in models or config, as people read them: place, line, underline, hint. cli/ prints it
// on stderr. A password in a line that is shown is masked.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "text/error.hpp"

namespace schemasync {

// The line of the file that a mistake points at; nullopt: it cannot be shown.
using SourceLine = std::function<std::optional<std::string>(const Source&)>;

// Reads files as they are now; their names are relative to `folder`.
SourceLine lines_of_files(const std::filesystem::path& folder);

struct MistakesStyle {
  bool color = false;
  bool contacted = false;  // a database was asked: the last line does not say that none was
};

std::string mistakes_text(const std::vector<Mistake>& mistakes, int files_read,
                          const SourceLine& line_of, MistakesStyle style);

}  // namespace schemasync
