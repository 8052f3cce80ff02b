// Names for new model files: one file for each object of a schema's folder, safe on every file
// system and told apart where upper and lower case are not. write_models calls it.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace schemasync {

class FileNames {
 public:
  // What is there already, below the models' folder.
  explicit FileNames(const std::set<std::filesystem::path>& taken);

  // "user.toml", "app/Order_Lines.toml", "user_2.toml". `schema`: "" and public have no folder.
  std::filesystem::path claim(const std::string& schema, const std::string& name);
  // The file that gathers objects of a kind; the same one for the same words.
  static std::filesystem::path plain(const std::string& schema, const std::string& name);
  bool is_free(const std::filesystem::path& file) const;
  void take(const std::filesystem::path& file);

 private:
  std::set<std::string> taken_;  // in lower case
};

}  // namespace schemasync
