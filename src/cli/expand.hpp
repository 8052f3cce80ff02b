// ${VAR} and ${VAR:-default} in the strings of schemasync.toml. config.cpp expands the env in use
// alone. An unset variable, or a ${ that is none, is a mistake at its place in the string.
#pragma once

#include <optional>
#include <string>

#include "cli/config.hpp"
#include "toml/section.hpp"

namespace schemasync {

bool has_variable(const std::string& text);

// nullopt: a mistake was noted. As in a shell, the default stands for an empty value too.
std::optional<std::string> expand(const Document& document, const Text& text,
                                  const Environment& environment, Mistakes& mistakes);

}  // namespace schemasync
