// Collects the mistakes of one run: every reader of the user's files adds to it, and the command
// throws once, when all files were looked at. render/mistakes prints them.
#pragma once

#include <string>
#include <vector>

#include "text/error.hpp"
#include "toml/node.hpp"

namespace schemasync {

class Mistakes {
 public:
  void add(Source where, int length, std::string what, std::string hint = {});
  void add(const EntryKey& key, std::string what, std::string hint = {});
  void add(const Node& node, std::string what, std::string hint = {});

  // What another collector found, a file that was read apart.
  void take(Mistakes&& other);

  void count_file() { ++files_read_; }
  int files_read() const { return files_read_; }
  bool empty() const { return all_.empty(); }
  // By file and place, each once.
  std::vector<Mistake> sorted() const;
  // MistakesError (exit 1) when there is any.
  void throw_if_any() const;

 private:
  std::vector<Mistake> all_;
  int files_read_ = 0;
};

}  // namespace schemasync
