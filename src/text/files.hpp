// A whole file as one text.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace schemasync {

// Its bytes as they are; nullopt: it cannot be opened or read, errno says why.
std::optional<std::string> read_file(const std::filesystem::path& file);

}  // namespace schemasync
