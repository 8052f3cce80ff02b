#include "unit/models_folder.hpp"

#include <stdlib.h>

#include <fstream>

using namespace schemasync;

ModelsFolder::ModelsFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "models-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw Error("no temporary folder");
  path_ = name;
}

ModelsFolder::~ModelsFolder() { std::filesystem::remove_all(path_); }

void ModelsFolder::add(const std::string& name, std::string_view text) {
  const std::filesystem::path file = path_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

Models ModelsFolder::load() const { return load_models(path_, "schemas"); }

std::vector<std::string> ModelsFolder::mistakes() const {
  std::vector<std::string> lines;
  try {
    load();
  } catch (const MistakesError& error) {
    for (const Mistake& one : error.mistakes())
      lines.push_back(one.where.to_text().substr(8) + " " + one.what +
                      (one.hint.empty() ? "" : " | " + one.hint));
  }
  return lines;
}
