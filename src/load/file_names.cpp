#include "load/file_names.hpp"

#include <algorithm>
#include <array>

#include "text/strings.hpp"

namespace schemasync {
namespace {

// Names that Windows keeps for devices.
constexpr std::array<std::string_view, 6> devices = {"aux", "con", "com1", "lpt1", "nul", "prn"};

// Letters of any language stay; what a file system or a shell may not like becomes "_".
std::string safe(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || static_cast<unsigned char>(c) >= 0x80U;
    out += stays ? c : '_';
  }
  const bool device = std::find(devices.begin(), devices.end(), lowercase(out)) != devices.end();
  return device ? out + "_" : out;
}

}  // namespace

FileNames::FileNames(const std::set<std::filesystem::path>& taken) {
  for (const std::filesystem::path& file : taken) take(file);
}

bool FileNames::is_free(const std::filesystem::path& file) const {
  return taken_.count(lowercase(file.generic_string())) == 0;
}

void FileNames::take(const std::filesystem::path& file) {
  taken_.insert(lowercase(file.generic_string()));
}

std::filesystem::path FileNames::plain(const std::string& schema, const std::string& name) {
  const std::filesystem::path file = safe(name) + ".toml";
  return schema.empty() || schema == "public" ? file : safe(schema) / file;
}

std::filesystem::path FileNames::claim(const std::string& schema, const std::string& name) {
  std::filesystem::path file = plain(schema, name);
  for (int n = 2; !is_free(file); ++n) file = plain(schema, name + "_" + std::to_string(n));
  take(file);
  return file;
}

}  // namespace schemasync
