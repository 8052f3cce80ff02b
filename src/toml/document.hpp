// One TOML file, parsed. load/ reads the model files through this, cli/ the config file. A file
// that is not TOML (or not UTF-8, or not readable) is one mistake, and its document is empty.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "toml/mistakes.hpp"
#include "toml/node.hpp"

namespace schemasync {

struct Document {
  Symbol file;       // as shown to the user
  std::string text;  // without a byte order mark
  Node root;
  bool parsed = false;  // false: a mistake was noted
};

Document parse_toml(Symbol file, std::string_view text, Mistakes& mistakes);

// Counts as a file read. `shown` is the path that messages name.
Document read_toml(const std::filesystem::path& path, std::string shown, Mistakes& mistakes);

// Where `part` of a string's text stands in the file; the string's own place when escapes hide it.
Source place_of(const Document& document, const Node& string, std::string_view part);

}  // namespace schemasync
