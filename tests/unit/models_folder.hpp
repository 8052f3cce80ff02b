// A folder of model files for one test: made under the system's temporary folder, gone with it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "load/models.hpp"

class ModelsFolder {
 public:
  ModelsFolder();
  explicit ModelsFolder(std::string_view file) : ModelsFolder() { add("a.toml", file); }
  ~ModelsFolder();
  ModelsFolder(const ModelsFolder&) = delete;
  ModelsFolder& operator=(const ModelsFolder&) = delete;

  void add(const std::string& name, std::string_view text);
  const std::filesystem::path& path() const { return path_; }
  // Places are named "schemas/a.toml".
  schemasync::Models load() const;
  // "a.toml:2:5 what | hint", in the order in which they are shown; {} where there is none.
  std::vector<std::string> mistakes() const;

 private:
  std::filesystem::path path_;
};
